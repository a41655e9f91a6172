import { ProtocolError, type Profile } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Passwords } from './passwords.ts';
import { indexPerson } from './people.ts';
import type { Client, Sessions } from './sessions.ts';
import * as store from './store.ts';

/** Names that look like the platform speaking, or like an address of its own. */
const RESERVED = new Set(
  `admin administrator moderator staff official support help security root system server confab
   everyone all channel here room lounge nobody anonymous deleted null undefined`.split(/\s+/),
);

/** What signing in gives; the access token is issued from it. */
export interface SignedInSession {
  user: Profile;
  sessionId: string;
  refreshToken: string;
}

export interface SignUp {
  email: string;
  password: string;
  username: string;
  name?: string | undefined;
}

export interface SignInService {
  /**
   * Creates an account and its first session, both or neither.
   * @throws ProtocolError email_taken, username_taken, overloaded
   */
  signUp(input: SignUp, client: Client): Promise<SignedInSession>;
  /**
   * Starts a session. An unknown address and a wrong password are answered alike, after the same work.
   * @throws ProtocolError invalid_credentials, overloaded
   */
  signIn(email: string, password: string, client: Client): Promise<SignedInSession>;
}

interface SignInOptions {
  db: Database;
  clock: Clock;
  ids: Ids;
  passwords: Passwords;
  sessions: Sessions;
}

export function createSignIn({ db, clock, ids, passwords, sessions }: SignInOptions): SignInService {
  return {
    async signUp(input, client) {
      if (RESERVED.has(input.username)) throw new ProtocolError('username_taken');
      const passwordHash = await passwords.hash(input.password);
      const user: Profile = {
        id: ids.uuid(),
        email: input.email,
        username: input.username,
        name: input.name ?? input.username,
        role: 'user',
        createdAt: clock.now(),
      };
      return db.transaction(async (tx) => {
        if (!(await store.insertUser(tx, { ...user, passwordHash }))) {
          throw new ProtocolError((await store.emailTaken(tx, input.email)) ? 'email_taken' : 'username_taken');
        }
        await indexPerson(tx, user);
        return { user, ...(await sessions.start(tx, user.id, client)) };
      });
    },

    async signIn(email, password, client) {
      const found = await store.credentials(db, email);
      const matches = await passwords.matches(password, found?.passwordHash ?? null);
      if (found === undefined || !matches) throw new ProtocolError('invalid_credentials');
      return { user: found.user, ...(await sessions.start(db, found.user.id, client)) };
    },
  };
}
