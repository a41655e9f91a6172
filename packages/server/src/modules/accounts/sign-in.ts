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
   * @throws ProtocolError username_taken, overloaded, too_many_requests
   */
  signUp(input: SignUp, client: Client): Promise<StartedSession>;
  /**
   * An unknown account and a wrong password are answered alike, after the same work. A right password whose hash is
   * outdated is hashed anew.
   * @throws ProtocolError invalid_credentials, account_disabled, account_banned, overloaded, too_many_requests
   */
  signIn(who: LoginName, password: string, client: Client): Promise<Entered>;
}

export function createSignIn(core: Core): SignIn {
  const { db, clock, ids, limiter, audit, passwords, sessions, entry } = core;
  return {
    async signUp(input, client) {
      demandFreeName(input.username);
      passwords.demandUncommon(input.password, [input.username, input.email]);
      await limiter.take('sign_up', addressKey(client.ip));
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
        const known =
          'email' in who ? await rows.userByEmail(db, who.email) : await rows.userByUsername(db, who.username);
        const matches = await passwords.matches(password, known?.passwordHash ?? null);
        if (known !== undefined && matches) return known;
        await audit.record(db, { action: 'sign_in.failed', targetId: known?.id ?? null, ip: client.ip });
        return undefined;
      });
      if (login === undefined) throw new ProtocolError('invalid_credentials');
      const { passwordHash } = login;
      const better =
        passwordHash !== null && passwords.isOutdated(passwordHash) ? await passwords.hash(password) : undefined;
      return db.transaction(async (tx) => {
        const entered = await entry.enter(tx, login.id, { method: 'password', factors: 1 }, client);
        // Unless it was changed meanwhile.
        if (better !== undefined) await rows.replacePasswordHash(tx, login.id, passwordHash, better, clock.now());
        return entered;
      });
    },
  };
}
