import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Loopback, type LoopbackClient, startLoopback } from '../../../test/loopback.ts';
import { slim } from './slim.ts';
import type { ConfabSocket } from './sockets.ts';

let loopback: Loopback;
beforeEach(async () => {
  loopback = await startLoopback({ pingInterval: 20 });
});
afterEach(() => loopback.stop());

const TRANSPORTS = ['websocket', 'polling'] as const;

/** What it is made of, as far as `slim` touches it. */
function insidesOf(socket: ConfabSocket) {
  const { client, conn } = socket as unknown as {
    client: { sockets: unknown; nsps: unknown; ondata: unknown };
    conn: { cleanupFn: unknown[]; eventNames(): unknown[] };
  };
  const transport = socket.conn.transport as unknown as {
    eventNames(): unknown[];
    socket: { _receiver: object; _sender: object; _socket: object; eventNames(): unknown[] };
  };
  return { client, conn, transport, webSocket: transport.socket };
}

/** Sends and is answered, both ways. */
async function talks(one: LoopbackClient, payload: unknown): Promise<void> {
  expect(await one.client.emitWithAck('echo', payload)).toEqual(payload);
  one.tell(payload);
  await one.received();
  expect(one.heard.at(-1)).toEqual(payload);
  // More than one packet in a turn: what comes after the first waits for it.
  for (let i = 0; i < 5; i += 1) one.tell(i);
  await one.received();
  expect(one.heard.slice(-5)).toEqual([0, 1, 2, 3, 4]);
}

function echo({ socket }: LoopbackClient): void {
  socket.onAny((event: string, payload: unknown, answer: (payload: unknown) => void) => {
    if (event === 'echo') answer(payload);
  });
}

test('the insides of Socket.IO, Engine.IO and ws are as they are used', async () => {
  const { socket } = await loopback.client();
  const { client, conn, transport, webSocket } = insidesOf(socket);
  expect((socket as unknown as { acks: unknown }).acks).toBeInstanceOf(Map);
  expect(client.sockets).toEqual(new Map([[socket.id, socket]]));
  expect(client.nsps).toEqual(new Map([['/', socket]]));
  expect(new Set(conn.eventNames())).toEqual(new Set(['close', 'data', 'error']));
  expect(new Set(transport.eventNames())).toEqual(new Set(['close', 'drain', 'error', 'headers', 'packet', 'ready']));
  expect(new Set(webSocket.eventNames())).toEqual(new Set(['close', 'error', 'message']));
  expect(conn.cleanupFn).toHaveLength(1);
  for (const own of ['_doSend', '_doSendLast', '_onSent', '_onSentLast']) expect(transport).toHaveProperty(own);
  expect(webSocket._receiver).toHaveProperty('_mask');
  expect(webSocket._receiver).toHaveProperty('_state', 0);
  for (const part of [webSocket, webSocket._receiver, webSocket._sender])
    expect(part).toHaveProperty('_extensions', {});
  for (const part of [socket, conn, transport, webSocket, webSocket._receiver, webSocket._socket])
    expect(part).toHaveProperty('_events');
});

test.each(TRANSPORTS)('a slim %s is told, answers, is pinged and closed like any other', async (name) => {
  const one = await loopback.client({ transports: [name] });
  slim(one.socket);
  echo(one);
  await talks(one, { text: 'héllo' });
  const { conn } = one.socket;
  // Two rounds: the timer of the first sets the second.
  await once(conn, 'heartbeat');
  await once(conn, 'heartbeat');
  await talks(one, 'x'.repeat(100_000));
  const ends: unknown[] = [];
  one.socket.on('disconnect', (reason) => ends.push(reason));
  one.client.io.engine.close();
  await expect.poll(() => loopback.io.engine.clientsCount).toBe(0);
  expect(ends).toHaveLength(1);
  expect(loopback.io.of('/').sockets.size).toBe(0);
  expect(loopback.io.of('/').adapter.sids.size).toBe(0);
});

test.each(TRANSPORTS)('the server ends a slim %s', async (name) => {
  const one = await loopback.client({ transports: [name] });
  slim(one.socket);
  const gone = new Promise((resolve) => one.client.once('disconnect', resolve));
  one.socket.disconnect(true);
  expect(await gone).toBe('io server disconnect');
  await expect.poll(() => loopback.io.engine.clientsCount).toBe(0);
});

test('a slim connection that becomes a WebSocket goes on', async () => {
  loopback.io.on('connection', (socket) => slim(socket));
  const upgraded = new Promise<void>((resolve) =>
    loopback.io.on('connection', ({ conn }) => conn.once('upgrade', () => resolve())),
  );
  const one = await loopback.client({ transports: ['polling', 'websocket'] });
  echo(one);
  await upgraded;
  await talks(one, 1);
  one.client.disconnect();
  await expect.poll(() => loopback.io.engine.clientsCount).toBe(0);
});

test('events of any name are nothing but events', async () => {
  const one = await loopback.client();
  slim(one.socket);
  echo(one);
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) one.client.emit(name, () => {});
  await talks(one, 'still here');
});

test('a frame of which half has been read when its connection is made slim is read to its end', async () => {
  // Pongs would come in between.
  await loopback.stop();
  loopback = await startLoopback();
  const one = await loopback.client();
  const heard: unknown[] = [];
  one.socket.onAny((...event) => heard.push(event));
  const payload = Buffer.from('42["said","in two halves"]');
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
  const { ws } = one.client.io.engine.transport as unknown as { ws: { _socket: { write(data: Buffer): void } } };
  ws._socket.write(frame.subarray(0, 12));
  const { webSocket } = insidesOf(one.socket);
  await expect.poll(() => webSocket._receiver).not.toHaveProperty('_state', 0);
  slim(one.socket);
  ws._socket.write(frame.subarray(12));
  await expect.poll(() => heard).toEqual([['said', 'in two halves']]);
});

test.each([
  ['what is no frame', (socket: { write(data: Buffer): void }) => socket.write(Buffer.from([0xff, 0xff]))],
  ['a reset', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  [
    'what is no packet',
    (socket: { write(data: Buffer): void }) => socket.write(Buffer.from('818200000000' + '3439', 'hex')),
  ],
])('a slim connection ends by %s, and nothing else', async (_name, harm) => {
  const [one, other] = [await loopback.client(), await loopback.client()];
  for (const client of [one, other]) slim(client.socket);
  echo(other);
  const gone = new Promise((resolve) => one.socket.once('disconnect', resolve));
  const { ws } = one.client.io.engine.transport as unknown as { ws: { _socket: never } };
  harm(ws._socket);
  expect(['transport close', 'transport error', 'forced close']).toContain(await gone);
  await talks(other, 'still here');
  expect(loopback.io.engine.clientsCount).toBe(1);
});
