/** Accounts: people, the ways in, sessions, tokens. The one face other modules see. */
import type { Actor } from '../../platform/actor.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Limiter } from '../../platform/limiter/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Mailer } from '../../platform/mail/index.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { Sms } from '../../platform/sms/index.ts';
import { type Administration, createAdministration } from './administration.ts';
import { createAddressBans } from './address-bans.ts';
import { addressBanRoutes } from './address-ban-routes.ts';
import { createAnswers } from './answers.ts';
import { createAudit } from './audit.ts';
import { createApiTokenUse } from './api-token-use.ts';
import { createAuthenticator } from './authenticator.ts';
import { type BanAppeals, createBanAppeals } from './ban-appeals.ts';
import { createChallenges } from './challenges.ts';
import type {
  Authenticator,
  BanRecords,
  DemandLive,
  DemandVoice,
  DemandWording,
  Profiles,
  Trail,
} from './contracts.ts';
import type { AccountsConfig, Core, ProviderConfig } from './core.ts';
import { type Commands, createCommands } from './commands.ts';
import { createCsrf, type Csrf } from './csrf.ts';
import { createEntry } from './entry.ts';
import { handleErased } from './erase.ts';
import { loadKeyring, opensDataKeys } from './keyring.ts';
import { loadSigningKeys, type SigningKeys } from './keys.ts';
import { createLetters } from './letters.ts';
import { createPasswords } from './passwords.ts';
import { createPeople } from './people.ts';
import { createDataKeyRotation } from './reseal.ts';
import { emailRoutes } from './email-routes.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import { removeBansThatAreOver } from './over.ts';
import { startPeriodic } from './periodic.ts';
import { phoneRoutes } from './phone-routes.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { apiTokenRoutes } from './api-token-routes.ts';
import { guestRoutes } from './guest-routes.ts';
import { removeExpiredGuests } from './guests.ts';
import { administrationRoutes } from './administration-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { signInRoutes } from './routes.ts';
import { createSessions, type EndReason } from './sessions.ts';
import { createShutOuts, type ShutOuts } from './shut-outs.ts';
import { createStepUp } from './step-up.ts';
import { createTexts } from './texts.ts';
import { createAccessTokens } from './tokens.ts';

export { demandNotFromAbove, demandRank, mayBan } from './ranks.ts';
export { opensDataKeys };
export type { AccountsConfig, Authenticator, BanRecords, DemandLive, EndReason, Profiles, ProviderConfig };

export interface InstanceBans extends Pick<Administration, 'ban' | 'unban'> {
  /** Who holds the token that the refusal carried; undefined when it is none. */
  appellant: BanAppeals['appellant'];
}

const CLEAN_EVERY_MS = 3600_000;
const GUESTS_EVERY_MS = 5 * 60_000;
const RELOAD_KEYS_EVERY_MS = 60_000;

export interface Accounts extends Profiles, Authenticator {
  routes: ReturnType<typeof routesOf>;
  /** @throws ProtocolError step_up_required unless whoever holds the session proved who they are a short while ago */
  demandStepUp(actor: Actor): Promise<void>;
  demandLive: DemandLive;
  /** Ends a session for good: its tokens are refused and its sockets cut on every node. Idempotent. */
  endSession(sessionId: string, reason: EndReason): Promise<void>;
  /** Adds a key that signs access tokens from 2 minutes later on; those of the old ones are accepted until they have expired. */
  rotateSigningKey(): Promise<void>;
  /** Adds a key and seals under it what is kept encrypted about people: so many values. Safe while all nodes run. */
  rotateDataKeys(): Promise<number>;
  /** Who of these has been shut out since this node was started, and still is. */
  shutOutSince: ShutOuts['among'];
  /** What has to be done every so often. */
  tasks: readonly Task[];
  /** What the command line does. */
  commands: Commands;
  /** Bans of the whole instance, for those who moderate. */
  bans: InstanceBans;
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
  /** Not yet started. */
  jobs: Jobs;
  limiter: Limiter;
  /** undefined: no mail can be sent, and what needs it is off. */
  mailer: Mailer | undefined;
  /** undefined: no text message can be sent. */
  sms: Sms | undefined;
  /** The installation's master secret, 32 bytes: every key is derived from it or sealed under it. */
  secret: Buffer;
  config: AccountsConfig;
  /** What the other modules keep about people: asked for once everything is started. */
  personalData: () => readonly PersonalData[];
  banRecords: () => BanRecords;
  demandWording: DemandWording;
  demandVoice: DemandVoice;
  /** Resolves once every change of a room that is being made on this node is stored, or refused. */
  changesUnderWay: () => Promise<void>;
  trail: Trail;
}

