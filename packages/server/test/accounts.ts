/** The accounts module on a database of its own, behind the real HTTP binder, with a clock that tests move. */
import { ProtocolError, rest, type ErrorCode, type RouteName, type SignedIn } from '@confab/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { createAccounts, type Accounts, type AccountsConfig } from '../src/modules/accounts/index.ts';
import { moderationLog } from '../src/modules/safety/index.ts';
import type { Bus } from '../src/platform/bus/index.ts';
import { memoryBus } from '../src/platform/bus/memory.ts';
import { FakeClock } from '../src/platform/clock.ts';
import { type OpenDatabase, openDatabase } from '../src/platform/db/database.ts';
import { bindRest } from '../src/platform/http/bind.ts';
import { createHttpServer } from '../src/platform/http/server.ts';
import { createIds } from '../src/platform/ids.ts';
import { PostgresJobs } from '../src/platform/jobs/postgres.ts';
import type { Limits } from '../src/platform/limiter/index.ts';
import { memoryLimiter } from '../src/platform/limiter/memory.ts';
import { createLogger } from '../src/platform/log.ts';
import type { Mail, Mailer } from '../src/platform/mail/index.ts';
import type { Sms } from '../src/platform/sms/index.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { Upkeep } from '../src/platform/upkeep/index.ts';
import { createTestDatabase } from './database.ts';
import { NO_LIMITS } from './limits.ts';

export const SECRET: Buffer = Buffer.alloc(32, 7);

export interface Node {
  accounts: Accounts;
  clock: FakeClock;
  bus: Bus;
  /** All letters so far, those that are due sent. */
  mails(): Promise<readonly Mail[]>;
  /** All text messages so far, those that are due sent. */
  texts(): Promise<readonly { to: string; text: string }[]>;
  /** Runs the periodic tasks that are due. */
  runDueTasks(): Promise<void>;
  /** Everything it has logged, as text. */
  logged(): string;
  /** A caller without cookies; from 127.0.0.1 unless told. */
  caller(remoteAddress?: string): Caller;
}

interface NodeOptions {
  /** null: none can be sent. */
  sms?: Sms | null;
  /** null: none can be sent. Otherwise what it is given is not among `mails`. */
  mailer?: Mailer | null;
  bus?: Bus;
  secret?: Buffer;
  clock?: FakeClock;
  limits?: Limits;
  /** In place of what is configured otherwise. */
  config?: Partial<AccountsConfig>;
}

export interface AccountsWorld extends Node {
  db: OpenDatabase;
  /** Another node on the same database. */
  node(options?: NodeOptions): Promise<Node>;
  close(): Promise<void>;
}

export async function startAccounts(): Promise<AccountsWorld> {
  const database = await createTestDatabase();
  const silent = createLogger({ level: 'silent', format: 'json' });
  const db = await openDatabase({ url: database.url, poolSize: 8, log: silent });
  const closing: (() => Promise<void>)[] = [];

  async function node(options: NodeOptions = {}): Promise<Node> {
    const { bus = memoryBus(), secret = SECRET, clock = new FakeClock(), limits = NO_LIMITS, config = {} } = options;
    let text = '';
    const log = createLogger({ level: 'trace', format: 'json' }, { write: (line) => void (text += line) });
    const ids = createIds(clock);
    const jobs = new PostgresJobs({ url: database.url, clock, log, concurrency: 1 });
    const mails: Mail[] = [];
    const texts: { to: string; text: string }[] = [];
    const { sms = { send: (to, words) => Promise.resolve(void texts.push({ to, text: words })) } } = options;
    const { mailer = { send: (mail) => Promise.resolve(void mails.push(mail)), close: () => undefined } } = options;
    const metrics = createMetrics(clock);
    const limiter = memoryLimiter(limits, clock);
    const accounts = await createAccounts({
      db,
      clock,
      ids,
      log,
      bus,
      jobs,
      limiter,
      mailer: mailer ?? undefined,
      sms: sms ?? undefined,
      secret,
      config: {
        baseUrl: () => 'https://chat.example',
        sessions: { idle: 30 * 86_400, absolute: 180 * 86_400 },
        guests: { enabled: true, lifetime: 86_400 },
        providers: [],
        ...config,
      },
      personalData: () => [],
      banRecords: () => ({
        banned: async () => async () => () => undefined,
        lifted: async () => async () => ({ ends: true, after: () => undefined }),
      }),
      trail: moderationLog({ clock }),
      // As if there were a rule about one word.
      demandVoice: async () => undefined,
      changesUnderWay: async () => undefined,
      async demandWording(_, texts) {
        if (Object.values(texts).includes('Unspeakable')) throw new ProtocolError('text_rejected');
      },
    });
    const app = createHttpServer({
      http: { publicUrl: undefined, corsOrigins: [], trustProxy: false, metricsToken: undefined },
      webRoot: '/nonexistent',
      healthChecks: [],
      stopping: () => false,
      log,
      clock,
      ids,
      metrics,
    });
    bindRest(app, accounts.routes, accounts, limiter);
    await app.ready();
    const upkeep = new Upkeep({ db, clock, log, metrics });
    upkeep.add(...accounts.tasks);
    await upkeep.start();
    closing.push(async () => {
      await upkeep.stop();
      await app.close();
      await accounts.stop();
      await jobs.close();
    });
    return {
      accounts,
      clock,
      bus,
      runDueTasks: () => upkeep.runDue(),
      logged: () => text,
      async mails() {
        await jobs.runDue();
        return mails;
      },
      async texts() {
        await jobs.runDue();
        return texts;
      },
      caller: (remoteAddress = '127.0.0.1') => new Caller((request) => app.inject({ ...request, remoteAddress })),
    };
  }

  const first = await node();
  return {
    ...first,
    db,
    node,
    async close() {
      for (const close of closing) await close();
      await first.bus.close();
      await db.close();
      await database.drop();
    },
  };
}

interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

export interface Answer {
  status: number;
  /** The error's code; undefined when there is none. */
  code: ErrorCode | undefined;
  body: unknown;
  headers: LightMyRequestResponse['headers'];
}

interface CallOptions {
  params?: Record<string, string>;
  query?: Record<string, string> | URLSearchParams;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

/** Calls routes by their names and keeps cookies, as a browser does. */
export class Caller {
  readonly cookies = new Map<string, string>();
  readonly #inject: (request: Request) => Promise<LightMyRequestResponse>;

  constructor(inject: (request: Request) => Promise<LightMyRequestResponse>) {
    this.#inject = inject;
  }

  async call(name: Exclude<RouteName, 'metrics'>, options: CallOptions = {}): Promise<Answer> {
    const { method, path } = rest[name];
    const query = options.query === undefined ? '' : `?${new URLSearchParams(options.query).toString()}`;
    const request: Request = {
      method,
      url: path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(options.params?.[key] ?? '')) + query,
      headers: options.headers === undefined ? {} : { ...options.headers },
    };
    if (options.token !== undefined) request.headers.authorization = `Bearer ${options.token}`;
    if (this.cookies.size > 0) request.headers.cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    if (options.body !== undefined) {
      request.headers['content-type'] = 'application/json';
      request.payload = JSON.stringify(options.body);
    }
    const response = await this.#inject(request);
    for (const { name: cookie, value, maxAge } of response.cookies) {
      if (maxAge === 0) this.cookies.delete(cookie);
      else this.cookies.set(cookie, value ?? '');
    }
    const body: unknown = response.body === '' ? undefined : response.json();
    const error = (body as { error?: { code: ErrorCode } } | undefined)?.error;
    return { status: response.statusCode, code: error?.code, body, headers: response.headers };
  }

  /** Signs up with a name of its own; the refresh token travels in the body unless `transport` says otherwise. */
  async signUp(username: string, transport: 'body' | 'cookie' = 'body'): Promise<SignedIn & { refreshToken: string }> {
    const body = { email: `${username}@example.com`, password: PASSWORD, username, transport };
    const answer = await this.call('signUp', { body });
    if (answer.status !== 201) throw new Error(`sign-up failed: ${JSON.stringify(answer.body)}`);
    const signedIn = answer.body as SignedIn;
    return { ...signedIn, refreshToken: signedIn.refreshToken ?? '' };
  }

  /** The exchange of a refresh token in the body. */
  refresh(refreshToken: string): Promise<Answer> {
    return this.call('refresh', { body: { refreshToken } });
  }

  /** Fetches a CSRF token for the calls that the cookie authenticates. */
  async csrf(): Promise<Record<string, string>> {
    const { body } = await this.call('csrf');
    return { 'x-csrf-token': (body as { csrfToken: string }).csrfToken };
  }
}

/** As if somebody had followed the link of the letter to the address they signed up with. */
export async function verifyAddress({ db }: AccountsWorld, userId: string): Promise<void> {
  await db.query('update accounts.users set email_verified_at = now() where id = $1', [userId]);
}

/** How often the audit log says that this was done to somebody. */
export async function audited({ db }: AccountsWorld, action: string, targetId: string): Promise<number> {
  const { rows } = await db.query('select from accounts.audit_log where action = $1 and target_id = $2', [
    action,
    targetId,
  ]);
  return rows.length;
}

/** The newest letter to this address. */
export async function letterTo(node: Node, to: string): Promise<Mail> {
  const mail = (await node.mails()).findLast((sent) => sent.to === to);
  if (mail === undefined) throw new Error(`nothing was mailed to ${to}`);
  return mail;
}

/** The six digits of a letter. */
export async function codeTo(node: Node, to: string): Promise<string> {
  const { text } = await letterTo(node, to);
  const code = /^ {4}(\d{6})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`there is no code in ${text}`);
  return code;
}

/** The token of a letter's link. */
export async function tokenTo(node: Node, to: string): Promise<string> {
  const { text } = await letterTo(node, to);
  const token = /#token=([\w-]+)$/m.exec(text)?.[1];
  if (token === undefined) throw new Error(`there is no link in ${text}`);
  return token;
}

export const PASSWORD = 'correct horse battery';
