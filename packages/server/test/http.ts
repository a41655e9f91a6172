/** The HTTP part alone, listening, with handlers of the test instead of modules. */
import { type Profile, ProtocolError, type PublicProfile, type Role } from '@confab/protocol';
import { mkdtempDisposable } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../src/platform/clock.ts';
import { bindRest } from '../src/platform/http/bind.ts';
import type { BoundRoute, RestHandlers } from '../src/platform/http/index.ts';
import { createHttpServer, type HttpServerOptions } from '../src/platform/http/server.ts';
import { createIds } from '../src/platform/ids.ts';
import type { Limits } from '../src/platform/limiter/index.ts';
import { memoryLimiter } from '../src/platform/limiter/memory.ts';
import { createLogger } from '../src/platform/log.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { NO_LIMITS } from './limits.ts';

/** With every right, so that what is refused is refused for its input. */
export const ACTOR = { userId: 'u-1', sessionId: 's-1', role: 'owner' as Role, scopes: null };

/** A profile as routes answer it, to everyone and to its owner. */
export const PUBLIC_ADA: PublicProfile = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  username: 'ada',
  name: 'Ada',
  role: 'user',
  bio: '',
  languages: [],
  timeZone: null,
  avatar: null,
  seller: null,
  createdAt: 1,
};
export const ADA: Profile = {
  ...PUBLIC_ADA,
  email: 'ada@example.com',
  emailVerified: false,
  phone: null,
  guestUntil: null,
};

export interface HttpTest extends AsyncDisposable {
  url: string;
  port: number;
  clock: FakeClock;
  metrics: ReturnType<typeof createMetrics>;
  /** The folder of the web client: empty at first. */
  webRoot: string;
  /** Log lines so far. */
  logged(): Record<string, unknown>[];
}

/** Accepts the bearer tokens `good` and `expired`. */
export async function startHttp<N extends BoundRoute>(
  handlers: RestHandlers<N>,
  options: Partial<HttpServerOptions['http']> &
    Partial<Pick<HttpServerOptions, 'healthChecks' | 'stopping'>> & {
      limits?: Limits;
    } = {},
): Promise<HttpTest> {
  const clock = new FakeClock();
  const metrics = createMetrics(clock);
  const folder = await mkdtempDisposable(join(tmpdir(), 'confab-http-'));
  let text = '';
  const { healthChecks = [], stopping = () => false, limits = NO_LIMITS, ...http } = options;
  const app = createHttpServer({
    http: { publicUrl: undefined, corsOrigins: [], trustProxy: false, metricsToken: undefined, ...http },
    webRoot: folder.path,
    healthChecks,
    stopping,
    log: createLogger({ level: 'trace', format: 'json' }, { write: (line) => void (text += line) }),
    clock,
    ids: createIds(clock),
    metrics,
  });
  bindRest(
    app,
    handlers,
    {
      authenticate: (token) => {
        if (token === 'good') return Promise.resolve({ actor: ACTOR });
        return Promise.reject(new ProtocolError(token === 'expired' ? 'token_expired' : 'unauthenticated'));
      },
      demandStepUp: () => Promise.resolve(),
    },
    memoryLimiter(limits, clock),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    metrics,
    webRoot: folder.path,
    logged: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      await app.close();
      await folder.remove();
    },
  };
}

/** Sends a request of `bad-input.ts` and tells what came back. */
export async function send(
  url: string,
  {
    method,
    path,
    body,
    type = 'application/json',
  }: { method: string; path: string; body?: string | undefined; type?: string | undefined },
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; code: string | undefined; fields: string[]; body: unknown }> {
  const answer = await fetch(`${url}${path}`, {
    redirect: 'manual',
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  const json = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  const parsed: unknown = json ? JSON.parse(text) : text;
  const error = (parsed as { error?: { code?: string; details?: { fields?: { field: string }[] } } } | null)?.error;
  return {
    status: answer.status,
    headers: answer.headers,
    code: error?.code,
    fields: error?.details?.fields?.map(({ field }) => field) ?? [],
    body: parsed,
  };
}