/** @throws StartupError when the database was set up with another secret */
export async function createAccounts(options: AccountsOptions): Promise<Accounts> {
  const { db, clock, ids, log, bus, jobs, secret, config, trail } = options;
  const [keys, keyring, passwords] = await Promise.all([
    loadSigningKeys(db, clock, secret),
    loadKeyring(db, clock, secret),
    createPasswords(),
  ]);
  const tokens = createAccessTokens(keys, clock);
  const apiTokenUse = createApiTokenUse(db, clock, log);
  const authenticator = createAuthenticator(db, clock, tokens, (sessionId) => apiTokenUse.used(sessionId));
  const people = createPeople(db, clock, keyring, (userId) => {
    bus.publish('caches', { event: 'caches:stale', payload: { profiles: [userId] } });
  });
  const audit = createAudit(clock, ids);
  const banAppeals = createBanAppeals(secret, clock);
  const sessions = createSessions({
    db,
    clock,
    ids,
    audit,
    banAppeals,
    master: secret,
    lifetimes: config.sessions,
    ended({ sessionIds, reason, userId }) {
      if (reason === 'reuse') log.warn({ sessionIds }, 'a spent refresh token was used again: session ended');
      // At once on this node; the others hear it from the bus.
      authenticator.forget(sessionIds);
      bus.publish('sessions', {
        event: 'sessions:ended',
        payload: { sessionIds, reason, ...(userId !== undefined && { userId }) },
      });
    },
  });
  const shutOuts = createShutOuts(clock);
  const challenges = createChallenges(db, clock, ids, secret);
  const addressBans = createAddressBans({ db, bus, clock, ids, audit, trail });
  const csrf = createCsrf(secret, ids);
  const stepUp = createStepUp(db, clock);
  const core: Core = {
    db,
    clock,
    ids,
    log,
    bus,
    jobs,
    limiter: options.limiter,
    config,
    personalData: options.personalData,
    banRecords: options.banRecords,
    demandWording: options.demandWording,
    demandVoice: options.demandVoice,
    audit,
    trail,
    challenges,
    addressBans,
    keyring,
    letters: createLetters({ jobs, clock, log, master: secret, mailer: options.mailer, baseUrl: config.baseUrl }),
    texts: createTexts({ jobs, clock, log, master: secret, sms: options.sms }),
    passwords,
    people,
    sessions,
    entry: createEntry({ clock, audit, challenges, sessions, addressBans, banAppeals }),
    stepUp,
    answers: createAnswers({ tokens, people, csrf, sessions, lifetimes: config.sessions }),
    roleChanged(userId) {
      // As above.
      authenticator.forgetPeople([userId]);
      bus.publish('sessions', { event: 'sessions:changed', payload: { userIds: [userId] } });
      people.changed(userId);
    },
    async shutOut(userId) {
      shutOuts.note(userId);
      await options.changesUnderWay();
    },
  };

  const administration = createAdministration(core);
  const reseal = createDataKeyRotation(core);
  handleErased(core);
  const subscriptions = await Promise.all([
    bus.subscribe('sessions', (frame) => {
      if (frame.event === 'sessions:ended') {
        const { sessionIds, reason, userId } = frame.payload;
        authenticator.forget(sessionIds);
        if (userId !== undefined && (reason === 'banned' || reason === 'disabled')) shutOuts.note(userId);
      }
      if (frame.event === 'sessions:changed') authenticator.forgetPeople(frame.payload.userIds);
    }),
    bus.subscribe('caches', (frame) => {
      if (frame.event !== 'caches:stale') return;
      people.forget(frame.payload.profiles ?? []);
      if (frame.payload.addressBans === true) addressBans.forget();
    }),
  ]);
  const reloader = startPeriodic(clock, RELOAD_KEYS_EVERY_MS, reloadKeys, (error) => {
    log.error({ err: error }, 'keys that other nodes may have added could not be read');
  });
  async function reloadKeys(): Promise<void> {
    await keys.reload();
    await keyring.reload();
  }
  return {
    publicUsers: (userIds) => people.publicUsers(userIds),
    usersByName: (usernames) => people.usersByName(usernames),
    reachable: (userIds) => people.reachable(userIds),
    able: (userIds) => people.able(userIds),
    shutOut: (userIds, from) => people.shutOut(userIds, from),
    shutOutSince: (from, userIds) => shutOuts.among(from, userIds),
    officers: () => people.officers(),
    signedUp: (userIds) => people.signedUp(userIds),
    authenticate: (token) => authenticator.authenticate(token),
    current: (actor) => authenticator.current(actor),
    demandStepUp: (actor) => stepUp.demand(actor),
    demandLive: (tx, actor) => sessions.demandLive(tx, actor),
    endedSessions: (sessionIds) => authenticator.endedSessions(sessionIds),
    endSession: (sessionId, reason) => sessions.end(sessionId, reason),
    commands: createCommands(core),
    bans: { ...administration, appellant: (token) => banAppeals.appellant(token) },
    async rotateSigningKey() {
      await keys.rotate();
      await audit.record(db, { action: 'keys.rotated', details: { keys: 'signing' } });
    },
    async rotateDataKeys() {
      const resealed = await reseal();
      await audit.record(db, { action: 'keys.rotated', details: { keys: 'data', resealed } });
      return resealed;
    },
    tasks: [
      { name: 'accounts.sessions', everyMs: CLEAN_EVERY_MS, run: () => sessions.clean() },
      { name: 'accounts.challenges', everyMs: CLEAN_EVERY_MS, run: () => challenges.clean() },
      { name: 'accounts.guests', everyMs: GUESTS_EVERY_MS, run: () => removeExpiredGuests(core) },
      { name: 'accounts.bans', everyMs: CLEAN_EVERY_MS, run: () => removeBansThatAreOver(core) },
    ],
    routes: routesOf(core, csrf, keys, administration),
    async stop() {
      for (const unsubscribe of subscriptions) unsubscribe();
      await Promise.all([reloader.stop(), apiTokenUse.settled()]);
    },
  };
}

function routesOf(core: Core, csrf: Csrf, keys: SigningKeys, administration: Administration) {
  return {
    ...signInRoutes(core, csrf, keys),
    ...emailRoutes(core),
    ...secondFactorRoutes(core),
    ...phoneRoutes(core),
    ...oauthRoutes(core),
    ...passkeyRoutes(core),
    ...sessionRoutes(core),
    ...apiTokenRoutes(core),
    ...guestRoutes(core),
    ...administrationRoutes(core, administration),
    ...profileRoutes(core),
    ...addressBanRoutes(core.addressBans),
  };
}
