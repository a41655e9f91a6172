/** How often what may be done, over REST and socket, and what counts as one address. */
import { randomUUID } from 'node:crypto';
import type { ErrorBody } from '@confab/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../src/platform/clock.ts';
import { createTestDatabase } from './database.ts';
import { type Connected, type Person, Refusal } from './person.ts';
import { startRedis } from './redis.ts';
import { startServer, type TestServer } from './server.ts';

const LIMITS = {
  RATE_LIMIT_API: '5/60',
  RATE_LIMIT_EVENTS: '4/60',
  RATE_LIMIT_HEARTBEAT: '2/60',
  RATE_LIMIT_MATCHES: '3/60',
  RATE_LIMIT_MESSAGES: '3/60',
  RATE_LIMIT_REFRESH: '6/60',
};
const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer(LIMITS, { clock });
});
afterAll(() => server.stop());
// Nothing is left of what the test before did.
beforeEach(() => clock.advance(60_000));

interface Seen {
  status: number;
  code: string | undefined;
  retryAfter: string | null;
}

async function get(path: string, headers: Record<string, string> = {}, from = server): Promise<Seen> {
  const answer = await fetch(`${from.url}${path}`, { headers });
  const { error } = (await answer.json()) as { error?: ErrorBody };
  return { status: answer.status, code: error?.code, retryAfter: answer.headers.get('retry-after') };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const profile = (person: Person) => get('/api/auth/profile', bearer(person.signedIn.accessToken));
const ways = (headers: Record<string, string> = {}, from = server) => get('/api/auth/ways', headers, from);
const statuses = (seen: readonly Seen[]) => seen.map(({ status }) => status);

async function repeat<T>(times: number, act: (i: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < times; i += 1) all.push(await act(i));
  return all;
}

/** The code a call or event was refused with. */
async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'ok';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.body.details?.retryAfter).toBe(error.body.code === 'too_many_requests' ? 60 : undefined);
    return error.body.code;
  }
}

