import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { expect, test } from 'vitest';
import type { EventFrame } from '../bus/index.ts';
import { memoryBus } from '../bus/memory.ts';
import { FakeClock } from '../clock.ts';
import { createMetrics } from '../metrics.ts';
import { Hub } from './hub.ts';
import type { ConfabServer, ConfabSocket } from './sockets.ts';

const ROOM = '01890a5d-ac96-774b-bcce-b302099a8057';
const KEPT = '01890a5d-ac96-774b-bcce-b302099a8058';
const USER = '01890a5d-ac96-774b-bcce-b302099a8059';

/** What people are told when they join (`leftAt` null) or leave. */
function member(leftAt: number | null): EventFrame {
  const user = { id: USER, username: 'ada', name: 'Ada', role: 'user' } as const;
  const row = { roomId: ROOM, userId: USER, role: 'member', lastReadN: null, joinedAt: 1, leftAt, rev: 2 } as const;
  return { event: 'member', payload: { roomId: ROOM, rev: 2, member: row, user, memberCount: 1 } };
}

async function withSocket(run: (hub: Hub, socket: ConfabSocket, bus: ReturnType<typeof memoryBus>) => Promise<void>) {
  const http = createServer();
  const io: ConfabServer = new Server(http);
  const bus = memoryBus();
  const hub = new Hub(io, bus, createMetrics(new FakeClock()), new FakeClock(), []);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports: ['websocket'] });
  try {
    const [socket] = (await once(io, 'connection')) as [ConfabSocket];
    await run(hub, socket, bus);
  } finally {
    client.disconnect();
    await io.close();
    await bus.close();
  }
}

const delivered = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a room that someone leaves while their connection begins to follow it is not followed', async () => {
  await withSocket(async (hub, socket, bus) => {
    await hub.followAll(socket, { userId: USER, scopes: null }, async () => {
      // Read before the leaving, answered after it was told.
      bus.publish(`user:${USER}`, member(5));
      await delivered();
      return [ROOM, KEPT];
    });
    expect([...socket.rooms].filter((name) => name.startsWith('room:'))).toEqual([`room:${KEPT}`]);
  });
});

test('one they come back to meanwhile is', async () => {
  await withSocket(async (hub, socket, bus) => {
    await hub.followAll(socket, { userId: USER, scopes: null }, async () => {
      bus.publish(`user:${USER}`, member(5));
      bus.publish(`user:${USER}`, member(null));
      await delivered();
      return [];
    });
    expect([...socket.rooms].filter((name) => name.startsWith('room:'))).toEqual([`room:${ROOM}`]);
  });
});
