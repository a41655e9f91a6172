import type { Clock } from '../../platform/clock.ts';
import { deriveKey, open, seal } from './secrets.ts';

const LIFETIME_MS = 86_400_000;
const CONTEXT = 'ban-appeal';

/**
 * Says who appeals, for people who are banned and so have no session: given with the refusal to whoever proved who they are.
 * Good for a day, and for nothing else. Nothing is stored: that there is one appeal only is the appeal's own part.
 */
export interface BanAppeals {
  token(userId: string): string;
  /** Whose it is; undefined when it is none or has expired. */
  appellant(token: string): string | undefined;
}

export function createBanAppeals(master: Buffer, clock: Clock): BanAppeals {
  const key = deriveKey(master, 'ban-appeals');
  return {
    token: (userId) => seal(key, `${clock.now() + LIFETIME_MS}.${userId}`, CONTEXT).toString('base64url'),
    appellant(token) {
      const [expiresAt, userId] = open(key, Buffer.from(token, 'base64url'), CONTEXT)?.split('.') ?? [];
      return Number(expiresAt) > clock.now() ? userId : undefined;
    },
  };
}
