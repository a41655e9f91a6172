/** What the command line does to accounts. Whoever may start the program may do anything: no role is asked for. */
import {
  badInput,
  Email,
  type ModerationAction,
  Password,
  PersonName,
  ProtocolError,
  Role,
  type Session,
  Username,
} from '@confab/protocol';
import { z } from 'zod';
import type { Queryable } from '../../platform/db/index.ts';
import { parseInput } from '../../platform/errors.ts';
import { setRole } from './administration-rows.ts';
import type { Core } from './core.ts';
import { BEGUN } from './email-addresses.ts';
import { demandOtherOwner, hasOwner, lockOwners } from './owners.ts';
import { indexPerson } from './people.ts';
import { liveSessions } from './session-list.ts';
import * as rows from './user-rows.ts';
import { demandFreeName } from './usernames.ts';

/** Seconds a link to set a new password works. */
const RESET_LINK_S = 3600;

const NewAdmin = z.strictObject({ email: Email, username: Username, name: PersonName.optional(), password: Password });

/**
 * Each is done in a transaction of its own, in the audit log without an actor (offices given and sessions ended also in the
 * trail of moderation), and holds on running nodes within 5 s; at
 * once where they share a bus with this one.
 * @throws ProtocolError not_found where nobody has the username, bad_input
 */
export interface Commands {
  /**
   * Makes an account whose address counts as proven: the owner where there is none yet, an admin otherwise.
   * @throws ProtocolError username_taken (or reserved)
   */
  createAdmin(input: z.input<typeof NewAdmin>): Promise<{ role: Role }>;
  /** @throws ProtocolError last_owner; forbidden for a guest, who becomes a member by upgrading, and to make one of anyone */
  grantRole(username: string, role: string): Promise<void>;
  /**
   * A link that sets a new password, once, within an hour. One before it stops working.
   * @throws ProtocolError bad_input for someone without a proven address: using the link proves it
   */
  resetLink(username: string): Promise<string>;
  /** Sets a password and ends all sessions and API tokens. */
  setPassword(username: string, password: string): Promise<void>;
  /** Those that live, the latest use first. */
  sessions(username: string): Promise<Session[]>;
  /** Ends all sessions and API tokens; answers how many there were. */
  endSessions(username: string): Promise<number>;
}

export function createCommands(core: Core): Commands {
  const { db, clock, ids, audit, trail, challenges, passwords, sessions, config } = core;

  async function personOf(within: Queryable, username: string): Promise<rows.Login> {
    const person = await rows.userByUsername(within, username.toLowerCase());
    const standing = person && (await rows.lockStanding(within, person.id));
    if (person === undefined || standing === undefined || standing.state === 'deleted') {
      throw new ProtocolError('not_found');
    }
    return person;
  }

  /** What is also for those who look into moderation. */
  async function record(tx: Queryable, action: ModerationAction, targetId: string, details: Record<string, unknown>) {
    await audit.record(tx, { action, targetId, details });
    await trail.record(tx, { action, actorId: null, targetId, details });
  }

  return {
    async createAdmin(input) {
      const { email, username, name = username, password } = parseInput(NewAdmin, input);
      demandFreeName(username);
      passwords.demandUncommon(password, [username, email]);
      const passwordHash = await passwords.hash(password);
      return db.transaction(async (tx) => {
        await lockOwners(tx);
        const role = (await hasOwner(tx)) ? ('admin' as const) : ('owner' as const);
        const user = { id: ids.uuid(), username, name, role };
        const createdAt = clock.now();
        const account = { ...user, email: null, emailVerified: false, passwordHash, guestUntil: null, createdAt };
        if (!(await rows.insertUser(tx, account))) throw new ProtocolError('username_taken');
        if (!(await rows.proveEmail(tx, user.id, email, createdAt))) {
          throw badInput('email', 'belongs to another account');
        }
        await indexPerson(tx, user);
        await record(tx, 'account.created', user.id, { role });
        return { role };
      });
    },

    async grantRole(username, given) {
      const { role } = parseInput(z.object({ role: Role }), { role: given });
      const changed = await db.transaction(async (tx) => {
        await lockOwners(tx);
        const { id } = await personOf(tx, username);
        const standing = await rows.lockStanding(tx, id);
        if (standing === undefined || standing.role === 'guest' || role === 'guest') {
          throw new ProtocolError('forbidden');
        }
        if (standing.role === role) return undefined;
        if (role !== 'owner') await demandOtherOwner(tx, id);
        await setRole(tx, id, role, clock.now());
        await record(tx, 'role.changed', id, { from: standing.role, to: role });
        return id;
      });
      if (changed !== undefined) core.roleChanged(changed);
    },

    async resetLink(username) {
      return db.transaction(async (tx) => {
        const { id: userId, email, emailVerified } = await personOf(tx, username);
        if (email === null || !emailVerified) {
          throw badInput('username', 'is of somebody without a proven address: give them a password instead');
        }
        await challenges.cancel(tx, userId, ['password_reset']);
        const data = { email };
        const token = await challenges.issue(tx, { purpose: 'password_reset', userId, data, lifetime: RESET_LINK_S });
        await audit.record(tx, { action: 'password.reset_asked', targetId: userId });
        return `${config.baseUrl()}/reset-password#token=${token}`;
      });
    },

    async setPassword(username, password) {
      parseInput(z.object({ password: Password }), { password });
      const { email } = await db.transaction((tx) => personOf(tx, username));
      passwords.demandUncommon(password, [username, email]);
      const hash = await passwords.hash(password);
      const ended = await db.transaction(async (tx) => {
        const { id } = await personOf(tx, username);
        await rows.setPasswordHash(tx, id, hash, clock.now());
        await challenges.cancel(tx, id, BEGUN);
        await audit.record(tx, { action: 'password.reset', targetId: id });
        return sessions.endAll(tx, id, 'password_changed');
      });
      sessions.announce(ended);
    },

    async sessions(username) {
      const { id } = await db.transaction((tx) => personOf(tx, username));
      return liveSessions(core, { userId: id, sessionId: null });
    },

    async endSessions(username) {
      const ended = await db.transaction(async (tx) => {
        const { id } = await personOf(tx, username);
        const those = await sessions.endAll(tx, id, 'revoked');
        await record(tx, 'account.signed_out', id, { sessions: those.sessionIds.length });
        return those;
      });
      sessions.announce(ended);
      return ended.sessionIds.length;
    },
  };
}
