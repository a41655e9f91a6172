/** Composition root: the only file that names concrete adapters and wires the modules. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Config } from './config.ts';
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
import {
  AgeService,
  BlockService,
  AutomodService,
  moderationLog,
  NoticeService,
  safetyRoutes,
  SilenceService,
} from './modules/safety/index.ts';
import { createCommunity } from './community.ts';
import { raidWatch } from './modules/moderation/index.ts';
import { loungeGate } from './modules/lounges/index.ts';
import { endMatch } from './modules/matching/index.ts';
import { ringFeeder, RoomRings, syncEvents, syncRoutes, SyncService } from './modules/sync/index.ts';
import { clientAddress, trustedProxies } from './platform/addresses.ts';
import { memoryBus } from './platform/bus/memory.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { bindRest } from './platform/http/bind.ts';
import type { HealthCheck } from './platform/http/health.ts';
import { isAllowedOrigin, securityHeaders } from './platform/http/security.ts';
import { createHttpServer } from './platform/http/server.ts';
import { createIds } from './platform/ids.ts';
import { PostgresJobs } from './platform/jobs/postgres.ts';
import { memoryLimiter } from './platform/limiter/memory.ts';
import { type Lifecycle, StartupError } from './platform/lifecycle.ts';
import type { Logger } from './platform/log.ts';
import { createMailbox } from './platform/mail/mailbox.ts';
import { createMetrics } from './platform/metrics.ts';
import { memoryMatchQueue } from './platform/matching/memory.ts';
import { memoryPresence } from './platform/presence/memory.ts';
import { heartbeatEvents } from './platform/realtime/heartbeat.ts';
import { Realtime } from './platform/realtime/server.ts';
import { Upkeep } from './platform/upkeep/index.ts';
import { migrateStorage, openStorage } from './storage.ts';
import { createSmsOutbox } from './platform/sms/outbox.ts';
import { twilioSms } from './platform/sms/twilio.ts';

const COMMIT = { lanes: 4, batch: 256, queue: 10_000 };
/** Jobs that run at once. */
const JOB_CONCURRENCY = 4;
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

  // Loaded only where there is a Redis: its client takes memory.
  const redis =
    config.redis.url === undefined
      ? undefined
      : await (
          await import('./platform/bus/redis.ts')
        ).redisBus({ url: config.redis.url, prefix: config.redis.prefix, clock, log, metrics });
  const bus = redis ?? memoryBus();
  lifecycle.onStop('bus', 1000, () => bus.close());

  const jobs = new PostgresJobs({ url, clock, log, concurrency: JOB_CONCURRENCY });
  const shared =
    config.redis.url === undefined
      ? undefined
      : await (
          await import('./platform/limiter/redis.ts')
        ).redisLimiter(config.rateLimits, {
          url: config.redis.url,
          prefix: config.redis.prefix,
          secret,
          clock,
          log,
        });
  const limiter = shared ?? memoryLimiter(config.rateLimits, clock);
  if (shared !== undefined) lifecycle.onStop('limiter', 1000, () => shared.close());
  const { mail } = config;
  const mailbox = mail.url === undefined && config.mode !== 'production' ? createMailbox(clock) : undefined;
  const mailer =
    mail.url === undefined
      ? mailbox
      : (await import('./platform/mail/smtp.ts')).smtpMailer({ url: mail.url, from: mail.from });
  lifecycle.onStop('mail', 1000, () => mailer?.close());
  const smsOutbox = config.sms === undefined && config.mode !== 'production' ? createSmsOutbox(clock) : undefined;
  const accounts = await createAccounts({
    db,
    clock,
    ids,
    log,
    bus,
    jobs,
    limiter,
    mailer,
    sms: config.sms === undefined ? smsOutbox : twilioSms(config.sms),
    secret,
    config: { ...config.accounts, baseUrl: () => config.http.publicUrl ?? listening },
    personalData: () =>
      [
        rooms,
        messages,
        blocks,
        notices,
        automod,
        presence,
        community.matches,
        community.reports,
        community.sanctions,
      ].map((module) => module.personalData),
    banRecords: () => community.sanctions.banRecords,
  });
  lifecycle.onStop('accounts', 5000, () => accounts.stop());
  const blocks = new BlockService({
    db,
    bus,
    clock,
    profiles: accounts,
    async changed(blocker, blocked) {
      await Promise.all([rooms.recountShared(blocker, blocked), community.matches.blockChanged(blocker, blocked)]);
    },
  });
  await blocks.start();
  const silences = new SilenceService({ db, bus, clock });
  await silences.start();
  lifecycle.onStop('silences', 1000, () => silences.stop());
  const notices = new NoticeService({ db, clock, ids });
  const ages = new AgeService({ db, clock });
  lifecycle.onStop('blocks', 1000, () => blocks.stop());
  const committer = new Committer({ db, bus, clock, metrics, countUnread: countUnread(blocks), silences, ...COMMIT });
  lifecycle.onStop('commits', 15_000, () => committer.close());
  lifecycle.onStop('jobs', 15_000, () => jobs.close());
  const limits = { maxRoomMembers: config.limits.roomMembers, maxRoomsPerUser: config.limits.roomsPerUser };
  const announce = announcer({ ids, profiles: accounts, blocks });
  const directory = new RoomDirectory(db);
  const news = new ModeratorNews({ db, bus, clock, log, profiles: accounts });
  lifecycle.onStop('news for moderators', 1000, () => news.stop());
  const automod = new AutomodService({ db, bus, clock });
  await automod.start();
  lifecycle.onStop('automod', 1000, () => automod.stop());
  const trail = moderationLog({ clock });
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
  const presenceStore =
    config.redis.url === undefined
      ? memoryPresence()
      : await (
          await import('./platform/presence/redis.ts')
        ).redisPresence({
          url: config.redis.url,
          prefix: config.redis.prefix,
          leaseMs: config.presenceLeaseMs,
          clock,
          log,
        });
  const presence = new PresenceService({ db, bus, clock, log, store: presenceStore, blocks });
  // After the sockets: each that closes is noted.
  lifecycle.onStop('presence', 5000, () => presence.stop());
  await presence.start();
  const typing = new TypingService({ db, bus, clock, blocks, silences });
  const matchQueue =
    config.redis.url === undefined
      ? memoryMatchQueue()
      : await (
          await import('./platform/matching/redis.ts')
        ).redisMatchQueue({ url: config.redis.url, prefix: config.redis.prefix, log });
  lifecycle.onStop('match queue', 1000, () => matchQueue.close());
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
    automod,
    metrics,
    presence: presenceStore,
    matchQueue,
    ...config.moderation,
  });
  await community.start();
  lifecycle.onStop('community', 5000, () => community.stop());

  const http = createHttpServer({
    http: config.http,
    webRoot: WEB_ROOT,
    healthChecks: [
      answering('database', () => db.ping()),
      ...(redis === undefined ? [] : [{ ...answering('redis', () => redis.ping()), dispensable: true as const }]),
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
    observer: ringFeeder(rings),
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
  upkeep.add(...accounts.tasks, ...community.tasks);
  lifecycle.onStop('periodic tasks', 15_000, () => upkeep.stop());
  await upkeep.start();

  await listen();
  listening = addressOf(http.server.address() as AddressInfo);
  lifecycle.onStop('listening', 1000, () => void http.server.close());
  const app: App = {
    url: listening,
    parts: {
      database: config.database.url === undefined ? 'embedded' : 'external',
      bus: redis === undefined ? 'memory' : 'redis',
      mail: mailbox !== undefined ? 'mailbox' : mailer === undefined ? 'off' : 'smtp',
      webClient: existsSync(join(WEB_ROOT, 'index.html')) ? 'built' : 'missing',
    },
    runDueJobs: () => jobs.runDue(),
    runDueTasks: () => upkeep.runDue(),
  };
  await dataDir.announce({ url: app.url, mode: config.mode, database: config.database.url === undefined ? url : null });
  return app;

  async function listen(): Promise<void> {
    try {
      await http.listen({ host: config.http.host, port: config.http.port });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      const where = `${config.http.host}:${config.http.port}`;
      if (code === 'EADDRINUSE')
        throw new StartupError(`${where} is in use by another program; set PORT`, { cause: error });
      throw new StartupError(`Cannot listen on ${where} (${code}); check HOST and PORT`, { cause: error });
    }
  }
}

function addressOf({ address, family, port }: AddressInfo): string {
  // What listens on every address is reached by this one.
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
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
