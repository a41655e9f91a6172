/** What pages of other sites, and clients that mean no good, try at the whole server. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { rest, type RouteName, type RouteSpec, type SignedIn } from '@confab/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from './person.ts';
import { startServer, type TestServer } from './server.ts';

const PUBLIC_URL = 'https://chat.example';
const FRIEND = 'https://friend.example';
/** Origins that are none of ours, though some look like it. */
const STRANGERS = [
  'https://evil.example',
  'null',
  'http://chat.example',
  'https://chat.example:444',
  'https://chat.example.evil.example',
  'https://evil.example/https://chat.example',
  'https://chat.example@evil.example',
  'https://notchat.example',
  'https://friend.example.',
  'HTTPS://CHAT.EXAMPLE',
  'file://',
  '',
];
const PASSWORD = 'a good password';

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer({ PUBLIC_URL, CORS_ORIGINS: FRIEND, LOG_LEVEL: 'trace' });
  person = await server.person();
});
afterAll(() => server.stop());

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** As much of a browser as it takes: it keeps cookies, and sends them wherever their path fits. */
class Browser {
  readonly cookies = new Map<string, string>();
  /** The attributes of every cookie it was given. */
  readonly given: { name: string; attributes: string[] }[] = [];

  async fetch(path: string, { headers, ...init }: Init = {}) {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(`${server.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; */);
      const [name = '', value = ''] = pair.split('=');
      this.given.push({ name, attributes });
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async csrf(): Promise<string> {
    return ((await (await this.fetch('/api/auth/csrf')).json()) as { csrfToken: string }).csrfToken;
  }

  async signUp(): Promise<SignedIn> {
    const username = `b${randomUUID().slice(0, 8)}`;
    const answer = await this.post('/api/auth/signup', {
      email: `${username}@example.com`,
      username,
      password: PASSWORD,
    });
    if (answer.status !== 201) throw new Error(`sign-up failed: ${answer.status}`);
    return (await answer.json()) as SignedIn;
  }
}

async function codeOf(answer: Response): Promise<string | undefined> {
  const body = await answer.text();
  return body === '' ? undefined : (JSON.parse(body) as { error?: { code: string } }).error?.code;
}

const rows = Object.entries(rest) as [RouteName, RouteSpec][];
const pathOf = ({ path }: RouteSpec) => path.replaceAll(/:\w+/g, randomUUID());

describe('a page of another site', () => {
  async function upgrade(headers: Record<string, string>): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const lines = Object.entries({
      host: `${hostname}:${port}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join('')}\r\n`);
    try {
      const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString().split('\r\n');
      return first ?? '';
    } finally {
      socket.destroy();
    }
  }

  test('opens no WebSocket, and no connection by polling either', async () => {
    for (const origin of STRANGERS) {
      expect.soft(await upgrade({ origin }), origin).toMatch(/^HTTP\/1\.1 4\d\d /);
      const polled = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
      expect.soft(polled.status, origin).toBe(403);
      expect.soft(await polled.text(), origin).not.toContain('sid');
    }
    for (const origin of [PUBLIC_URL, FRIEND, server.url]) expect(await upgrade({ origin })).toContain('101');
  });

  test('does nothing by the cookies of who looks at it: a socket takes no cookie for a token', async () => {
    const browser = new Browser();
    await browser.signUp();
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const socket = io(server.url, { transports: ['websocket'], reconnection: false, extraHeaders: { cookie } });
    const error = await new Promise<Error & { data?: unknown }>((resolve) => socket.once('connect_error', resolve));
    expect(error.data).toMatchObject({ code: 'unauthenticated' });
    socket.disconnect();
  });

  test('calls nothing and reads nothing, on any route; configured sites and one’s own do', async () => {
    const authorization = `Bearer ${person.signedIn.accessToken}`;
    for (const origin of STRANGERS) {
      for (const path of ['/api/auth/profile', '/api/auth/csrf', '/api/nothing', '/%61pi/auth/csrf']) {
        const answer = await fetch(`${server.url}${path}`, { headers: { origin, authorization } });
        expect.soft([origin, path, answer.status, await codeOf(answer)]).toEqual([origin, path, 403, 'origin_refused']);
        expect.soft(answer.headers.get('access-control-allow-origin'), origin).toBeNull();
      }
      const preflight = { origin, 'access-control-request-method': 'POST' };
      const answer = await fetch(`${server.url}/api/auth/signin`, { method: 'OPTIONS', headers: preflight });
      expect.soft(answer.headers.get('access-control-allow-origin'), origin).toBeNull();
    }
    for (const [origin, told] of [
      [FRIEND, FRIEND],
      [PUBLIC_URL, null],
      [server.url, null],
    ] as const) {
      const answer = await fetch(`${server.url}/api/auth/profile`, { headers: { origin, authorization } });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, told]);
      expect(answer.headers.get('vary') ?? '').toMatch(/origin/i);
    }
  });

  test('signs nobody in under an account of its own: what a form can send is not taken', async () => {
    const credentials = JSON.stringify({ email: person.signedIn.user.email, password: PASSWORD });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const headers = type === '' ? undefined : { 'content-type': type };
      const body = type === '' ? new Blob([credentials]) : credentials;
      const init = { method: 'POST', body, ...(headers === undefined ? {} : { headers }) };
      const answer = await fetch(`${server.url}/api/auth/signin`, init);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const crossSite = await new Browser().post('/api/auth/signin', JSON.parse(credentials), {
      origin: 'https://evil.example',
    });
    expect([crossSite.status, crossSite.headers.getSetCookie()]).toEqual([403, []]);
  });
});

describe('the cookies', () => {
  test('authenticate nothing but the routes of the refresh token, not even beside a CSRF token', async () => {
    const browser = new Browser();
    await browser.signUp();
    const headers = { 'x-csrf-token': await browser.csrf() };
    for (const [name, row] of rows.filter(([, { auth }]) => auth === 'user')) {
      const init = row.body === undefined ? {} : { body: '{}' };
      const type = row.body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await browser.fetch(pathOf(row), {
        method: row.method,
        headers: { ...headers, ...type },
        ...init,
      });
      expect.soft([name, await codeOf(answer)]).toEqual([name, 'unauthenticated']);
    }
  });

  test('count there only beside the CSRF token of the same browser', async () => {
    const [browser, other] = [new Browser(), new Browser()];
    await Promise.all([browser.signUp(), other.signUp()]);
    const [own, foreign] = [await browser.csrf(), await other.csrf()];
    const cookie = browser.cookies.get('confab_csrf') ?? '';
    const routes = rows.filter(([, { auth }]) => auth === 'refresh');
    // Signing out ends it: it is the last.
    expect(routes.map(([name]) => name)).toEqual(['refresh', 'signOut']);
    const wrong = ['', 'x', cookie, foreign, own.toLowerCase(), own.slice(0, -1), `${own}A`, `${own}, ${own}`];
    for (const [name, { path }] of routes) {
      expect([name, await codeOf(await browser.post(path, {}))]).toEqual([name, 'csrf']);
      for (const token of wrong) {
        const answer = await browser.post(path, {}, { 'x-csrf-token': token });
        expect.soft([name, token, answer.status, await codeOf(answer)]).toEqual([name, token, 403, 'csrf']);
      }
      // Another site could make a form with it, or a link: only the header counts.
      const elsewhere = await browser.post(`${path}?csrfToken=${own}&x-csrf-token=${own}`, {});
      expect([name, await codeOf(elsewhere)]).toEqual([name, 'csrf']);
    }
    for (const [, { path }] of routes) {
      expect((await browser.post(path, {}, { 'x-csrf-token': own })).status).toBeLessThan(300);
    }
    expect((await other.post('/api/auth/refresh', {}, { 'x-csrf-token': foreign })).status).toBe(200);
  });

  test('are out of reach of scripts, other sites, other paths and plain HTTP, each time they are set', async () => {
    const browser = new Browser();
    const { user } = await browser.signUp();
    await browser.post('/api/auth/signin', { email: user.email, password: PASSWORD });
    const headers = { 'x-csrf-token': await browser.csrf() };
    await browser.post('/api/auth/refresh', {}, headers);
    await browser.post('/api/auth/signout', {}, headers);
    await browser.post('/api/auth/guest', {});
    const names = browser.given.map(({ name }) => name);
    expect(names).toEqual([
      ...Array<string>(2).fill('confab_refresh'),
      'confab_csrf',
      ...Array<string>(3).fill('confab_refresh'),
    ]);
    for (const { attributes } of browser.given) {
      expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/api/auth']));
      expect(attributes.filter((attribute) => /^domain/i.test(attribute))).toEqual([]);
    }
  });

  test('a session begins with a refresh token of its own, whichever the browser brought', async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const { user } = await victim.signUp();
    await attacker.signUp();
    const planted = attacker.cookies.get('confab_refresh') ?? '';
    victim.cookies.set('confab_refresh', planted);
    await victim.post('/api/auth/signin', { email: user.email, password: PASSWORD });
    expect(victim.cookies.get('confab_refresh')).not.toBe(planted);
    const answer = await attacker.post('/api/auth/refresh', {}, { 'x-csrf-token': await attacker.csrf() });
    // Theirs ended when the victim's began.
    expect(answer.status).toBe(401);
  });
});

test('security headers are on every kind of answer', async () => {
  const bearer = { authorization: `Bearer ${person.signedIn.accessToken}` };
  const json = { 'content-type': 'application/json' };
  const kinds: [number, string, RequestInit?][] = [
    [200, '/api/auth/profile', { headers: bearer }],
    [200, '/.well-known/jwks.json'],
    [204, '/api/auth/signout', { method: 'POST' }],
    [400, '/api/auth/signin', { method: 'POST', headers: json, body: '{}' }],
    [400, '/api/auth/signin', { method: 'POST', headers: json, body: '{' }],
    [400, '/api/users/%zz', { headers: bearer }],
    [401, '/api/auth/profile'],
    [403, '/api/auth/profile', { headers: { origin: 'https://evil.example' } }],
    [404, '/api/nothing'],
    [404, '/nothing.js'],
    [405, '/api/auth/profile', { method: 'DELETE' }],
    [415, '/api/auth/signin', { method: 'POST', body: 'x' }],
    [200, '/health'],
    [200, '/metrics'],
    [200, '/socket.io/?EIO=4&transport=polling'],
    [400, '/socket.io/?EIO=4&transport=nonsense'],
    [403, '/socket.io/?EIO=4&transport=polling', { headers: { origin: 'https://evil.example' } }],
  ];
  for (const [status, path, init] of kinds) {
    const answer = await fetch(`${server.url}${path}`, { redirect: 'manual', ...init });
    const about = `${status} ${path}`;
    expect.soft(answer.status, about).toBe(status);
    const header = (name: string) => answer.headers.get(name) ?? '';
    expect.soft(header('content-security-policy'), about).toContain("default-src 'none'");
    expect.soft(header('content-security-policy'), about).toContain("frame-ancestors 'none'");
    expect.soft(header('content-security-policy'), about).not.toContain('unsafe');
    expect.soft(header('x-content-type-options'), about).toBe('nosniff');
    expect.soft(header('referrer-policy'), about).toBe('no-referrer');
    expect.soft(header('strict-transport-security'), about).toMatch(/^max-age=\d{8}/);
    expect.soft(header('cross-origin-resource-policy'), about).toBe('same-origin');
    expect.soft(header('x-powered-by'), about).toBe('');
    if (path.startsWith('/api/')) expect.soft(header('cache-control'), about).toBe('no-store');
  }
});

test('no secret is taken in a path or a query, where logs and histories keep it', () => {
  // An invitation is a link by nature, and a provider of OAuth answers by one (RFC 6749 §4.1.2).
  const links = new Set(['invite', 'acceptInvite']);
  for (const [name, { path, params, query }] of rows.filter(([route]) => !links.has(route))) {
    const names = [...Object.keys(params?.shape ?? {}), ...Object.keys(query?.shape ?? {})];
    expect
      .soft([name, names.filter((field) => /password|secret|code|challenge|^token$|refresh/i.test(field))])
      .toEqual([name, []]);
    expect.soft(path).not.toMatch(/:(?:token|code|password|secret)\b/i);
  }
});

test('a request that is not HTTP is answered without a word about what runs here', async () => {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.end('NONSENSE / HTTP/9.9\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toContain('HTTP/1.1 400');
  expect(answer).not.toMatch(/node|fastify|express|server:/i);
});
