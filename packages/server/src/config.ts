import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { LIMITS } from '@confab/protocol';
import { z } from 'zod';
import { StartupError } from './platform/lifecycle.ts';
import type { Limit, Limits } from './platform/limiter/index.ts';
import { logFormats, logLevels } from './platform/log.ts';
import { parseProviders, PROVIDERS_PROBLEM } from './config-providers.ts';
import { parseRetention, RETENTION_PROBLEM, RETENTION_UNLESS_SET } from './config-retention.ts';

/** Everything that can be configured, parsed once at start and passed in. */
export type Config = ReturnType<typeof toConfig>;

/** Names every wrong value at once, in words for the person who wrote them. Values are never repeated in it. */
export class ConfigError extends StartupError {
  override name = 'ConfigError';
  readonly problems: readonly { name: string; problem: string }[];

  constructor(problems: { name: string; problem: string }[]) {
    super(`Wrong configuration: ${problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')}`);
    this.problems = problems;
  }
}

/** One entry per environment variable: how it is read, and what it is when unset (an empty value counts as unset). */
const settings = z.object({
  NODE_ENV: oneOf(['development', 'production', 'test']).default('development'),
  HOST: text().default('127.0.0.1'),
  PORT: integer(0, 65_535).default(3000),
  PUBLIC_URL: parsed(parseOrigin, 'must be like https://chat.example.com, without a path').optional(),
  CORS_ORIGINS: parsed(
    (value) => parseList(value, parseOrigin),
    'must be origins like https://example.com, separated by commas',
  ).default([]),
  TRUST_PROXY: parsed(
    parseTrustProxy,
    'must be true, false, a number of proxies, or addresses and networks like 10.0.0.0/8, separated by commas',
  ).default(false),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  DATA_DIR: text().default('./data'),
  DATABASE_URL: parsed(
    parseDatabaseUrl,
    'must be like postgres://user:password@host:5432/database, special characters in the password percent-encoded',
  ).optional(),
  // Each commit lane holds one while it asks for profiles over another.
  DATABASE_POOL: integer(6, 500).default(10),
  REDIS_URL: parsed(
    parseRedisUrl,
    'must be like redis://user:password@host:6379 (rediss:// with TLS), special characters in the password percent-encoded',
  ).optional(),
  REDIS_PREFIX: parsed(
    (value) => (/^[a-zA-Z0-9_-]{1,40}$/.test(value) ? value : undefined),
    'must be 1 to 40 letters, digits, _ or -',
  ).default('confab'),
  PRESENCE_LEASE: integer(1, 300).default(15),
  SECRET_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  LOG_LEVEL: oneOf(logLevels).default('info'),
  LOG_FORMAT: oneOf(logFormats).default('auto'),
  SESSION_IDLE_DAYS: integer(1, 400).default(30),
  SESSION_MAX_DAYS: integer(1, 4000).default(180),
  GUESTS: parsed(parseBoolean, 'must be true or false').default(true),
  GUEST_HOURS: integer(1, 8760).default(24),
  SMTP_URL: parsed(
    parseSmtpUrl,
    'must be like smtps://user:password@host:465 or smtp://host:587, special characters in the password percent-encoded',
  ).optional(),
  MAIL_FROM: parsed(
    (value) => (/^(?:[^<>\r\n"]*<)?[^\s<>@,]+@[^\s<>@,]+>?$/.test(value) ? value : undefined),
    'must be like chat@example.com or Chat <chat@example.com>',
  ).default('Confab <confab@localhost>'),
  TWILIO_ACCOUNT_SID: text().optional(),
  TWILIO_AUTH_TOKEN: text().optional(),
  TWILIO_FROM: text().optional(),
  TWILIO_URL: parsed(parseOrigin, 'must be like https://api.twilio.com').default('https://api.twilio.com'),
  OAUTH_PROVIDERS: parsed(parseProviders, PROVIDERS_PROBLEM).default([]),
  RATE_LIMIT_API: rate().default({ count: 60, seconds: 60 }),
  RATE_LIMIT_EVENTS: rate().default({ count: 600, seconds: 60 }),
  RATE_LIMIT_HEARTBEAT: rate().default({ count: 120, seconds: 60 }),
  RATE_LIMIT_REFRESH: rate().default({ count: 1200, seconds: 60 }),
  RATE_LIMIT_MESSAGES: rate().default({ count: 60, seconds: 60 }),
  RATE_LIMIT_MATCHES: rate().default({ count: 30, seconds: 60 }),
  RATE_LIMIT_SIGN_IN: rate().default({ count: 5, seconds: 900 }),
  RATE_LIMIT_SIGN_IN_ACCOUNT: rate().default({ count: 50, seconds: 900 }),
  RATE_LIMIT_SIGN_IN_ADDRESS: rate().default({ count: 50, seconds: 900 }),
  RATE_LIMIT_CODES: rate().default({ count: 1, seconds: 60 }),
  RATE_LIMIT_CODES_HOURLY: rate().default({ count: 5, seconds: 3600 }),
  RATE_LIMIT_CODES_ADDRESS: rate().default({ count: 60, seconds: 3600 }),
  RATE_LIMIT_SIGN_UP: rate().default({ count: 60, seconds: 3600 }),
  AUTO_HIDE_REPORTS: integer(0, 1000).default(5),
  RETENTION: parsed(parseRetention, RETENTION_PROBLEM).default(RETENTION_UNLESS_SET),
  MAX_CONNECTIONS: integer(1, 1_000_000).default(20_000),
  MAX_CONNECTIONS_PER_USER: integer(1, 1_000_000).default(50),
  MAX_ROOM_MEMBERS: integer(2, 1_000_000).default(5000),
  // One `sync` names them all.
  MAX_ROOMS_PER_USER: integer(1, LIMITS.syncRooms).default(LIMITS.syncRooms),
});

function toConfig(env: z.output<typeof settings>) {
  return {
    mode: env.NODE_ENV,
    /** Absolute. */
    dataDir: resolve(env.DATA_DIR),
    /** What other secrets are derived from; when undefined, one is kept in the data directory. */
    secretKey: env.SECRET_KEY,
    http: {
      host: env.HOST,
      /** 0 lets the system choose. */
      port: env.PORT,
      /** Where people reach the server from outside, without a slash at the end. */
      publicUrl: env.PUBLIC_URL,
      /** Origins of other sites whose pages may call the server. */
      corsOrigins: env.CORS_ORIGINS,
      /** Whose `X-Forwarded-*` headers are believed, as Fastify's `trustProxy`. */
      trustProxy: env.TRUST_PROXY,
      /** When set, /metrics asks for it as a bearer token. */
      metricsToken: env.METRICS_TOKEN,
    },
    /** `url` undefined: PostgreSQL runs inside, in the data directory. */
    database: { url: env.DATABASE_URL, poolSize: env.DATABASE_POOL },
    /** `url` undefined: this is the only node. Nodes with the same Redis and prefix are one deployment. */
    redis: { url: env.REDIS_URL, prefix: env.REDIS_PREFIX },
    /** Milliseconds after which the people on a node that died count as gone. */
    presenceLeaseMs: env.PRESENCE_LEASE * 1000,
    accounts: {
      sessions: { idle: env.SESSION_IDLE_DAYS * 86_400, absolute: env.SESSION_MAX_DAYS * 86_400 },
      guests: { enabled: env.GUESTS, lifetime: env.GUEST_HOURS * 3600 },
      providers: env.OAUTH_PROVIDERS,
    },
    /** `url` undefined: mail goes to a page of the server in development, and is off in production. */
    mail: { url: env.SMTP_URL, from: env.MAIL_FROM },
    /** undefined: as with mail. */
    sms:
      env.TWILIO_ACCOUNT_SID === undefined
        ? undefined
        : {
            url: env.TWILIO_URL,
            accountSid: env.TWILIO_ACCOUNT_SID,
            authToken: env.TWILIO_AUTH_TOKEN ?? '',
            from: env.TWILIO_FROM ?? '',
          },
    rateLimits: {
      api: env.RATE_LIMIT_API,
      events: env.RATE_LIMIT_EVENTS,
      heartbeat: env.RATE_LIMIT_HEARTBEAT,
      refresh: env.RATE_LIMIT_REFRESH,
      messages: env.RATE_LIMIT_MESSAGES,
      matches: env.RATE_LIMIT_MATCHES,
      sign_in: env.RATE_LIMIT_SIGN_IN,
      sign_in_account: env.RATE_LIMIT_SIGN_IN_ACCOUNT,
      sign_in_address: env.RATE_LIMIT_SIGN_IN_ADDRESS,
      codes: env.RATE_LIMIT_CODES,
      codes_hourly: env.RATE_LIMIT_CODES_HOURLY,
      codes_address: env.RATE_LIMIT_CODES_ADDRESS,
      sign_up: env.RATE_LIMIT_SIGN_UP,
    } satisfies Limits,
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
    moderation: {
      /** People who report a message before it is hidden; 0: never. */
      autoHideReports: env.AUTO_HIDE_REPORTS,
      /** Milliseconds that rooms of a kind keep messages. */
      retention: env.RETENTION,
    },
    limits: {
      /** On each node. */
      connections: { all: env.MAX_CONNECTIONS, perUser: env.MAX_CONNECTIONS_PER_USER },
      roomMembers: env.MAX_ROOM_MEMBERS,
      roomsPerUser: env.MAX_ROOMS_PER_USER,
    },
  };
}

/**
 * Reads the configuration from environment variables. Names it does not know are ignored, except those that begin
 * with `CONFAB_`: they were meant for us.
 *
 * @throws {ConfigError} naming every wrong value.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsedSettings = settings.safeParse(given);
  const problems = (parsedSettings.error?.issues ?? []).map((issue) => ({
    name: String(issue.path[0]),
    problem: issue.message,
  }));

  if (given['REDIS_URL'] && given['DATABASE_URL'] === undefined) {
    problems.push({ name: 'DATABASE_URL', problem: 'is required when REDIS_URL is set: nodes share one database' });
  }
  if (given['NODE_ENV'] === 'production' && given['DATABASE_URL'] && !given['SECRET_KEY']) {
    problems.push({ name: 'SECRET_KEY', problem: 'is required in production when DATABASE_URL is set' });
  }
  const providers = parsedSettings.data?.OAUTH_PROVIDERS ?? [];
  if (given['NODE_ENV'] === 'production' && providers.some(({ url }) => url.startsWith('http:'))) {
    problems.push({ name: 'OAUTH_PROVIDERS', problem: 'must be reached by https in production' });
  }
  for (const name of ['TWILIO_AUTH_TOKEN', 'TWILIO_FROM'].filter((key) => given[key] === undefined)) {
    if (given['TWILIO_ACCOUNT_SID']) problems.push({ name, problem: 'is required when TWILIO_ACCOUNT_SID is set' });
  }
  for (const name of Object.keys(env).filter((key) => key.startsWith('CONFAB_'))) {
    const meant = name.slice('CONFAB_'.length);
    const hint = meant in settings.shape ? `, use ${meant}` : '';
    problems.push({ name, problem: `is not a setting${hint}` });
  }

  if (!parsedSettings.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsedSettings.data);
}

/** A setting whose text `parse` turns into its value, or into undefined when it is wrong. */
function parsed<T>(parse: (value: string) => T | undefined, problem: string) {
  return z.string().transform((value, context): T => {
    const result = parse(value.trim());
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

function text() {
  return z.string().trim();
}

function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

function integer(min: number, max: number) {
  return parsed((value) => wholeNumber(value, min, max), `must be a whole number from ${min} to ${max}`);
}

function wholeNumber(value: string, min: number, max: number): number | undefined {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  return number >= min && number <= max ? number : undefined;
}

/** A site's address: scheme, host and port, nothing after them. */
function parseOrigin(value: string): string | undefined {
  const url = URL.parse(value);
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return plain ? url.origin : undefined;
}

function parseDatabaseUrl(value: string): string | undefined {
  const protocol = URL.parse(value)?.protocol;
  return protocol === 'postgres:' || protocol === 'postgresql:' ? value : undefined;
}

function parseRedisUrl(value: string): string | undefined {
  const url = URL.parse(value);
  const { protocol } = url ?? {};
  return (protocol === 'redis:' || protocol === 'rediss:') && url?.hostname !== '' ? value : undefined;
}

function parseBoolean(value: string): boolean | undefined {
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function parseSmtpUrl(value: string): string | undefined {
  const url = URL.parse(value);
  return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' ? value : undefined;
}

/** `60/60`: so many in so many seconds. */
function rate() {
  return parsed((value): { limit: Limit | null } | undefined => {
    if (value === 'off') return { limit: null };
    const [count, seconds, ...rest] = value.split('/').map((part) => wholeNumber(part, 1, 10_000_000));
    return count === undefined || seconds === undefined || rest.length > 0 ? undefined : { limit: { count, seconds } };
  }, 'must be like 60/60, so many in so many seconds, or off').transform(({ limit }) => limit);
}

function parseTrustProxy(value: string): boolean | number | string[] | undefined {
  if (value === 'true' || value === 'false') return value === 'true';
  return wholeNumber(value, 1, 100) ?? parseList(value, (item) => (isNetwork(item) ? item : undefined));
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || wholeNumber(prefix, 0, version === 4 ? 32 : 128) !== undefined;
}

function parseList<T>(value: string, parse: (item: string) => T | undefined): T[] | undefined {
  const items = value.split(',').map((item) => parse(item.trim()));
  return items.every((item) => item !== undefined) ? items : undefined;
}
