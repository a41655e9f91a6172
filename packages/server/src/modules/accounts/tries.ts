/** Guesses at what proves who someone is, beside the password of a sign-in. */
import type { Core } from './core.ts';

/**
 * Resolves to what `attempt` does. Counts as a failed try at this account, from this address and from anywhere, before it
 * runs, so that tries at the same time all count, and no longer when it answers something.
 * @throws ProtocolError too_many_requests after too many failures
 */
export async function countTries<T>(
  { limiter }: Pick<Core, 'limiter'>,
  userId: string,
  ip: string,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const here = `${userId} ${ip}`;
  await Promise.all([limiter.take('sign_in_account', userId), limiter.take('sign_in', here)]);
  const result = await attempt();
  if (result !== undefined) {
    await Promise.all([limiter.giveBack('sign_in_account', userId), limiter.reset('sign_in', here)]);
  }
  return result;
}
