/** What those who run the place do to accounts of others. */
import {
  type Account,
  badInput,
  isAtLeast,
  type ModerationAction,
  ProtocolError,
  ranksAbove,
  type Role,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import * as rows from './administration-rows.ts';
import type { BesideBan, BesideUnban } from './contracts.ts';
import type { Core } from './core.ts';
import { demandOtherOwner, lockOwners } from './owners.ts';
import { reindex } from './people.ts';
import { demandNotFromAbove, demandRank, mayBan } from './ranks.ts';
import type { Ended } from './sessions.ts';
import { lockStanding, setState, type Standing } from './user-rows.ts';

/** Who does it, to whom, from where. */
export interface Deed {
  actor: Actor;
  userId: string;
  ip: string;
}

/**
 * Each is done in a transaction in which roles and states of both people hold still, so that of two who act on each other
 * at once one is refused; it is in the audit log, and in the trail of moderation, exactly if it changed something. Sessions
 * it ended are cut at once, and of whoever is shut out nothing is stored in rooms after it resolved, where it was begun on this
 * node.
 * @throws ProtocolError not_found; forbidden unless the actor ranks above the other; session_ended
 */
export interface Administration {
  /**
   * Owners change that of owners as well, and everybody may give up their own.
   * @throws ProtocolError also forbidden for a role not below one’s own, but by owners, and for guests; last_owner
   */
  setRole(deed: Deed, role: Role): Promise<Account>;
  /**
   * Replaces an earlier ban, where `beside` lets it. Also for moderators, for 7 days at most.
   * @throws ProtocolError also bad_input for a time that is over
   */
  ban(deed: Deed, ban: { reason: string; until: number | null }, beside: BesideBan): Promise<Account>;
  /** Also for moderators, where `beside` lets them. */
  unban(deed: Deed, beside: BesideUnban): Promise<Account>;
  disable(deed: Deed, reason: string): Promise<Account>;
  /** @throws ProtocolError also forbidden where it was disabled by somebody above the actor */
  enable(deed: Deed): Promise<Account>;
  signOut(deed: Deed): Promise<Account>;
}

interface Done {
  /** Absent: nothing that is for the audit log. Bans stand in the trail as sanctions, which are recorded beside. */
  action?: ModerationAction | 'account.banned' | 'account.unbanned';
  reason?: string;
  details?: Record<string, unknown>;
  ended?: Ended;
  after?: () => void;
}

export function createAdministration(core: Core): Administration {
  const { db, clock, audit, trail, sessions } = core;

  /** @param change null when all is as it should be */
  async function act(
    { actor, userId, ip }: Deed,
    on: 'those below' | 'whom a role is given',
    change: (tx: Queryable, target: Standing, own: Role) => Promise<Done | null>,
    least: Role = 'admin',
  ): Promise<{ account: Account; changed: boolean }> {
    const { done, account } = await db.transaction(async (tx) => {
      await lockOwners(tx);
      await sessions.demandLive(tx, actor);
      const own = await lockStanding(tx, actor.userId);
      if (own === undefined || !isAtLeast(own.role, least) || !canAct(own, clock.now())) {
        throw new ProtocolError('forbidden');
      }
      const target = actor.userId === userId ? own : await lockStanding(tx, userId);
      if (target === undefined || target.state === 'deleted') throw new ProtocolError('not_found');
      if (on === 'those below') demandRank({ id: actor.userId, role: own.role }, { id: userId, role: target.role });
      else if (!ranksAbove(own.role, target.role)) throw new ProtocolError('forbidden');
      const done = await change(tx, target, own.role);
      if (done?.action !== undefined) {
        const { action, reason, details = {} } = done;
        const entry = { actorId: actor.userId, targetId: userId };
        const audited = reason === undefined ? details : { reason, ...details };
        await audit.record(tx, { action, ...entry, ip, details: audited });
        if (action !== 'account.banned' && action !== 'account.unbanned') {
          await trail.record(tx, { action, ...entry, reason: reason ?? null, details });
        }
      }
      const account = await rows.account(tx, userId);
      if (account === undefined) throw new ProtocolError('not_found');
      return { done, account };
    });
    done?.after?.();
    if (done?.ended !== undefined) sessions.announce(done.ended);
    return { account, changed: done !== null };
  }

  return {
    async setRole(deed, role) {
      const { account, changed } = await act(deed, 'whom a role is given', async (tx, target, own) => {
        if (!ranksAbove(own, role) || target.role === 'guest') throw new ProtocolError('forbidden');
        if (target.role === role) return null;
        if (role !== 'owner') await demandOtherOwner(tx, deed.userId);
        await rows.setRole(tx, deed.userId, role, clock.now());
        return { action: 'role.changed', details: { from: target.role, to: role } };
      });
      if (changed) core.roleChanged(deed.userId);
      return account;
    },

    async ban(deed, ban, beside) {
      const now = clock.now();
      if (ban.until !== null && ban.until <= now) throw badInput('until', 'must be in the future');
      const change = async (tx: Queryable, _target: Standing, own: Role): Promise<Done> => {
        if (!mayBan(own, now, ban.until)) {
          throw new ProtocolError('forbidden', {
            fields: [{ field: 'until', problem: 'may be at most 7 days ahead: only admins ban for longer' }],
          });
        }
        await rows.setBan(tx, deed.userId, ban, now);
        const ended = await sessions.endAll(tx, deed.userId, 'banned');
        return { action: 'account.banned', details: ban, ended, after: await beside(tx, own) };
      };
      const { account } = await act(deed, 'those below', change, 'moderator');
      await core.shutOut(deed.userId);
      return account;
    },

    async unban(deed, beside) {
      const change = async (tx: Queryable, { bannedAt }: Standing, own: Role): Promise<Done | null> => {
        const { ends, after } = await beside(tx, own);
        if (!ends || bannedAt === null) return { after };
        await rows.setBan(tx, deed.userId, null, clock.now());
        return { action: 'account.unbanned', after };
      };
      return (await act(deed, 'those below', change, 'moderator')).account;
    },

    async disable(deed, reason) {
      const { account } = await act(deed, 'those below', async (tx, { state }) => {
        if (state === 'disabled') return null;
        await setState(tx, deed.userId, 'disabled', clock.now());
        await reindex(tx, deed.userId);
        const ended = await sessions.endAll(tx, deed.userId, 'disabled');
        return { action: 'account.disabled', reason, ended };
      });
      await core.shutOut(deed.userId);
      return account;
    },

    async enable(deed) {
      const { account } = await act(deed, 'those below', async (tx, { state }, own) => {
        if (state !== 'disabled') return null;
        demandNotFromAbove(own, await rows.disabledBy(tx, deed.userId));
        await setState(tx, deed.userId, 'active', clock.now());
        await reindex(tx, deed.userId);
        return { action: 'account.enabled' };
      });
      return account;
    },

    async signOut(deed) {
      const { account } = await act(deed, 'those below', async (tx) => {
        const ended = await sessions.endAll(tx, deed.userId, 'revoked');
        return { action: 'account.signed_out', details: { sessions: ended.sessionIds.length }, ended };
      });
      return account;
    },
  };
}

function canAct({ state, bannedAt, bannedUntil }: Standing, now: number): boolean {
  return state === 'active' && (bannedAt === null || (bannedUntil !== null && bannedUntil <= now));
}
