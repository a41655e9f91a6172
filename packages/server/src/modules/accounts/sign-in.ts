/** Signing up, and in with a password. */
import { ProtocolError } from '@confab/protocol';
import { addressKey } from '../../platform/addresses.ts';
import type { Core } from './core.ts';
import { mailVerification, mayGreet } from './email-addresses.ts';
import type { Entered } from './entry.ts';
import { indexPerson } from './people.ts';
import { demandFreeName } from './usernames.ts';
import type { Client, StartedSession } from './sessions.ts';
import { countTries } from './tries.ts';
import * as rows from './user-rows.ts';

interface SignUp {
  email: string;
  password: string;
  username: string;
  name?: string | undefined;
}

/** Which account is meant. */
export type LoginName = { email: string } | { username: string };

export interface SignIn {
  /**
   * Creates an account and its first session, both or neither. An address that is proven to be another account’s is
   * answered alike: this one can never prove it, and its owner is told by mail.
   * @throws ProtocolError username_taken, address_banned, text_rejected, overloaded, too_many_requests
   */
  signUp(input: SignUp, client: Client): Promise<StartedSession>;
  /**
   * An unknown account and a wrong password are answered alike, after the same work. An address is that of whose it is
   * proven to be, and of whoever claimed it last: their own password lets both in, so that claiming an address does not
   * tell whether it is somebody's. A right password whose hash is
   * outdated is hashed anew.
   * @throws ProtocolError invalid_credentials, account_disabled, account_banned, overloaded, too_many_requests
   */
  signIn(who: LoginName, password: string, client: Client): Promise<Entered>;
}

export function createSignIn(core: Core): SignIn {
  const { db, clock, ids, limiter, audit, letters, passwords, sessions, entry } = core;

  /** Always as many for an address, somebody or not. */
  async function meant(who: LoginName): Promise<(rows.Login | undefined)[]> {
    if ('username' in who) return [await rows.userByUsername(db, who.username)];
    // Where addresses cannot be proven, nobody takes one from whoever gave it before.
    const newest = letters.enabled;
    return [await rows.provenOwner(db, who.email), await rows.claimant(db, who.email, newest)];
  }

  return {
    async signUp(input, client) {
      demandFreeName(input.username);
      passwords.demandUncommon(input.password, [input.username, input.email]);
      await limiter.take('sign_up', addressKey(client.ip));
      await core.addressBans.refuse(db, client.ip);
      await core.demandWording(db, { username: input.username, name: input.name });
      const passwordHash = await passwords.hash(input.password);
      const { email, username, name = username } = input;
      const user = { id: ids.uuid(), username, name, role: 'user' as const };
      return db.transaction(async (tx) => {
        const createdAt = clock.now();
        if (
          !(await rows.insertUser(tx, {
            ...user,
            email,
            emailVerified: false,
            passwordHash,
            guestUntil: null,
            createdAt,
          }))
        ) {
          throw new ProtocolError('username_taken');
        }
        await indexPerson(tx, user);
        if (await mayGreet(core, email)) await mailVerification(tx, core, user, email);
        await audit.record(tx, { action: 'account.created', actorId: user.id, targetId: user.id, ip: client.ip });
        return sessions.start(tx, user.id, 'sign_up', client);
      });
    },

    async signIn(who, password, client) {
      const name = 'email' in who ? who.email : who.username;
      // By the name given: an address and a username limited together would tell that they are one account's.
      const login = await countTries({ limiter }, name, client.ip, async () => {
        const known = await meant(who);
        const matches = await Promise.all(known.map((each) => passwords.matches(password, each?.passwordHash ?? null)));
        const right = known.find((_, i) => matches[i]);
        if (right !== undefined) return right;
        const targetId = known.find((each) => each !== undefined)?.id ?? null;
        await audit.record(db, { action: 'sign_in.failed', targetId, ip: client.ip });
        return undefined;
      });
      if (login === undefined) throw new ProtocolError('invalid_credentials');
      const { passwordHash } = login;
      const better =
        passwordHash !== null && passwords.isOutdated(passwordHash) ? await passwords.hash(password) : undefined;
      return db.transaction(async (tx) => {
        const entered = await entry.enter(tx, login.id, { method: 'password', factors: 1 }, client);
        // Since it was compared, another one may have been set, and all sessions of before ended.
        const kept = (await rows.loginOf(tx, login.id))?.passwordHash ?? null;
        if (kept !== passwordHash && !(await passwords.matches(password, kept))) {
          throw new ProtocolError('invalid_credentials');
        }
        if (better !== undefined) await rows.replacePasswordHash(tx, login.id, passwordHash, better, clock.now());
        return entered;
      });
    },
  };
}
