import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';

const DAY = 86_400_000;

function problems(env: Record<string, string>): Record<string, string> {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((p) => [p.name, p.problem]));
    throw error;
  }
  return {};
}

test('nothing has to be set, and an empty value counts as unset', () => {
  const config = parseConfig({ PORT: '', SECRET_KEY: ' ', DATABASE_URL: undefined, PATH: '/bin' });
  expect(config).toEqual(parseConfig({}));
  expect(config).toMatchObject({
    mode: 'development',
    dataDir: `${process.cwd()}/data`,
    secretKey: undefined,
    http: { host: '127.0.0.1', port: 3000, publicUrl: undefined, corsOrigins: [], trustProxy: false },
    database: { url: undefined, poolSize: 10 },
    redis: { url: undefined, prefix: 'confab' },
    presenceLeaseMs: 15_000,
    log: { level: 'info', format: 'auto' },
    limits: { connections: { all: 20_000, perUser: 50 }, roomMembers: 5000, roomsPerUser: 500 },
  });
});

test('every setting is read', () => {
  expect(
    parseConfig({
      NODE_ENV: 'production',
      HOST: '::',
      PORT: '0',
      PUBLIC_URL: 'https://Chat.example.com/',
      CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      METRICS_TOKEN: 'm'.repeat(16),
      DATA_DIR: '/var/lib/confab',
      DATABASE_URL: 'postgres://u:p%40ss@db/confab',
      DATABASE_POOL: '30',
      REDIS_URL: 'rediss://u:p%40ss@cache:6380/1',
      REDIS_PREFIX: 'stage-2',
      PRESENCE_LEASE: '3',
      SECRET_KEY: 'k'.repeat(32),
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      MAX_CONNECTIONS: '7',
      MAX_CONNECTIONS_PER_USER: '6',
      MAX_ROOM_MEMBERS: '8',
      MAX_ROOMS_PER_USER: '9',
      SESSION_IDLE_DAYS: '2',
      SESSION_MAX_DAYS: '3',
      GUESTS: 'false',
      GUEST_HOURS: '4',
      SMTP_URL: 'smtps://u:p@mail.example:465',
      MAIL_FROM: 'Chat <chat@example.com>',
      TWILIO_ACCOUNT_SID: 'sid',
      TWILIO_AUTH_TOKEN: 'token',
      TWILIO_FROM: '+1555',
      TWILIO_URL: 'http://127.0.0.1:9',
      OAUTH_PROVIDERS: '[{"id":"github","clientId":"id","clientSecret":"secret"}]',
      AUTO_HIDE_REPORTS: '6',
      RETENTION: 'language=90d, public=, direct=3650d',
    }),
  ).toEqual({
    mode: 'production',
    dataDir: '/var/lib/confab',
    secretKey: 'k'.repeat(32),
    http: {
      host: '::',
      port: 0,
      publicUrl: 'https://chat.example.com',
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      trustProxy: ['10.0.0.0/8', '::1'],
      metricsToken: 'm'.repeat(16),
    },
    database: { url: 'postgres://u:p%40ss@db/confab', poolSize: 30 },
    redis: { url: 'rediss://u:p%40ss@cache:6380/1', prefix: 'stage-2' },
    presenceLeaseMs: 3000,
    log: { level: 'debug', format: 'json' },
    limits: { connections: { all: 7, perUser: 6 }, roomMembers: 8, roomsPerUser: 9 },
    accounts: {
      sessions: { idle: 2 * 86_400, absolute: 3 * 86_400 },
      guests: { enabled: false, lifetime: 4 * 3600 },
      providers: [
        {
          id: 'github',
          name: 'GitHub',
          kind: 'github',
          url: 'https://github.com',
          clientId: 'id',
          clientSecret: 'secret',
        },
      ],
    },
    mail: { url: 'smtps://u:p@mail.example:465', from: 'Chat <chat@example.com>' },
    sms: { url: 'http://127.0.0.1:9', accountSid: 'sid', authToken: 'token', from: '+1555' },
    rateLimits: parseConfig({}).rateLimits,
    moderation: { autoHideReports: 6, retention: { match: 7 * DAY, language: 90 * DAY, direct: 3650 * DAY } },
  });
});

test('messages are kept for good, but for those of matches, unless told otherwise', () => {
  const retention = (value: string) => parseConfig({ RETENTION: value }).moderation.retention;
  expect(retention('')).toEqual({ match: 7 * DAY });
  expect(retention('match=')).toEqual({});
  expect(retention('match=1d,group=')).toEqual({ match: DAY });
});

