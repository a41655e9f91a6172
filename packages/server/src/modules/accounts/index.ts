/** Accounts: people, sessions, tokens. The one face other modules see. */
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { createAuthenticator } from './authenticator.ts';
import type { Authenticator, Profiles } from './contracts.ts';
import { createCsrf } from './csrf.ts';
import { loadSigningKeys } from './keys.ts';
import { createPasswords } from './passwords.ts';
import { createPeople } from './people.ts';
import { type AccountsRoutes, accountsRoutes } from './routes.ts';
import { createSignIn } from './service.ts';
import { createSessions, type EndReason } from './sessions.ts';
import { createAccessTokens } from './tokens.ts';

export type { Authenticator, EndReason, Profiles };

const CLEAN_EVERY_MS = 3600_000;

export interface Accounts extends Profiles, Authenticator {
  routes: AccountsRoutes;
  /** Ends a session for good: its tokens are refused and its sockets cut on every node. Idempotent. */
  endSession(sessionId: string, reason: EndReason): Promise<void>;
  /** Resolves once nothing of it uses database or bus on its own any more. */
  stop(): Promise<void>;
}

export interface AccountsOptions {
  /** With the schema `accounts` migrated. */
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Logger;
  bus: Bus;
  /** The installation's master secret, 32 bytes: every key is derived from it or sealed under it. */
  secret: Buffer;
}

/** @throws StartupError when the database was set up with another secret */
export async function createAccounts({ db, clock, ids, log, bus, secret }: AccountsOptions): Promise<Accounts> {
  const [keys, passwords] = await Promise.all([loadSigningKeys(db, clock, secret), createPasswords()]);
  const tokens = createAccessTokens(keys, clock);
  const authenticator = createAuthenticator(db, clock, tokens);
  const people = createPeople(db, clock, (userId) => {
    bus.publish('caches', { event: 'caches:stale', payload: { profiles: [userId] } });
  });
  const sessions = createSessions({
    db,
    clock,
    ids,
    master: secret,
    ended(sessionId, reason) {
      if (reason === 'reuse') log.warn({ sessionId }, 'a spent refresh token was used again: session ended');
      // At once on this node; the others hear it from the bus.
      authenticator.forget([sessionId]);
      bus.publish('sessions', { event: 'sessions:ended', payload: { sessionIds: [sessionId] } });
    },
  });
  const signIn = createSignIn({ db, clock, ids, passwords, sessions });

  const subscriptions = await Promise.all([
    bus.subscribe('sessions', (frame) => {
      if (frame.event === 'sessions:ended') authenticator.forget(frame.payload.sessionIds);
    }),
    bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale') people.forget(frame.payload.profiles ?? []);
    }),
  ]);
  let cleaning = Promise.resolve();
  const cleaner = clock.setInterval(() => {
    cleaning = sessions.clean().catch((error: unknown) => {
      log.error({ err: error }, 'expired sessions could not be removed');
    });
  }, CLEAN_EVERY_MS);

  return {
    publicUsers: (userIds) => people.publicUsers(userIds),
    usersByName: (usernames) => people.usersByName(usernames),
    authenticate: (token) => authenticator.authenticate(token),
    endedSessions: (sessionIds) => authenticator.endedSessions(sessionIds),
    endSession: (sessionId, reason) => sessions.end(sessionId, reason),
    routes: accountsRoutes({ signIn, sessions, tokens, people, csrf: createCsrf(secret, ids), keys }),
    async stop() {
      cleaner.cancel();
      for (const unsubscribe of subscriptions) unsubscribe();
      await cleaning;
    },
  };
}
