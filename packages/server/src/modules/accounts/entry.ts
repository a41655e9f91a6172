/** The one door: whoever proved who they are, by whichever way in, comes in here or not at all. */
import { ProtocolError } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { AddressBans } from './address-bans.ts';
import type { Audit } from './audit.ts';
import type { BanAppeals } from './ban-appeals.ts';
import type { Challenges } from './challenges.ts';
import { reindex } from './people.ts';
import type { Client, Method, Sessions, StartedSession } from './sessions.ts';
import * as rows from './user-rows.ts';

/** Seconds. */
export const SECOND_FACTOR_S = 10 * 60;

export type Entered = StartedSession | { secondFactor: string };

export interface Entry {
  /**
   * Starts a session for someone who has proven who they are, in the transaction that used up the proof. With a second
   * factor switched on, and `factors` only one, there is no session but a challenge for it. An account its owner closed
   * opens again.
   * @throws ProtocolError account_disabled; account_banned with a token to appeal with; address_banned
   */
  enter(tx: Queryable, userId: string, proof: { method: Method; factors: 1 | 2 }, client: Client): Promise<Entered>;
}

export interface EntryOptions {
  clock: Clock;
  audit: Audit;
  challenges: Challenges;
  sessions: Sessions;
  addressBans: AddressBans;
  banAppeals: BanAppeals;
}

export function createEntry({ clock, audit, challenges, sessions, addressBans, banAppeals }: EntryOptions): Entry {
  return {
    async enter(tx, userId, { method, factors }, client) {
      const standing = await rows.lockStanding(tx, userId);
      const now = clock.now();
      if (standing === undefined || standing.state === 'disabled' || standing.state === 'deleted') {
        throw new ProtocolError('account_disabled');
      }
      const { guestUntil } = standing;
      if (guestUntil !== null && guestUntil <= now) throw new ProtocolError('account_disabled');
      if (standing.hasTotp && factors < 2) {
        const data = { method };
        return {
          secondFactor: await challenges.issue(tx, {
            purpose: 'second_factor',
            userId,
            data,
            lifetime: SECOND_FACTOR_S,
          }),
        };
      }
      banAppeals.refuse(userId, standing);
      await addressBans.refuse(tx, client.ip);
      if (standing.state === 'deactivated') {
        await rows.setState(tx, userId, 'active', now);
        await reindex(tx, userId);
      }
      const details = { method, factors };
      await audit.record(tx, {
        action: 'sign_in.succeeded',
        actorId: userId,
        targetId: userId,
        ip: client.ip,
        details,
      });
      return sessions.start(tx, userId, method, client, guestUntil);
    },
  };
}
