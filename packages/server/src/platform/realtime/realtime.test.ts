import { randomUUID } from 'node:crypto';
import type { Ack } from '@confab/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badEvents } from '../../../test/bad-input.ts';
import { call, type Connected, type Person, signIn } from '../../../test/person.ts';
import { deafSocket } from '../../../test/raw-socket.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../clock.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Everything that could have been written, counted. */
async function written(person: Person): Promise<unknown> {
  const { rooms } = await person.call('rooms', { query: {} });
  return rooms.map(({ room }) => [room.id, room.n, room.rev]);
}

/** Opens the transport by hand, to say what no client library would. */
async function rawSocket(token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      if (String(data).startsWith('0')) socket.send(`40${JSON.stringify({ token })}`);
      if (String(data).startsWith('40')) resolve();
    });
  });
  return socket;
}
const closed = (socket: WebSocket) => new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()));

/** The refusal of a handshake. */
async function refused(auth: Record<string, unknown>, headers: Record<string, string> = {}): Promise<unknown> {
  const socket = io(server.url, {
    auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('connect', () => reject(new Error('was let in')));
      socket.once('connect_error', (error) => resolve((error as Error & { data?: unknown }).data ?? 'closed'));
    });
  } finally {
    socket.disconnect();
  }
}

describe('bad input', () => {
  test('every field of every event, wrong in every way, is refused by code and field; nothing is written', async () => {
    const person = await server.person();
    await person.call('createRoom', { body: { name: 'Untouched' } });
    const before = await written(person);
    let connection: Connected = await person.connect();
    const wrong: unknown[] = [];
    const cases = badEvents();
    expect(cases.length).toBeGreaterThan(200);
    for (const { event, title, input, expected } of cases) {
      const answer = (await connection.socket
        .timeout(20_000)
        .emitWithAck(event, ...([input] as never))
        .catch(() => 'closed')) as Ack<unknown> | 'closed';
      if (answer === 'closed') {
        // A frame above the bound ends its connection, and only that.
        connection = await person.connect();
        continue;
      }
      if (expected === 'any') {
        if (!answer.ok && answer.error.code === 'internal') wrong.push({ event, title, answer });
      } else if (answer.ok || answer.error.code !== expected.code) {
        wrong.push({ event, title, expected, answer });
      } else if (
        expected.field !== undefined &&
        !answer.error.details?.fields?.some((f) => f.field === expected.field)
      ) {
        wrong.push({ event, title, expected, answer });
      }
    }
    expect(wrong).toEqual([]);
    expect(await written(person)).toEqual(before);
  });

  test('unknown events, missing acknowledgements and extra arguments are survived', async () => {
    const person = await server.person();
    const connection = await person.connect();
    const { socket } = connection;
    const emit = (...args: unknown[]) => (socket.emitWithAck as (...all: unknown[]) => Promise<Ack<unknown>>)(...args);
    for (const event of ['nope', 'constructor', '__proto__', 'toString']) {
      expect(await emit(event, {}), event).toMatchObject({ ok: false, error: { code: 'unknown_event' } });
    }
    expect(await emit('heartbeat', {}, {})).toMatchObject({ ok: false, error: { code: 'malformed' } });
    expect(await emit('heartbeat')).toMatchObject({
      ok: false,
      error: { code: 'bad_input', details: { fields: [{ field: '' }] } },
    });
    (socket.emit as (...all: unknown[]) => void)('message:send', { roomId: 'x' });
    (socket.emit as (...all: unknown[]) => void)('nope');
    await expect(connection.ask('heartbeat', {})).resolves.toBeDefined();
  });

  test.each([
    ['a binary event', '451-["message:send",{"_placeholder":true,"num":0}]'],
    ['a binary acknowledgement', '461-1["x"]'],
    ['a packet of no type', '49'],
    ['a packet that is no JSON', '42["message:send",{'],
    ['a frame above the bound', `42["message:send","${'x'.repeat(70_000)}"]`],
    ['an event of a reserved name', '42["disconnecting","x"]'],
    ['an engine packet of no type', 'x'],
  ])('%s ends its own connection and nothing else', async (_title, frame) => {
    const person = await server.person();
    const bystander = await person.connect();
    const socket = await rawSocket(person.signedIn.accessToken);
    const end = closed(socket);
    socket.send(frame);
    await end;
    await expect(bystander.ask('heartbeat', {})).resolves.toBeDefined();
  });

  test('real binary attachments are refused', async () => {
    const person = await server.person();
    const { socket } = await person.connect();
    const end = new Promise((resolve) => socket.once('disconnect', resolve));
    (socket.emit as (...all: unknown[]) => void)('message:send', { roomId: Buffer.from('x') });
    await end;
  });

  test('too many events at once are refused, not queued without bound', async () => {
    const person = await server.person();
    const connection = await person.connect();
    const { room } = await person.call('createRoom', { body: { name: 'Flood' } });
    const tries = await Promise.allSettled(
      Array.from({ length: 400 }, () =>
        connection.ask('message:send', { roomId: room.id, clientId: randomUUID(), body: 'x' }),
      ),
    );
    const refusals = tries
      .filter((t) => t.status === 'rejected')
      .map((t) => (t.reason as { body: { code: string } }).body.code);
    expect(new Set(refusals)).toEqual(new Set(['too_many_requests']));
    expect((await person.call('room', { params: { roomId: room.id } })).room.n).toBe(400 - refusals.length);
  });
});

