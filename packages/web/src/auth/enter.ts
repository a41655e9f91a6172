/** Coming in, by whichever way. */
import type { WayIn, WayInBody } from '@confab/sdk';
import { arrived } from '../app/session.ts';
import { client } from '../lib/client.ts';

/**
 * Answers null when the person is in, or the challenge when a second factor is asked for.
 * @throws ConfabError as the way in answers
 */
export async function enter<N extends WayIn>(name: N, body: WayInBody<N>): Promise<string | null> {
  const entered = await client.enter(name, body);
  if ('secondFactor' in entered) return entered.secondFactor.challenge;
  arrived();
  return null;
}
