/** Connections to Redis, for the adapters that use it. */
import { Redis } from 'ioredis';
import { StartupError } from './lifecycle.ts';
import type { Logger } from './log.ts';

export type { Redis };

/** How long the first connection may take: Redis may be starting at the same time. */
const START_MS = 3000;
/** A connection that owes an answer for this long is taken for dead. */
const SILENCE_MS = 5000;
const MAX_RETRY_MS = 2000;

/**
 * A connection that is ready, and reconnects by itself from then on. While it is away, and for everything under way when
 * it goes, commands are rejected at once and never repeated.
 * @throws StartupError when Redis cannot be reached within a few seconds
 */
export async function openRedis({
  url,
  role,
  log,
  commandTimeout,
}: {
  url: string;
  role: string;
  log: Logger;
  /** ms after which a command without an answer is rejected; it may have been carried out. */
  commandTimeout?: number;
}): Promise<Redis> {
  const redis = new Redis(url, {
    connectionName: `confab-${role}`,
    connectTimeout: START_MS,
    socketTimeout: SILENCE_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    ...(commandTimeout !== undefined && { commandTimeout }),
    // Jittered, so that nodes do not all come back at the same moment.
    retryStrategy: (attempt) => Math.min(MAX_RETRY_MS, 50 * 2 ** attempt) * (0.5 + Math.random() / 2),
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let last: unknown = 'no answer';
  let up = true;
  redis.on('error', (error: unknown) => (last = error));
  redis.on('ready', () => {
    if (!up) log.info({ role }, 'Redis is back');
    up = true;
    resolve();
  });
  redis.on('close', () => {
    if (up && redis.status !== 'end') log.warn({ role, err: last }, 'Redis is away');
    up = false;
  });
  const timer = setTimeout(
    () => reject(new StartupError(`Cannot reach Redis (${said(last)}); check REDIS_URL`)),
    START_MS,
  );
  try {
    await ready;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a connection once what was sent is answered, or at once when Redis is away. */
export async function closeRedis(redis: Redis): Promise<void> {
  try {
    await redis.quit();
  } catch {
    redis.disconnect();
  }
}

// The code or the text of Redis; never the address, which may hold a password.
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'ReplyError' ? error.message : error.name;
}
