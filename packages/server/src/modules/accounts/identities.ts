/** Whom an account elsewhere signs in here: known people, new ones, and those who link one to the account they have. */
import { PersonName, ProtocolError } from '@confab/protocol';
import { addressKey } from '../../platform/addresses.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import type { Entered } from './entry.ts';
import * as rows from './identity-rows.ts';
import type { Stranger } from './oauth-peer.ts';
import { indexPerson } from './people.ts';
import type { Client, StartedSession } from './sessions.ts';
import * as users from './user-rows.ts';
import { demandFreeName } from './usernames.ts';
import { demandAnotherWayIn } from './ways-left.ts';

/** Seconds. */
export const TICKET_S = 15 * 60;

/** A stranger whom one of the providers vouched for. */
export interface Vouched extends Stranger {
  provider: string;
}

export interface Identities {
  /**
   * Lets in whose identity it is. An unknown one is linked to the account that its address is proven to be of, on both
   * sides; otherwise a ticket to create an account with is the answer.
   * @throws ProtocolError account_disabled, account_banned; limit_reached when that account has another one there
   */
  enter(vouched: Vouched, client: Client): Promise<Entered | { ticket: string }>;
  /**
   * Creates the account a ticket stands for, and its first session: all or nothing. A ticket works once.
   * @throws ProtocolError invalid_link, username_taken, text_rejected, identity_taken, too_many_requests
   */
  complete(ticket: string, username: string, name: string | undefined, client: Client): Promise<StartedSession>;
  /**
   * Links it to the person, while the session that began it lives. Linking what is linked to them already changes nothing.
   * @throws ProtocolError session_ended, identity_taken; limit_reached when they have another one there
   */
  link(userId: string, sessionId: string, vouched: Vouched, client: Client): Promise<void>;
  /** @throws ProtocolError not_found, last_way_in */
  unlink(userId: string, provider: string, client: Client): Promise<void>;
}

export function createIdentities(core: Core): Identities {
  const { db, clock, ids, limiter, audit, challenges, letters, sessions, entry, demandWording } = core;

  async function insert(tx: Queryable, userId: string, { provider, subject, email, name }: Vouched): Promise<boolean> {
    return rows.insertIdentity(tx, { provider, subject, userId, name: email ?? name, createdAt: clock.now() });
  }

  /** What they are called elsewhere, unless it may not be a name here. */
  async function nameElsewhere(tx: Queryable, { name: elsewhere }: Vouched): Promise<string | undefined> {
    const name = PersonName.safeParse(elsewhere).data;
    try {
      await demandWording(tx, { name });
      return name;
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'text_rejected') return undefined;
      throw error;
    }
  }

  /** @throws ProtocolError identity_taken, limit_reached */
  async function attach(tx: Queryable, userId: string, vouched: Vouched, client: Client): Promise<void> {
    const { provider, subject } = vouched;
    if (await insert(tx, userId, vouched)) {
      await record(tx, userId, 'identity.linked', provider, client);
      await tell(tx, userId, provider);
      return;
    }
    const owner = await rows.identityOwner(tx, provider, subject);
    if (owner !== userId) throw new ProtocolError(owner === undefined ? 'limit_reached' : 'identity_taken');
  }

  async function record(tx: Queryable, userId: string, action: string, provider: string, { ip }: Client) {
    await audit.record(tx, { action, actorId: userId, targetId: userId, ip, details: { provider } });
  }

  async function tell(tx: Queryable, userId: string, provider: string): Promise<void> {
    const owner = await users.loginOf(tx, userId);
    if (owner?.email && owner.emailVerified) {
      const { name } = core.config.providers.find(({ id }) => id === provider) ?? { name: provider };
      await letters.send(tx, owner.email, { about: 'identity_linked', provider: name });
    }
  }

  return {
    async enter(vouched, client) {
      const { provider, subject, email, emailVerified } = vouched;
      const proof = { method: 'oauth', factors: 1 } as const;
      return db.transaction(async (tx) => {
        const known = await rows.identityOwner(tx, provider, subject);
        if (known !== undefined) {
          const entered = await entry.enter(tx, known, proof, client);
          // It may have been unlinked before the account was locked.
          if ((await rows.identityOwner(tx, provider, subject)) !== known) throw new ProtocolError('provider_refused');
          return entered;
        }
        // An address that either side merely believes links nothing: whoever claimed it first would get the account.
        const owner = email !== null && emailVerified ? await users.userByEmail(tx, email) : undefined;
        if (owner?.emailVerified !== true) {
          const data = { ...vouched };
          return { ticket: await challenges.issue(tx, { purpose: 'oauth_ticket', data, lifetime: TICKET_S }) };
        }
        const entered = await entry.enter(tx, owner.id, proof, client);
        // Whoever cannot show the second factor leaves nothing behind.
        if ('secondFactor' in entered) return entered;
        await attach(tx, owner.id, vouched, client);
        return entered;
      });
    },

    async complete(ticket, username, chosen, client) {
      demandFreeName(username);
      await limiter.take('sign_up', addressKey(client.ip));
      await core.addressBans.refuse(db, client.ip);
      return db.transaction(async (tx) => {
        const redeemed = await challenges.redeem(tx, 'oauth_ticket', ticket);
        if (redeemed === undefined) throw new ProtocolError('invalid_link');
        const vouched = redeemed.data as unknown as Vouched;
        const createdAt = clock.now();
        await demandWording(tx, { username, name: chosen });
        const name = chosen ?? (await nameElsewhere(tx, vouched)) ?? username;
        const user = { id: ids.uuid(), username, name, role: 'user' as const };
        const { email } = vouched;
        const rest = { email, emailVerified: false, passwordHash: null, guestUntil: null, createdAt };
        if (!(await users.insertUser(tx, { ...user, ...rest }))) throw new ProtocolError('username_taken');
        if (!(await insert(tx, user.id, vouched))) throw new ProtocolError('identity_taken');
        // Someone may have proven it here meanwhile: then it stays a claim.
        if (email !== null && vouched.emailVerified) await users.proveEmail(tx, user.id, email, createdAt);
        await indexPerson(tx, user);
        await record(tx, user.id, 'account.created', vouched.provider, client);
        return sessions.start(tx, user.id, 'oauth', client);
      });
    },

    async link(userId, sessionId, vouched, client) {
      await db.transaction(async (tx) => {
        // Asked now, not when it began: the session may have been ended meanwhile, for good reason.
        await sessions.demandLive(tx, { userId, sessionId });
        await attach(tx, userId, vouched, client);
      });
    },

    async unlink(userId, provider, client) {
      await db.transaction(async (tx) => {
        await users.lockStanding(tx, userId);
        if (!(await rows.deleteIdentity(tx, userId, provider))) throw new ProtocolError('not_found');
        await demandAnotherWayIn(core, tx, userId);
        await record(tx, userId, 'identity.unlinked', provider, client);
      });
    },
  };
}