describe('REST', () => {
  test('P-LIMIT-1 a person’s calls count for the person, wherever from; one too many is told when to come again', async () => {
    const [ann, bob] = [await server.person(), await server.person()];
    const seen = await repeat(7, () => profile(ann));
    expect(statuses(seen)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(seen[5]).toEqual({ status: 429, code: 'too_many_requests', retryAfter: '60' });
    expect((await profile(bob)).status).toBe(200);
    await clock.advance(59_000);
    expect(await profile(ann)).toMatchObject({ status: 429, retryAfter: '1' });
    await clock.advance(1000);
    expect((await profile(ann)).status).toBe(200);
  });

  test('refused calls count as well: input that is wrong, rights that are missing', async () => {
    const ann = await server.person();
    const headers = bearer(ann.signedIn.accessToken);
    const paths = [
      '/api/search',
      '/api/users/x',
      `/api/rooms/${randomUUID()}`,
      '/api/admin/audit',
      '/api/rooms?limit=0',
    ];
    for (const path of paths) expect((await get(path, headers)).status).toBeLessThan(429);
    expect((await profile(ann)).status).toBe(429);
  });

  test('of 50 at once as many are carried out as may be', async () => {
    const ann = await server.person();
    const seen = await Promise.all(Array.from({ length: 50 }, () => profile(ann)));
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(seen.filter(({ code }) => code === 'too_many_requests')).toHaveLength(45);
  });

  test('P-LIMIT-1 without a session, or with a token that is none, they count for the address; who is signed in there goes on', async () => {
    const ann = await server.person();
    const seen = await repeat(3, () => ways());
    seen.push(await get('/api/auth/profile', bearer('nonsense')), await get('/api/auth/profile'), await ways());
    expect(statuses(seen)).toEqual([200, 200, 200, 401, 429, 429]);
    expect((await profile(ann)).status).toBe(200);
  });

  test('what is no call is not limited: health and metrics', async () => {
    await repeat(6, () => ways());
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      const seen = await repeat(10, () => fetch(`${server.url}${path}`));
      expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });

  test('P-LIMIT-3 refreshing has a limit of its own, so that everyone behind an address can load the client at once', async () => {
    const people = await repeat(3, () => server.person());
    await repeat(5, () => ways());
    expect((await ways()).status).toBe(429);
    const refresh = async (person: Person) => {
      const body = { refreshToken: person.signedIn.refreshToken ?? '' };
      return codeOf(person.call('refresh', { body }));
    };
    expect(await repeat(3, (i) => refresh(people[i] as Person))).toEqual(['ok', 'ok', 'ok']);
    expect(statuses(await repeat(4, () => get('/api/auth/csrf')))).toEqual([200, 200, 200, 429]);
  });
});

describe('the socket', () => {
  async function connected(): Promise<{ person: Person; roomId: string; socket: Connected }> {
    const person = await server.person();
    const { room } = await person.call('createRoom', { body: { name: 'Limited', memberIds: [] } });
    return { person, roomId: room.id, socket: await person.connect() };
  }
  const send = ({ socket, roomId }: { socket: Connected; roomId: string }) =>
    codeOf(socket.ask('message:send', { roomId, clientId: randomUUID(), body: 'hello' }));

  test('P-LIMIT-2 messages are counted together over socket and REST, on all connections of a person', async () => {
    const one = await connected();
    const two = { ...one, socket: await one.person.connect() };
    expect(await send(one)).toBe('ok');
    expect(await codeOf(one.person.say(one.roomId, 'hello'))).toBe('ok');
    expect(await send(two)).toBe('ok');
    expect(await send(one)).toBe('too_many_requests');
    expect(await codeOf(one.person.say(one.roomId, 'hello'))).toBe('too_many_requests');
    expect(await send(await connected())).toBe('ok');
  });

  test('P-LIMIT-2 edits count as messages, over socket and REST', async () => {
    const { person, socket, roomId } = await connected();
    const { id: messageId } = await socket.ask('message:send', { roomId, clientId: randomUUID(), body: 'hello' });
    const edits = [
      await codeOf(socket.ask('message:edit', { roomId, messageId, body: 'one' })),
      await codeOf(person.call('editMessage', { params: { roomId, messageId }, body: { body: 'two' } })),
      await codeOf(socket.ask('message:edit', { roomId, messageId, body: 'three' })),
      await codeOf(person.call('editMessage', { params: { roomId, messageId }, body: { body: 'three' } })),
    ];
    expect(edits).toEqual(['ok', 'ok', 'too_many_requests', 'too_many_requests']);
    expect(await codeOf(person.say(roomId, 'hello'))).toBe('too_many_requests');
    expect(await codeOf(person.call('deleteMessage', { params: { roomId, messageId } }))).toBe('ok');
  });

  test('P-LIMIT-2 heartbeats and all other events are counted apart, and apart from REST', async () => {
    const { person, socket, roomId } = await connected();
    const beat = () => codeOf(socket.ask('heartbeat', {}));
    const typing = () => codeOf(socket.ask('typing', { roomId }));
    expect(await repeat(3, beat)).toEqual(['ok', 'ok', 'too_many_requests']);
    expect(await repeat(5, typing)).toEqual(['ok', 'ok', 'ok', 'ok', 'too_many_requests']);
    expect(await codeOf(socket.ask('sync', { rooms: [] }))).toBe('too_many_requests');
    expect((await profile(person)).status).toBe(200);
    await clock.advance(60_000);
    expect(await typing()).toBe('ok');
  });

  test('P-LIMIT-2 strangers are counted apart: nobody goes through everyone who waits', async () => {
    const { person, socket } = await connected();
    await person.call('confirmAge', { body: { ofAge: true } });
    const find = () => codeOf(socket.ask('match:find', {}));
    const next = () => codeOf(socket.ask('match:next', {}));
    expect([await find(), await next(), await find(), await next(), await find()]).toEqual([
      ...Array<string>(3).fill('ok'),
      ...Array<string>(2).fill('too_many_requests'),
    ]);
    expect(await codeOf(socket.ask('match:stop', {}))).toBe('ok');
    await clock.advance(60_000);
    expect(await find()).toBe('ok');
    await socket.ask('match:stop', {});
  });

  test('P-LIMIT-2 events that are wrong or unknown count as well', async () => {
    const { socket } = await connected();
    const wrong = (event: string, input: unknown) => codeOf(socket.ask(event as 'typing', input as never));
    const codes = [await wrong('nonsense', {}), await wrong('typing', {}), await wrong('__proto__', {})];
    codes.push(await wrong('sync', null), await wrong('nonsense', {}));
    expect(codes).toEqual(['unknown_event', 'bad_input', 'unknown_event', 'bad_input', 'too_many_requests']);
  });

  test('P-LIMIT-1 handshakes with a token that is none count for the address, as REST calls do', async () => {
    const person = await server.person();
    await clock.advance(60_000);
    expect(await repeat(6, () => handshake(server))).toEqual([
      ...Array<string>(5).fill('unauthenticated'),
      'too_many_requests',
    ]);
    expect((await ways()).status).toBe(429);
    await person.connect();
  });
});

/** The code a handshake with a wrong token is refused with. */
async function handshake(at: TestServer, headers: Record<string, string> = {}): Promise<string> {
  const options = { auth: { token: 'none' }, transports: ['websocket'], forceNew: true, reconnection: false };
  const socket = io(at.url, { ...options, extraHeaders: headers });
  try {
    return await new Promise((resolve) => {
      socket.once('connect_error', (error) => resolve((error as Error & { data: ErrorBody }).data.code));
    });
  } finally {
    socket.disconnect();
  }
}

describe('behind a proxy', () => {
  const behind = (address: string) => ({ 'x-forwarded-for': address });

  test('without TRUST_PROXY no header makes another address, over REST and for handshakes', async () => {
    const spoofed = (i: number) => ({
      ...behind(`203.0.113.${i}`),
      'x-real-ip': `203.0.113.${i}`,
      forwarded: `for=203.0.113.${i}`,
    });
    expect(statuses(await repeat(6, (i) => ways(spoofed(i))))).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await handshake(server, spoofed(9))).toBe('too_many_requests');
  });

  test('with it each client has its own, over REST and for handshakes alike, and what the client itself claims is not believed', async () => {
    const trusting = await startServer({ ...LIMITS, RATE_LIMIT_API: '2/60', TRUST_PROXY: '127.0.0.0/8,::1' });
    onTestFinished(() => trusting.stop());
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      expect((await ways(behind(address), trusting)).status).toBe(200);
      expect(await handshake(trusting, behind(`198.51.100.7, ${address}`))).toBe('unauthenticated');
      expect(await handshake(trusting, behind(address))).toBe('too_many_requests');
      expect((await ways(behind(`198.51.100.8, ${address}`), trusting)).status).toBe(429);
      expect((await ways(behind(`::ffff:${address}`), trusting)).status).toBe(429);
    }
    expect((await ways(behind('2001:db8:1:1::1'), trusting)).status).toBe(200);
    expect(await handshake(trusting, behind('2001:db8:1:1:ffff::2'))).toBe('unauthenticated');
    expect((await ways(behind('2001:db8:1:1:9::3'), trusting)).status).toBe(429);
    expect((await ways(behind('2001:db8:1:2::1'), trusting)).status).toBe(200);
    // What is no address has no allowance of its own each time.
    expect(statuses(await repeat(3, (i) => ways(behind(`nonsense-${i}`), trusting)))).toEqual([200, 200, 429]);
  });
});

test('nodes with one Redis count together, and go on by themselves when it is gone', async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  const nodes: TestServer[] = [];
  onTestFinished(async () => {
    for (const node of nodes) await node.stop();
    await redis.stop();
    await database.drop();
  });
  for (let i = 0; i < 2; i += 1) {
    const env = { REDIS_URL: redis.url, RATE_LIMIT_API: '4/600' };
    nodes.push(await startServer(env, { databaseUrl: database.url }));
  }
  const [one, two] = nodes as [TestServer, TestServer];
  const seen = await repeat(6, (i) => ways({}, i % 2 === 0 ? one : two));
  expect(statuses(seen)).toEqual([200, 200, 200, 200, 429, 429]);
  await redis.kill();
  expect(statuses(await repeat(5, () => ways({}, one)))).toEqual([200, 200, 200, 200, 429]);
});
