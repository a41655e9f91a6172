/** Chooses, by the configuration, what stands behind each contract of the platform. */
import type { Config } from './config.ts';
import type { Bursts } from './platform/bursts/index.ts';
import { memoryBursts } from './platform/bursts/memory.ts';
import type { Bus } from './platform/bus/index.ts';
import { memoryBus } from './platform/bus/memory.ts';
import type { Clock } from './platform/clock.ts';
import { PostgresJobs } from './platform/jobs/postgres.ts';
import type { Limiter } from './platform/limiter/index.ts';
import { memoryLimiter } from './platform/limiter/memory.ts';
import type { Lifecycle } from './platform/lifecycle.ts';
import type { Logger } from './platform/log.ts';
import type { Mailer } from './platform/mail/index.ts';
import { createMailbox } from './platform/mail/mailbox.ts';
import type { MatchQueue } from './platform/matching/index.ts';
import { memoryMatchQueue } from './platform/matching/memory.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Pictures } from './platform/pictures/index.ts';
import { sharpPictures } from './platform/pictures/sharp.ts';
import type { PresenceStore } from './platform/presence/index.ts';
import { memoryPresence } from './platform/presence/memory.ts';
import { createSmsOutbox } from './platform/sms/outbox.ts';
import { twilioSms } from './platform/sms/twilio.ts';

/** Jobs that run at once. */
const JOB_CONCURRENCY = 4;

export interface Adapters {
  bus: Bus;
  limiter: Limiter;
  bursts: Bursts;
  presence: PresenceStore;
  matchQueue: MatchQueue;
  pictures: Pictures;
  jobs: PostgresJobs;
  mailer: Mailer | undefined;
  sms: ReturnType<typeof twilioSms> | undefined;
  /** Whether Redis answers; undefined where there is none. */
  pingRedis: (() => Promise<unknown>) | undefined;
  /** Pages that show what would have been sent; only in development. */
  mailbox: ReturnType<typeof createMailbox> | undefined;
  smsOutbox: ReturnType<typeof createSmsOutbox> | undefined;
}

interface Using {
  log: Logger;
  clock: Clock;
  metrics: Metrics;
  lifecycle: Lifecycle;
  secret: Buffer;
  /** Of the database. */
  url: string;
}

/** Connects what there is to connect. `lifecycle` closes bus, limiter, bursts and mail; whoever uses the others closes them. */
export async function openAdapters(config: Config, using: Using): Promise<Adapters> {
  const { log, clock, lifecycle, url } = using;
  const shared =
    config.redis.url === undefined ? memoryOnly(config, clock) : await onRedis(config, config.redis.url, using);
  lifecycle.onStop('bus', 1000, () => shared.bus.close());
  const { closeLimiter, closeBursts, ...rest } = shared;
  if (closeLimiter !== undefined) lifecycle.onStop('limiter', 1000, closeLimiter);
  if (closeBursts !== undefined) lifecycle.onStop('bursts', 1000, closeBursts);
  const { mail } = config;
  const isLocal = config.mode !== 'production';
  const mailbox = mail.url === undefined && isLocal ? createMailbox(clock) : undefined;
  const mailer =
    mail.url === undefined
      ? mailbox
      : (await import('./platform/mail/smtp.ts')).smtpMailer({ url: mail.url, from: mail.from });
  lifecycle.onStop('mail', 1000, () => mailer?.close());
  const smsOutbox = config.sms === undefined && isLocal ? createSmsOutbox(clock) : undefined;
  return {
    ...rest,
    pictures: sharpPictures(),
    jobs: new PostgresJobs({ url, clock, log, concurrency: JOB_CONCURRENCY }),
    mailer,
    mailbox,
    sms: config.sms === undefined ? smsOutbox : twilioSms(config.sms),
    smsOutbox,
  };
}

type Shared = Pick<Adapters, 'bus' | 'limiter' | 'bursts' | 'presence' | 'matchQueue' | 'pingRedis'> & {
  closeLimiter: (() => Promise<void>) | undefined;
  closeBursts: (() => Promise<void>) | undefined;
};

function memoryOnly(config: Config, clock: Clock): Shared {
  return {
    bus: memoryBus(),
    limiter: memoryLimiter(config.rateLimits, clock),
    bursts: memoryBursts(),
    presence: memoryPresence(),
    matchQueue: memoryMatchQueue(),
    pingRedis: undefined,
    closeLimiter: undefined,
    closeBursts: undefined,
  };
}

// Loaded only where there is a Redis: its client takes memory.
async function onRedis(config: Config, url: string, { log, clock, metrics, secret }: Using): Promise<Shared> {
  const { prefix } = config.redis;
  const [{ redisBus }, { redisLimiter }, { redisBursts }, { redisPresence }, { redisMatchQueue }] = await Promise.all([
    import('./platform/bus/redis.ts'),
    import('./platform/limiter/redis.ts'),
    import('./platform/bursts/redis.ts'),
    import('./platform/presence/redis.ts'),
    import('./platform/matching/redis.ts'),
  ]);
  const bus = await redisBus({ url, prefix, clock, log, metrics });
  const limiter = await redisLimiter(config.rateLimits, { url, prefix, secret, clock, log });
  const bursts = await redisBursts({ url, prefix, secret, clock, log });
  return {
    bus,
    limiter,
    bursts,
    presence: await redisPresence({ url, prefix, leaseMs: config.presenceLeaseMs, clock, log }),
    matchQueue: await redisMatchQueue({ url, prefix, log }),
    pingRedis: () => bus.ping(),
    closeLimiter: () => limiter.close(),
    closeBursts: () => bursts.close(),
  };
}
