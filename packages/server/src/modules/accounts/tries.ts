/** Guesses at what proves who someone is. */
import { errors } from '@confab/protocol';
import { addressKey } from '../../platform/addresses.ts';
import { toProtocolError } from '../../platform/errors.ts';
import type { Core } from './core.ts';

/**
 * Resolves to what `attempt` does. Counts as a failed try at this account from this address, from this address at all, and
 * at this account from anywhere, before it runs, so that tries at the same time all count; and no longer when it answers
 * something, or when the server could not look at it. A success also forgets the failures at this account from this address.
 * @param account whom the guess is about, existing or not: unknown ones are limited alike
 * @throws ProtocolError too_many_requests after too many failures; the guess then is not looked at
 */
export async function countTries<T>(
  { limiter }: Pick<Core, 'limiter'>,
  account: string,
  ip: string,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const address = addressKey(ip);
  const here = `${account} ${address}`;
  // The narrow one first: whoever is refused by it uses up nothing of what others have left.
  await limiter.take('sign_in', here);
  await limiter.take('sign_in_address', address);
  await limiter.take('sign_in_account', account);
  const giveBack = () =>
    Promise.all([limiter.giveBack('sign_in_address', address), limiter.giveBack('sign_in_account', account)]);
  let result: T | undefined;
  try {
    result = await attempt();
  } catch (error) {
    if (errors[toProtocolError(error).code].status >= 500) {
      await Promise.all([giveBack(), limiter.giveBack('sign_in', here)]);
    }
    throw error;
  }
  if (result !== undefined) await Promise.all([giveBack(), limiter.reset('sign_in', here)]);
  return result;
}
