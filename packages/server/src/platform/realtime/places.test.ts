/** How many connections one person may have at a time, and how many one address that are not let in yet. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

const MAX = 5;
/** A tenth of all. */
const OF_ONE_ADDRESS = 3;

let server: TestServer;
beforeAll(async () => {
  const limits = { MAX_CONNECTIONS: '30', MAX_CONNECTIONS_PER_USER: String(MAX) };
  server = await startServer({ ...limits, TRUST_PROXY: 'true' });
});
afterAll(() => server.stop());

interface Tried {
  socket: Socket;
  /** What it was refused with; undefined: it was let in. */
  refused: unknown;
}

let addresses = 0;

/** One that nobody else has, unless given. */
function from(address = `192.0.2.${(addresses += 1)}`): Record<string, string> {
  return { 'x-forwarded-for': address };
}

function connect(person: Person, transports: string[], extraHeaders = from()): Promise<Tried> {
  const { accessToken: token } = person.signedIn;
  const socket = io(server.url, { auth: { token }, transports, extraHeaders, forceNew: true, reconnection: false });
  return new Promise((resolve) => {
    socket.once('connect', () => resolve({ socket, refused: undefined }));
    socket.once('connect_error', (error: Error & { data?: unknown }) => resolve({ socket, refused: error.data }));
  });
}

test.each([['websocket'], ['polling']])(
  'P-LIMIT-5 one person has so many and no more, also of those that come at once, over %s; others come in, and what is closed makes room',
  async (transport) => {
    const [guest, other] = [await server.person('guest', 'guest'), await server.person()];
    const tries = await Promise.all(Array.from({ length: 4 * MAX }, () => connect(guest, [transport])));
    const open = tries.filter(({ refused }) => refused === undefined);
    expect(open).toHaveLength(MAX);
    for (const { refused } of tries) {
      if (refused !== undefined) expect(refused).toMatchObject({ code: 'limit_reached', details: { retryAfter: 10 } });
    }
    for (const { socket, refused } of tries) if (refused !== undefined) socket.disconnect();
    expect((await connect(other, [transport])).refused).toBeUndefined();
    for (const { socket } of open) socket.disconnect();
    await expect
      .poll(async () => {
        const again = await connect(guest, [transport]);
        again.socket.disconnect();
        return again.refused;
      })
      .toBeUndefined();
  },
);

test('sockets that are gone before they are let in hold no place', async () => {
  const person = await server.person();
  for (let i = 0; i < 4; i += 1) {
    const given = Array.from({ length: MAX }, async () => {
      const gone = webSocket();
      await new Promise<void>((resolve) => {
        gone.addEventListener('message', () => {
          gone.send(`40${JSON.stringify({ token: person.signedIn.accessToken })}`);
          gone.close();
        });
        gone.addEventListener('close', () => resolve());
      });
    });
    await Promise.all(given);
  }
  await expect
    .poll(async () => {
      const tries = await Promise.all(Array.from({ length: MAX }, () => connect(person, ['websocket'])));
      for (const { socket } of tries) socket.disconnect();
      return tries.filter(({ refused }) => refused !== undefined);
    })
    .toEqual([]);
});

/** Opens the transport, and presents nothing. Node's takes headers, unlike a browser's. */
function webSocket(headers = from()): WebSocket {
  const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  return new WebSocket(url, { headers });
}

/** Whether it was taken, and when it is closed. */
function idle(headers = from()): { taken: Promise<boolean>; closed: Promise<void>; socket: WebSocket } {
  const socket = webSocket(headers);
  const taken = Promise.withResolvers<boolean>();
  // What the server says first.
  socket.addEventListener('message', () => taken.resolve(true));
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => {
      taken.resolve(false);
      resolve();
    });
  });
  return { taken: taken.promise, closed, socket };
}

async function ask(headers = from()): Promise<Response> {
  return fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers });
}

test('who presents no token holds a place of all, and none for longer than the handshake', async () => {
  const all = Array.from({ length: 40 }, () => idle());
  expect(await Promise.all(all.map(({ taken }) => taken))).toContain(false);
  expect(await (await ask()).json()).toMatchObject({ message: 'overloaded' });
  await Promise.all(all.map(({ closed }) => closed));
  expect((await ask()).status).toBe(200);
});

test.each([
  ['an IPv4 address', () => '198.51.100.7'],
  ['a /64 of IPv6', (i: number) => `2001:db8:1:2::${i + 1}`],
])('P-LIMIT-6 %s holds a tenth of the places without a token, and others come in', async (_of, address) => {
  const all = Array.from({ length: 20 }, (_, i) => idle(from(address(i))));
  const taken = await Promise.all(all.map((one) => one.taken));
  expect(taken.filter(Boolean)).toHaveLength(OF_ONE_ADDRESS);
  const refused = await ask(from(address(20)));
  expect([refused.status, await refused.json()]).toEqual([403, { code: 4, message: 'too_many_requests' }]);
  const other = await connect(await server.person(), ['websocket']);
  expect(other.refused).toBeUndefined();
  other.socket.disconnect();
  for (const { socket } of all) socket.close();
  await expect.poll(async () => (await ask(from(address(21)))).status).toBe(200);
});

test('P-LIMIT-6 those that come in the same turn of the event loop hold no more', async () => {
  const here = from();
  const atOnce = <T>(one: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, one));
  // Over connections that are there already, which are all read at once.
  await atOnce(async () => (await fetch(`${server.url}/health/live`)).text());
  const opened = await atOnce(async () => {
    const answer = await (await ask(here)).text();
    return answer.startsWith('0') ? [(JSON.parse(answer.slice(1)) as { sid: string }).sid] : [];
  });
  const alive = opened.flat().map(async (sid) => {
    const url = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    return (await fetch(url, { method: 'POST', body: '3' })).ok;
  });
  expect((await Promise.all(alive)).filter(Boolean)).toHaveLength(OF_ONE_ADDRESS);
});

test('P-LIMIT-6 who is let in is no longer counted for the address', async () => {
  const here = from();
  const people = await Promise.all([server.person(), server.person()]);
  for (let i = 0; i < 2 * OF_ONE_ADDRESS; i += 1) {
    const person = people[i % 2] as Person;
    expect((await connect(person, ['websocket'], here)).refused).toBeUndefined();
  }
  const held = Array.from({ length: OF_ONE_ADDRESS }, () => idle(here));
  expect(await Promise.all(held.map(({ taken }) => taken))).toEqual([true, true, true]);
  // One that is refused has not been let in: it holds its place until it is closed.
  expect((await ask(here)).status).toBe(403);
});
