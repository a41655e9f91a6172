/** What the ways in have to say. */
import type { SessionEnd } from '@confab/sdk';

export const BROKEN_LINK = 'This link is incomplete, has expired or was used before.';

export const lookIntoMail = (email: string) => `Look into your mail: a link to confirm ${email} is on its way.`;

const ENDS: Record<SessionEnd, string> = {
  signed_out: 'You have signed out.',
  revoked: 'Your session was ended. Sign in again.',
  banned: 'This account has been banned.',
  disabled: 'This account has been closed.',
  replaced: 'Someone else has signed in in this browser.',
  expired: 'Your session has ended. Sign in again.',
};

/** Why one is no longer signed in. */
export const endWords = (end: SessionEnd): string => ENDS[end];

const REFUSALS: Readonly<Record<string, string>> = {
  access_denied: 'You did not allow the sign-in there.',
  account_banned: 'This account is banned.',
  account_disabled: 'This account has been disabled.',
  identity_taken: 'That account is linked to someone else here.',
  invalid_link: 'This sign-in has expired or was used before. Try again.',
  limit_reached: 'You have linked an account of that kind already: unlink it first.',
  provider_refused: 'The other service did not confirm who you are. Try again, or choose another way.',
  not_enabled: 'That way in is not switched on here.',
  too_many_requests: 'That was too often. Try again in a while.',
  unavailable: 'The other service does not answer. Try again in a while.',
};

/** Why signing in with an account elsewhere did not work. Whatever a link says is never shown as it is. */
export function refusalWords(code: string): string {
  return REFUSALS[code] ?? 'Signing in there did not work. Try again, or choose another way.';
}
