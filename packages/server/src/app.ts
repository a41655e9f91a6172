/** Composition root: wires the modules. Which adapters they stand on is chosen in `adapters.ts`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openAdapters } from './adapters.ts';
import { createCommunity } from './community.ts';
import type { Config } from './config.ts';
import { listen } from './listening.ts';
import { createAccounts } from './modules/accounts/index.ts';
import { announcer, countUnread, createMessages, ThreadService, threadRoutes } from './modules/messages/index.ts';
import { presenceEvents, PresenceService, TypingService } from './modules/presence/index.ts';
import {
  Committer,
  inviteRoutes,
  InviteService,
  ModeratorNews,
  preferenceRoutes,
  PreferenceService,
  RoomDirectory,
  roomRoutes,
  RoomService,
  type TakeSnapshot,
} from './modules/rooms/index.ts';
import { createSafety, moderationLog, safetyRoutes } from './modules/safety/index.ts';
import { raidWatch } from './modules/moderation/index.ts';
import { loungeGate } from './modules/lounges/index.ts';
import { endMatch } from './modules/matching/index.ts';
import { ringFeeder, RoomRings, syncEvents, syncRoutes, SyncService } from './modules/sync/index.ts';
import { clientAddress, trustedProxies } from './platform/addresses.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { bindRest } from './platform/http/bind.ts';
import type { HealthCheck } from './platform/http/health.ts';
import { isAllowedOrigin, securityHeaders } from './platform/http/security.ts';
import { createHttpServer } from './platform/http/server.ts';
import { createIds } from './platform/ids.ts';
import type { Lifecycle } from './platform/lifecycle.ts';
import type { Logger } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { heartbeatEvents } from './platform/realtime/heartbeat.ts';
import { Realtime } from './platform/realtime/server.ts';
import { Upkeep } from './platform/upkeep/index.ts';
import { migrateStorage, openStorage } from './storage.ts';

const COMMIT = { lanes: 4, batch: 128, queue: 10_000 };
const WEB_ROOT = join(import.meta.dirname, '../../web/dist');

export interface App {
  /** Where it listens, such as http://127.0.0.1:3000. */
  url: string;
  /** What is switched on. The database is `embedded` when PostgreSQL runs inside. */
  parts: {
    database: 'embedded' | 'external';
    bus: 'memory' | 'redis';
    mail: 'smtp' | 'mailbox' | 'off';
    webClient: 'built' | 'missing';
  };
  /** Runs every job that is due by the injected clock. For when they do not run by themselves. */
  runDueJobs(): Promise<void>;
  /** Runs every periodic task that is due by the injected clock. */
  runDueTasks(): Promise<void>;
}

/**
 * Starts everything the configuration asks for and resolves when requests are served. What was started is registered
 * with `lifecycle`, also when a later part fails: stop it in either case.
 * @throws StartupError
 */