test('every wrong value is named at once, in one line, without repeating the value', () => {
  const env = {
    NODE_ENV: 'hunter2',
    PORT: 'hunter2',
    PUBLIC_URL: 'hunter2',
    CORS_ORIGINS: 'https://ok.example,hunter2',
    TRUST_PROXY: 'hunter2',
    DATABASE_URL: 'mysql://hunter2',
    DATABASE_POOL: '1.5',
    REDIS_URL: 'http://hunter2',
    REDIS_PREFIX: 'hunter:2',
    PRESENCE_LEASE: '0',
    SECRET_KEY: 'hunter2',
    LOG_LEVEL: 'hunter2',
    LOG_FORMAT: 'hunter2',
    MAX_CONNECTIONS: '0',
    MAX_CONNECTIONS_PER_USER: '0',
    MAX_ROOM_MEMBERS: '-1',
    MAX_ROOMS_PER_USER: '1e9',
    CONFAB_PORT: '1',
    CONFAB_HUNTER: 'hunter2',
  };
  expect(Object.keys(problems(env)).toSorted()).toEqual(Object.keys(env).toSorted());
  expect(problems(env)).toMatchObject({
    PORT: 'must be a whole number from 0 to 65535',
    LOG_FORMAT: 'must be one of auto, pretty, json',
    CONFAB_PORT: 'is not a setting, use PORT',
    CONFAB_HUNTER: 'is not a setting',
  });
  expect(() => parseConfig(env)).toThrow(/^Wrong configuration: (?!.*(hunter2|\n))/);
});

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '0x10'],
  ['PUBLIC_URL', 'https://example.com/chat'],
  ['PUBLIC_URL', 'ftp://example.com'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://a.example,'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.0/8/8'],
  ['TRUST_PROXY', '0'],
  ['DATABASE_URL', 'postgres'],
  ['RETENTION', 'match'],
  ['RETENTION', 'match=0d'],
  ['RETENTION', 'match=3651d'],
  ['RETENTION', 'match=7'],
  ['RETENTION', 'match=1d,match=2d'],
  ['RETENTION', 'thread=7d'],
  ['RETENTION', 'match=1d,'],
])('%s=%s is refused', (name, value) => {
  expect(Object.keys(problems({ [name]: value }))).toEqual([name]);
});

test.each([
  ['true', true],
  ['false', false],
  ['2', 2],
  ['127.0.0.1', ['127.0.0.1']],
])('TRUST_PROXY=%s', (value, expected) => {
  expect(parseConfig({ TRUST_PROXY: value }).http.trustProxy).toEqual(expected);
});

test('SECRET_KEY is required in production with a database elsewhere, and only there', () => {
  const DATABASE_URL = 'postgres://db/confab';
  expect(problems({ NODE_ENV: 'production', DATABASE_URL })).toEqual({
    SECRET_KEY: 'is required in production when DATABASE_URL is set',
  });
  expect(problems({ NODE_ENV: 'production' })).toEqual({});
  expect(problems({ DATABASE_URL })).toEqual({});
});

test('nodes share a database: REDIS_URL wants DATABASE_URL', () => {
  const REDIS_URL = 'redis://cache';
  expect(problems({ REDIS_URL })).toEqual({
    DATABASE_URL: 'is required when REDIS_URL is set: nodes share one database',
  });
  expect(problems({ REDIS_URL, DATABASE_URL: 'postgres://db/confab' })).toEqual({});
});

test('the limits of how often, unless told otherwise', () => {
  const minute = (count: number) => ({ count, seconds: 60 });
  const quarter = (count: number) => ({ count, seconds: 900 });
  const hour = (count: number) => ({ count, seconds: 3600 });
  expect(parseConfig({}).rateLimits).toEqual({
    api: minute(60),
    events: minute(600),
    heartbeat: minute(120),
    refresh: minute(1200),
    messages: minute(60),
    matches: minute(30),
    sign_in: quarter(5),
    sign_in_account: quarter(50),
    sign_in_address: quarter(50),
    codes: minute(1),
    codes_hourly: hour(5),
    codes_address: hour(60),
    sign_up: hour(60),
  });
});

test('each limit is read from its own setting, and can be switched off', () => {
  for (const name of Object.keys(parseConfig({}).rateLimits)) {
    const setting = `RATE_LIMIT_${name.toUpperCase()}`;
    const before = parseConfig({}).rateLimits;
    expect(parseConfig({ [setting]: ' 7/3 ' }).rateLimits).toEqual({ ...before, [name]: { count: 7, seconds: 3 } });
    expect(parseConfig({ [setting]: 'off' }).rateLimits).toEqual({ ...before, [name]: null });
  }
});

test.each(['60', '60/', '/60', '0/60', '60/0', '-1/60', '60/60/60', '60/1m', '1.5/60', 'none', 'OFF', '99999999/1'])(
  'a limit of %j is refused',
  (value) => {
    expect(problems({ RATE_LIMIT_API: value })).toEqual({
      RATE_LIMIT_API: 'must be like 60/60, so many in so many seconds, or off',
    });
  },
);
