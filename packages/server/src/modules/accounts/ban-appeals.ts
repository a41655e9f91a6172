import { ProtocolError } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import { deriveKey, open, seal } from './secrets.ts';
import type { Standing } from './user-rows.ts';

const LIFETIME_MS = 86_400_000;
const CONTEXT = 'ban-appeal';

/**
 * Says who appeals, for people who are banned and so have no session: given with the refusal to whoever proved who they are.
 * Good for a day, and for nothing else. Nothing is stored: that there is one appeal only is the appeal's own part.
 */
export interface BanAppeals {
  /**
   * Keeps out whoever is banned now, and proved who they are.
   * @throws ProtocolError account_banned, since when, until when and why, with the token
   */
  refuse(userId: string, standing: Pick<Standing, 'bannedAt' | 'bannedUntil' | 'banReason'>): void;
  /** Whose it is; undefined when it is none or has expired. */
  appellant(token: string): string | undefined;
}

export function createBanAppeals(master: Buffer, clock: Clock): BanAppeals {
  const key = deriveKey(master, 'ban-appeals');
  return {
    refuse(userId, { bannedAt, bannedUntil, banReason }) {
      const now = clock.now();
      if (bannedAt === null || (bannedUntil !== null && bannedUntil <= now)) return;
      const appeal = seal(key, `${now + LIFETIME_MS}.${userId}`, CONTEXT).toString('base64url');
      const ban = { since: bannedAt, until: bannedUntil, reason: banReason ?? '', appeal };
      throw new ProtocolError('account_banned', { ban });
    },
    appellant(token) {
      const [expiresAt, userId] = open(key, Buffer.from(token, 'base64url'), CONTEXT)?.split('.') ?? [];
      return Number(expiresAt) > clock.now() ? userId : undefined;
    },
  };
}
