/** How many connections one person may have at a time. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

const MAX = 5;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ MAX_CONNECTIONS: '30', MAX_CONNECTIONS_PER_USER: String(MAX) });
});
afterAll(() => server.stop());

interface Tried {
  socket: Socket;
  /** What it was refused with; undefined: it was let in. */
  refused: unknown;
}

function connect(person: Person, transports: string[]): Promise<Tried> {
  const { accessToken: token } = person.signedIn;
  const socket = io(server.url, { auth: { token }, transports, forceNew: true, reconnection: false });
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
    await vi.waitFor(async () => {
      const again = await connect(guest, [transport]);
      again.socket.disconnect();
      expect(again.refused).toBeUndefined();
    });
  },
);

test('sockets that are gone before they are let in hold no place', async () => {
  const person = await server.person();
  for (let i = 0; i < 4; i += 1) {
    const given = Array.from({ length: MAX }, async () => {
      const gone = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
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
  await vi.waitFor(async () => {
    const tries = await Promise.all(Array.from({ length: MAX }, () => connect(person, ['websocket'])));
    for (const { socket } of tries) socket.disconnect();
    expect(tries.map(({ refused }) => refused)).toEqual(tries.map(() => undefined));
  });
});

test('who presents no token holds a place of all, and none for longer than the handshake', async () => {
  const idle = Array.from({ length: 40 }, () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const wasOpened = new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => resolve(true));
      socket.addEventListener('error', () => resolve(false));
    });
    return { wasOpened, closed: new Promise((resolve) => socket.addEventListener('close', resolve)) };
  });
  expect(await Promise.all(idle.map(({ wasOpened }) => wasOpened))).toContain(false);
  const ask = async () => fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
  expect(await (await ask()).json()).toMatchObject({ message: 'overloaded' });
  await Promise.all(idle.map(({ closed }) => closed));
  expect((await ask()).status).toBe(200);
});