export async function startApp(
  config: Config,
  {
    log,
    lifecycle,
    clock = systemClock,
    jobsRun = 'when due',
  }: { log: Logger; lifecycle: Lifecycle; clock?: Clock; jobsRun?: 'when due' | 'on demand' },
): Promise<App> {
  const ids = createIds(clock);
  let listening = `http://localhost:${config.http.port}`;
  const metrics = createMetrics(clock);

  const storage = await openStorage(config, { log, lifecycle });
  const { dataDir, secret, db, url } = storage;
  await migrateStorage(storage, log);

  const adapters = await openAdapters(config, { log, clock, metrics, lifecycle, secret, url });
  const { bus, limiter, jobs, mailbox, smsOutbox } = adapters;
  const trail = moderationLog({ clock });
  const accounts = await createAccounts({
    db,
    clock,
    ids,
    log,
    bus,
    jobs,
    limiter,
    mailer: adapters.mailer,
    sms: adapters.sms,
    secret,
    config: { ...config.accounts, baseUrl: () => config.http.publicUrl ?? listening },
    personalData: () => [
      ...[rooms, messages, blocks, notices, automod, presence].map((module) => module.personalData),
      ...community.personalData,
    ],
    banRecords: () => community.sanctions.banRecords,
    demandWording: (inTx, texts) => automod.demandWording(inTx, texts),
    demandVoice: (userId) => silences.demandVoice(userId),
    changesUnderWay: () => committer.underWay(),
    trail,
  });
  lifecycle.onStop('accounts', 5000, () => accounts.stop());
  const { demandLive } = accounts;
  const safety = await createSafety({
    db,
    bus,
    bursts: adapters.bursts,
    clock,
    ids,
    profiles: accounts,
    async changed(blocker, blocked) {
      await Promise.all([rooms.recountShared(blocker, blocked), community.matches.blockChanged(blocker, blocked)]);
    },
  });
  lifecycle.onStop('safety', 1000, () => safety.stop());
  const { blocks, silences, notices, ages, automod } = safety;
  const elsewhere = { countUnread: countUnread(blocks), silences, shutOutSince: accounts.shutOutSince };
  const committer = new Committer({ db, bus, clock, metrics, ...elsewhere, ...COMMIT });
  lifecycle.onStop('commits', 15_000, () => committer.close());
  lifecycle.onStop('jobs', 15_000, () => jobs.close());
  const limits = { maxRoomMembers: config.limits.roomMembers, maxRoomsPerUser: config.limits.roomsPerUser };
  const announce = announcer({ ids, profiles: accounts, blocks });
  const directory = new RoomDirectory(db);
  const news = new ModeratorNews({ db, bus, clock, log, profiles: accounts });
  lifecycle.onStop('news for moderators', 1000, () => news.stop());
  const joined = raidWatch({ automod, trail, news });
  const rooms = new RoomService({
    db,
    committer,
    directory,
    profiles: accounts,
    blocks,
    silences,
    ids,
    clock,
    limits,
    announce,
    gate: loungeGate({ ages }),
    joined,
    parted: (tx, room, userId) => endMatch(tx, room, userId, 'left'),
    trail,
    notices,
    automod,
  });
  const messages = createMessages({
    db,
    committer,
    directory,
    profiles: accounts,
    blocks,
    silences,
    ids,
    jobs,
    metrics,
    announce,
    automod,
    trail,
    notices,
    news,
    clock,
    log,
  });
  lifecycle.onStop('search index', 15_000, () => messages.stop());
  const invites = new InviteService({
    db,
    committer,
    directory,
    profiles: accounts,
    ids,
    clock,
    limits,
    announce,
    joined,
  });
  const preferences = new PreferenceService({ db, bus, committer, profiles: accounts });
  const threads = new ThreadService({ db, committer, profiles: accounts, blocks });
  const rings = new RoomRings();
  const sync = new SyncService({ db, profiles: accounts, blocks, rings });
  const presence = new PresenceService({ ...safety, db, bus, clock, log, store: adapters.presence, demandLive });
  // After the sockets: each that closes is noted.
  lifecycle.onStop('presence', 5000, () => presence.stop());
  await presence.start();
  const typing = new TypingService({ db, bus, clock, blocks, silences });
  lifecycle.onStop('match queue', 1000, () => adapters.matchQueue.close());
  const community = createCommunity({
    db,
    bus,
    clock,
    ids,
    log,
    jobs,
    committer,
    directory,
    profiles: accounts,
    ages,
    blocks,
    silences,
    notices,
    news,
    announce,
    bans: accounts.bans,
    demandLive,
    automod,
    metrics,
    presence: adapters.presence,
    pictures: adapters.pictures,
    matchQueue: adapters.matchQueue,
    ...config.moderation,
  });
  await community.start();
  lifecycle.onStop('community', 5000, () => community.stop());

  const http = createHttpServer({
    http: config.http,
    webRoot: WEB_ROOT,
    healthChecks: [
      answering('database', () => db.ping()),
      ...(adapters.pingRedis === undefined
        ? []
        : [{ ...answering('redis', adapters.pingRedis), dispensable: true as const }]),
    ],
    stopping: () => lifecycle.stopping,
    log,
    clock,
    ids,
    metrics,
  });
  mailbox?.bind(http);
  smsOutbox?.bind(http);
  const snapshot: TakeSnapshot = (actor, roomId) => sync.snapshot(actor, roomId);
  bindRest(
    http,
    {
      ...accounts.routes,
      ...roomRoutes(rooms, snapshot),
      ...inviteRoutes(invites, snapshot),
      ...preferenceRoutes(preferences),
      ...threadRoutes(threads, snapshot),
      ...messages.routes,
      ...syncRoutes(sync),
      ...safetyRoutes({ blocks, notices, ages, profiles: accounts }),
      ...community.routes,
    },
    accounts,
    limiter,
  );
  const trusts = trustedProxies(config.http.trustProxy);
  const realtime = new Realtime({
    httpServer: http.server,
    handlers: {
      ...messages.events,
      ...syncEvents(sync),
      ...presenceEvents(presence, typing),
      ...community.events,
      ...heartbeatEvents({ clock, ...accounts }),
    },
    opened: (connection) => presence.opened(connection),
    closed: (connection) => presence.closed(connection),
    bus,
    clock,
    log,
    metrics,
    observers: [ringFeeder(rings), presence],
    maxConnections: config.limits.connections,
    limiter,
    headers: securityHeaders(config.http.publicUrl),
    clientAddress: (request) => clientAddress(request, trusts),
    isAllowedOrigin: ({ headers }) => isAllowedOrigin(headers.origin, headers.host, config.http),
    authenticate: (token) => accounts.authenticate(token),
    current: (actor) => accounts.current(actor),
    endedSessions: (sessionIds) => accounts.endedSessions(sessionIds),
    roomIds: (userId) => sync.roomIds(userId),
    leftRecently: () => rooms.leftRecently(),
  });
  // Stopping runs backwards: accept no more, finish what was accepted, say goodbye to sockets, then the rest.
  lifecycle.onStop('HTTP requests', 15_000, () => http.close());
  lifecycle.onStop('sockets', 15_000, () => realtime.stop());
  await realtime.start();
  messages.start();
  if (jobsRun === 'when due') await jobs.start();
  const upkeep = new Upkeep({ db, clock, log, metrics });
  upkeep.add(...accounts.tasks, ...community.tasks, ...presence.tasks);
  lifecycle.onStop('periodic tasks', 15_000, () => upkeep.stop());
  await upkeep.start();

  listening = await listen(http, config.http);
  lifecycle.onStop('listening', 1000, () => void http.server.close());
  const app: App = {
    url: listening,
    parts: {
      database: config.database.url === undefined ? 'embedded' : 'external',
      bus: adapters.pingRedis === undefined ? 'memory' : 'redis',
      mail: mailbox !== undefined ? 'mailbox' : adapters.mailer === undefined ? 'off' : 'smtp',
      webClient: existsSync(join(WEB_ROOT, 'index.html')) ? 'built' : 'missing',
    },
    runDueJobs: () => jobs.runDue(),
    runDueTasks: () => upkeep.runDue(),
  };
  await dataDir.announce({ url: app.url, mode: config.mode, database: config.database.url === undefined ? url : null });
  return app;
}

function answering(name: string, ping: () => Promise<unknown>): HealthCheck {
  return {
    name,
    async check() {
      await ping();
      return { status: 'ok' };
    },
  };
}
