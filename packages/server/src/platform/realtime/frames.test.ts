import { randomBytes } from 'node:crypto';
import type { Socket as NetSocket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Loopback, type LoopbackClient, startLoopback } from '../../../test/loopback.ts';
import { deafSocket } from '../../../test/raw-socket.ts';
import { FakeClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { backlog, encodeEvent, Outlet } from './frames.ts';
import type { ConfabSocket, Delivery } from './sockets.ts';
import { cutSlowConsumers } from './slow-consumers.ts';

let loopback: Loopback;
beforeEach(async () => {
  loopback = await startLoopback();
});
afterEach(() => loopback.stop());

function write(outlet: Outlet, payload: unknown, how: Delivery = 'at once'): void {
  const encoded = encodeEvent('event', payload);
  outlet.write([encoded], encoded.frame, how);
}

/** Nothing of Socket.IO waits to be written any more. */
const idle = ({ socket }: LoopbackClient) => expect.poll(() => socket.conn.transport.writable).toBe(true);

describe('the insides of Socket.IO, Engine.IO and ws are as they are used', () => {
  test('an event goes to the TCP connection in one write, past all of them, and is received', async () => {
    const client = await loopback.client();
    await idle(client);
    const past = vi.spyOn(client.socket.conn, 'write');
    client.writes.length = 0;
    write(new Outlet(client.socket), { text: 'héllo' });
    expect(client.writes).toHaveLength(1);
    expect(past).not.toHaveBeenCalled();
    await client.received();
    expect(client.heard).toEqual([{ text: 'héllo' }]);
  });

  // At the bounds of the three ways a frame tells its length (RFC 6455 §5.2).
  test.each([100, 125, 126, 65_535, 65_536, 200_000])('a frame of %i bytes is what ws sends', async (bytes) => {
    const client = await loopback.client();
    await idle(client);
    const start = 'é€😀 "\\\u2028';
    const fill = bytes - Buffer.byteLength(`42${JSON.stringify(['event', start])}`);
    const payload = start + 'x'.repeat(fill);
    client.writes.length = 0;
    write(new Outlet(client.socket), payload);
    const ours = Buffer.concat(client.writes.splice(0));
    client.tell(payload);
    const theirs = Buffer.concat(client.writes.splice(0));
    expect(ours.length).toBe(bytes + (bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10));
    expect(ours.equals(theirs)).toBe(true);
    await client.received();
    expect(client.heard).toEqual([payload, payload]);
  });

  test('what waits for one that does not read is seen, also while it is none of Socket.IO’s', async () => {
    const socket = await deaf();
    expect(backlog(socket)).toMatchObject({ frames: 0, characters: 0, bytes: 0 });
    fill(socket, 6 * 1024 * 1024);
    const before = backlog(socket).bytes;
    write(new Outlet(socket), 'x'.repeat(1000));
    // Header, Engine.IO's type, and the packet.
    expect(backlog(socket).bytes).toBe(before + 4 + 1 + '2["event",""]'.length + 1000);
    emit(socket, 'x');
    emit(socket, 'x');
    // The first went on to the connection, behind the others; nothing more does until that is written.
    expect(backlog(socket)).toMatchObject({ frames: 1, characters: '2["event","x"]'.length });
  });
});

describe('order', () => {
  test('is that of the calls, whether Socket.IO, an acknowledgement or an outlet writes', async () => {
    const client = await loopback.client();
    await idle(client);
    const outlet = new Outlet(client.socket);
    const { conn } = client.socket;
    (client.socket as { on(event: string, listener: (ack: (n: number) => void) => void): unknown }).on('ask', (ack) => {
      expect(conn.transport.writable).toBe(true);
      write(outlet, 1, 'gathered');
      client.tell(2);
      expect(conn.transport.writable).toBe(false);
      ack(3);
      write(outlet, 4, 'gathered');
      client.tell(5);
      write(outlet, 6);
      write(outlet, 7, 'gathered');
    });
    client.client.emit('ask', (n: number) => client.heard.push(n));
    await expect.poll(() => client.heard).toContain(7);
    await idle(client);
    write(outlet, 8);
    await client.received();
    expect(client.heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('what is gathered goes to the system in one call, with what else the turn brings, and is not kept longer', async () => {
    const client = await loopback.client();
    await idle(client);
    const outlet = new Outlet(client.socket);
    const raw = (client.socket.conn.transport as unknown as { socket: { _socket: NetSocket } }).socket._socket;
    write(outlet, 1, 'gathered');
    client.tell(2);
    write(outlet, 3, 'gathered');
    expect(raw.writableCorked).toBe(1);
    expect(raw.writableLength).toBeGreaterThan(0);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(raw.writableCorked).toBe(0);
    expect(raw.writableLength).toBe(0);
    await client.received();
    expect(client.heard).toEqual([1, 2, 3]);
  });

  test('long polls bring the same events in the same order', async () => {
    const client = await loopback.client({ transports: ['polling'] });
    const outlet = new Outlet(client.socket);
    const said = Array.from({ length: 60 }, (_, i) => i);
    for (const n of said) {
      if (n % 3 === 0) client.tell(n);
      else write(outlet, n);
      if (n % 10 === 0) await client.received();
    }
    await client.received();
    expect(client.heard).toEqual(said);
  });

  test('a connection that becomes a WebSocket while events flow misses none and gets none twice', async () => {
    let said = 0;
    let flows = true;
    const upgraded = Promise.withResolvers<Outlet>();
    loopback.io.on('connection', (socket) => {
      expect(socket.conn.transport.name).toBe('polling');
      const outlet = new Outlet(socket);
      socket.conn.once('upgrade', () => upgraded.resolve(outlet));
      const flow = () => {
        write(outlet, (said += 1));
        if (flows) setImmediate(flow);
      };
      flow();
    });
    const client = await loopback.client({ transports: ['polling', 'websocket'] });
    const outlet = await upgraded.promise;
    const past = vi.spyOn(client.socket.conn, 'write');
    const straight = said + 20;
    await expect.poll(() => said).toBeGreaterThan(straight);
    flows = false;
    await client.received();
    expect(client.heard).toEqual(Array.from({ length: said }, (_, i) => i + 1));
    // It is a WebSocket to the outlet as well.
    await idle(client);
    past.mockClear();
    write(outlet, 'straight');
    expect(past).not.toHaveBeenCalled();
  });
});

describe('what is volatile', () => {
  test('is left out for a WebSocket whose connection takes no more now, and what is not is kept', async () => {
    const socket = await deaf();
    const outlet = new Outlet(socket);
    write(outlet, 'x', 'volatile');
    expect(backlog(socket).bytes).toBe(0);
    fill(socket, 1);
    const before = backlog(socket).bytes;
    write(outlet, 'x', 'volatile');
    expect(backlog(socket)).toMatchObject({ frames: 0, characters: 0, bytes: before });
    write(outlet, 'x');
    expect(backlog(socket).bytes).toBeGreaterThan(before);
  });

  test.each(['websocket', 'polling'] as const)('is left out while Engine.IO is busy with a %s', async (transport) => {
    const client = await loopback.client({ transports: [transport] });
    await idle(client);
    const outlet = new Outlet(client.socket);
    write(outlet, 1, 'volatile');
    client.tell(2);
    expect(client.socket.conn.transport.writable).toBe(false);
    write(outlet, 3, 'volatile');
    write(outlet, 4);
    await client.received();
    expect(client.heard).toEqual([1, 2, 4]);
  });
});

test.each([
  ['that Engine.IO closes', ({ conn }: ConfabSocket) => conn.close()],
  ['that Engine.IO has closed', ({ conn }: ConfabSocket) => conn.close(true)],
  ['that ws closes', (socket: ConfabSocket) => webSocket(socket).close()],
  ['that ws has cut', (socket: ConfabSocket) => webSocket(socket).terminate()],
])('a connection %s is skipped without an error', async (_title, close) => {
  const client = await loopback.client();
  await idle(client);
  const outlet = new Outlet(client.socket);
  const gone = new Promise((resolve) => client.socket.once('disconnect', resolve));
  client.socket.conn.on('error', (error) => expect.unreachable(String(error)));
  client.writes.length = 0;
  close(client.socket);
  write(outlet, 'too late');
  write(outlet, 'too late', 'volatile');
  await gone;
  write(outlet, 'too late');
  // Nothing may follow what closes a WebSocket (RFC 6455 §5.5.1).
  expect(Buffer.concat(client.writes).includes('too late')).toBe(false);
});

test('a connection whose TCP connection is gone is written to without an error', async () => {
  const client = await loopback.client();
  await idle(client);
  const outlet = new Outlet(client.socket);
  const reason = new Promise((resolve) => client.socket.once('disconnect', resolve));
  client.socket.request.socket.destroy();
  write(outlet, 'too late');
  expect(await reason).toBe('transport close');
  write(outlet, 'too late');
});

test('who takes nothing while much waits is cut, as is who has too much waiting; who reads, however slowly, is not', async () => {
  const metrics = createMetrics(new FakeClock());
  let logged = '';
  const log = createLogger({ level: 'info', format: 'json' }, { write: (line) => void (logged += line) });
  const cuts = async () => (await metrics.slowConsumersCut.get()).values[0]?.value;
  const [stuck, flooded, keen] = [await deaf(), await deaf(), (await loopback.client()).socket];
  let resume = () => {};
  const slow = await deaf((client) => (resume = () => client.resume()));
  const sockets = [stuck, flooded, keen, slow];
  for (const socket of sockets) socket.data = { actor: { userId: `user of ${socket.id}` } } as typeof socket.data;
  fill(stuck, 2 * 1024 * 1024);
  fill(flooded, 17 * 1024 * 1024);
  fill(slow, 2 * 1024 * 1024);
  cutSlowConsumers(sockets, log, metrics);
  expect(await cuts()).toBe(1);
  expect(logged).toContain(`user of ${flooded.id}`);
  resume();
  await expect.poll(() => backlog(slow).bytes).toBe(0);
  await expect
    .poll(() => {
      fill(slow, 2 * 1024 * 1024);
      cutSlowConsumers(
        sockets.filter(({ connected }) => connected),
        log,
        metrics,
      );
      return stuck.connected;
    })
    .toBe(false);
  expect(logged).toContain(`user of ${stuck.id}`);
  expect(sockets.map(({ connected }) => connected)).toEqual([false, false, true, true]);
  expect(await cuts()).toBe(2);
});

/** The server's end of a connection whose client reads nothing. */
async function deaf(hold: (client: NetSocket) => void = () => {}): Promise<ConfabSocket> {
  const connected = new Promise<ConfabSocket>((resolve) => loopback.io.once('connection', resolve));
  const { socket } = await deafSocket(loopback.url, 'any');
  loopback.cleanUp(() => socket.destroy());
  hold(socket);
  const theirs = await connected;
  await expect.poll(() => theirs.conn.transport.writable).toBe(true);
  return theirs;
}

/** Writes until at least so many bytes wait for one that does not read. */
function fill(socket: ConfabSocket, bytes: number): void {
  const outlet = new Outlet(socket);
  const payload = randomBytes(50_000).toString('hex');
  for (let left = 500; backlog(socket).bytes < bytes; left -= 1) {
    if (left === 0) throw new Error('what waits in the TCP connection is not seen');
    write(outlet, payload);
  }
}

function emit(socket: ConfabSocket, payload: unknown): void {
  (socket.emit as (event: string, payload: unknown) => unknown)('event', payload);
}

function webSocket({ conn }: ConfabSocket): { close(): void; terminate(): void } {
  return (conn.transport as unknown as { socket: { close(): void; terminate(): void } }).socket;
}