describe('admission', () => {
  test('a handshake without a proper token is refused with the error object', async () => {
    for (const token of [undefined, null, 7, '', {}, ['x'], 'nonsense', 'a.b.c']) {
      expect(await refused({ token })).toMatchObject({ code: 'unauthenticated', requestId: expect.any(String) });
    }
  });

  test('pages of foreign origins cannot open a socket', async () => {
    const person = await server.person();
    const token = person.signedIn.accessToken;
    expect(await refused({ token }, { origin: 'https://evil.example' })).toBe('closed');
    expect(await refused({ token }, { origin: 'null' })).toBe('closed');
  });
});

test('a connection that does not read is cut, with bounded memory, and the others are served', async () => {
  const clock = new FakeClock();
  const timed = await startServer({}, { clock });
  const person = await timed.person();
  const { room } = await person.call('createRoom', { body: { name: 'Flood' } });
  const reader = await person.connect();
  const { socket: stuck } = await deafSocket(timed.url, person.signedIn.accessToken);
  try {
    const body = 'x'.repeat(8000);
    const connections = async () =>
      (
        (await (await fetch(`${timed.url}/metrics`, { headers: { accept: 'application/json' } })).json()) as {
          connections: number;
        }
      ).connections;
    expect(await connections()).toBe(2);
    // Until buffers of the system are full and frames begin to wait in the process.
    for (let sent = 0; (await connections()) === 2 && sent < 20_000; sent += 150) {
      await Promise.all(
        Array.from({ length: 150 }, () =>
          reader.ask('message:send', { roomId: room.id, clientId: randomUUID(), body }),
        ),
      );
      await clock.advance(1000);
    }
    expect(await connections()).toBe(1);
    expect(timed.logged()).toContain('does not keep up with reading');
    await reader.ask('heartbeat', {});
    const { n } = (await person.call('room', { params: { roomId: room.id } })).room;
    const heard = reader.events
      .filter((e) => e.event === 'message')
      .map((e) => (e.payload as { message: { n: number } }).message.n);
    expect(heard).toEqual(Array.from({ length: n }, (_, i) => i + 1));
  } finally {
    stuck.destroy();
    await timed.stop();
  }
}, 60_000);

describe('the end of a session', () => {
  test('signing out closes its sockets at once, and no others', async () => {
    const person = await server.person();
    const email = `${person.signedIn.user.email}`;
    const other = await signIn(server.url, { email, password: 'a good password', transport: 'body' });
    const connection = await person.connect();
    const ended = new Promise((resolve) => connection.socket.once('session:ended', resolve));
    const gone = new Promise((resolve) => connection.socket.once('disconnect', resolve));
    await call(server.url, undefined, 'signOut', { body: { refreshToken: person.signedIn.refreshToken } });
    expect(await ended).toEqual({ reason: 'signed_out' });
    await gone;
    await expect(call(server.url, person.signedIn.accessToken, 'profile', {})).rejects.toMatchObject({
      body: { code: 'session_ended' },
    });
    await expect(call(server.url, other.accessToken, 'profile', {})).resolves.toBeDefined();
    expect(await refused({ token: person.signedIn.accessToken })).toMatchObject({ code: 'session_ended' });
  });

  test('a connection ends with its access token, unless a heartbeat brings a fresh one of the same session', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const [lazy, keen, foreign] = [await timed.person(), await timed.person(), await timed.person()];
      const [idle, kept] = [await lazy.connect(), await keen.connect()];
      await clock.advance(14 * 60_000);
      const body = { refreshToken: keen.signedIn.refreshToken };
      const fresh = await call(timed.url, undefined, 'refresh', { body });
      await expect(kept.ask('heartbeat', { token: foreign.signedIn.accessToken })).rejects.toMatchObject({
        body: { code: 'unauthenticated' },
      });
      expect((await kept.ask('heartbeat', { token: fresh.accessToken })).expiresAt).toBe(clock.now() + 15 * 60_000);
      const ended = new Promise((resolve) => idle.socket.once('session:ended', resolve));
      await clock.advance(90_000);
      expect(await ended).toEqual({ reason: 'token_expired' });
      await expect(kept.ask('heartbeat', {})).resolves.toBeDefined();
    } finally {
      await timed.stop();
    }
  });

  test('a session ended without a hint on the bus is found within 5 s', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    const pg = await import('pg');
    const client = new pg.default.Client({ connectionString: timed.databaseUrl });
    try {
      await client.connect();
      const person = await timed.person();
      const connection = await person.connect();
      const ended = new Promise((resolve) => connection.socket.once('session:ended', resolve));
      await client.query('UPDATE accounts.sessions SET ended_at = now() WHERE user_id = $1', [person.id]);
      await clock.advance(5000);
      expect(await ended).toEqual({ reason: 'revoked' });
    } finally {
      await client.end();
      await timed.stop();
    }
  });
});

test('stopping tells every socket why, and answers what was accepted', async () => {
  const stopping = await startServer();
  const person = await stopping.person();
  const { room } = await person.call('createRoom', { body: { name: 'Last words' } });
  const connection = await person.connect();
  const ended = new Promise((resolve) => connection.socket.once('session:ended', resolve));
  const sends = Array.from({ length: 50 }, () =>
    connection.ask('message:send', { roomId: room.id, clientId: randomUUID(), body: 'x' }),
  );
  await connection.ask('heartbeat', {});
  const stopped = stopping.stop();
  expect((await Promise.all(sends)).map((m) => m.n).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  expect(await ended).toEqual({ reason: 'shutdown' });
  await stopped;
});

test('a stop is over once every connection has heard of it, however time goes', async () => {
  // It stands still: what is waited for by the clock never ends.
  const stopping = await startServer({}, { clock: new FakeClock(Date.now()) });
  const person = await stopping.person();
  await person.connect();
  await stopping.stop();
  expect(stopping.logged()).not.toContain('a stop step failed');
});
