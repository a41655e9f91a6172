import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deafSocket } from '../../../test/raw-socket.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../clock.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const times = (text: string, part: string) => text.split(part).length - 1;

test('a connection that is reset while it asks for another protocol ends nothing but itself', async () => {
  const { hostname, port } = new URL(server.url);
  const noticed = () => times(server.logged(), 'broke while it was upgraded');
  for (const path of ['/', '/api/rooms', '/elsewhere', '/socket.io/?EIO=4&transport=websocket']) {
    const before = noticed();
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      // Once it is out; a reset throws away what is not.
      () => setImmediate(() => socket.resetAndDestroy()),
    );
    await expect.poll(() => noticed()).toBeGreaterThan(before);
  }
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});

async function connections(of: TestServer): Promise<number> {
  const response = await fetch(`${of.url}/metrics`, { headers: { accept: 'application/json' } });
  return ((await response.json()) as { connections: number }).connections;
}

/** Opens the transport by hand; `hear` is given every packet that comes. */
function transport(of: TestServer, hear: (packet: string, socket: WebSocket) => void): WebSocket {
  const socket = new WebSocket(`${of.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  socket.addEventListener('message', ({ data }) => hear(String(data), socket));
  return socket;
}

test('one transport carries one socket, however often it asks to be let in', async () => {
  const person = await server.person();
  const before = await connections(server);
  const answers: string[] = [];
  const all = Promise.withResolvers<void>();
  const socket = transport(server, (packet) => {
    if (packet.startsWith('0')) {
      for (let i = 0; i < 20; i += 1) socket.send(`40${JSON.stringify({ token: person.signedIn.accessToken })}`);
    }
    if (packet.startsWith('4')) answers.push(packet);
    if (answers.length === 20) all.resolve();
  });
  socket.addEventListener('close', () => all.resolve());
  await all.promise;
  expect(answers.filter((packet) => packet.startsWith('40'))).toHaveLength(1);
  expect(await connections(server)).toBe(before + 1);
  socket.close();
});

test('a transport whose socket is refused may ask again', async () => {
  const person = await server.person();
  await new Promise<void>((resolve) => {
    const socket = transport(server, (packet) => {
      if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token: 'stale' })}`);
      if (packet.startsWith('44')) socket.send(`40${JSON.stringify({ token: person.signedIn.accessToken })}`);
      if (packet.startsWith('40')) resolve();
    });
  });
});

test('a transport ends with its socket', async () => {
  const person = await server.person();
  const ended = Promise.withResolvers<void>();
  const socket = transport(server, (packet) => {
    if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token: person.signedIn.accessToken })}`);
    if (packet.startsWith('40')) socket.send('41');
  });
  socket.addEventListener('close', () => ended.resolve());
  await ended.promise;
});

test.each([
  ['one byte', 1],
  ['nothing', 0],
])('a message in pieces of %s each, without end, ends its own connection alone', async (_title, size) => {
  const bystander = await (await server.person()).connect();
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const key = Buffer.alloc(16).toString('base64');
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  // RFC 6455 §5.4: a text frame and continuations, none of them the last, masked with zeros.
  const piece = (opcode: number) => Buffer.from([opcode, 0x80 | size, 0, 0, 0, 0, ...Array<number>(size).fill(0x34)]);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([piece(1), ...Array<Buffer>(20_000).fill(piece(0))]));
  socket.resume();
  await closed;
  await expect(bystander.ask('heartbeat', {})).resolves.toBeDefined();
});

test('a connection that asks for much and reads nothing is cut, however few the answers are', async () => {
  const clock = new FakeClock();
  const timed = await startServer({}, { clock });
  const person = await timed.person();
  const stuck = await deafSocket(timed.url, person.signedIn.accessToken);
  try {
    const { room } = await person.call('createRoom', { body: { name: 'Long' } });
    await Promise.all(Array.from({ length: 50 }, () => person.say(room.id, 'x'.repeat(8000), randomUUID())));
    const question = JSON.stringify(['message:history', { roomId: room.id, limit: 50 }]);
    // Fewer than the frames that may wait.
    for (let i = 0; i < 500; i += 1) stuck.send(`42${i}${question}`);
    await expect
      .poll(async () => {
        await clock.advance(1000);
        return connections(timed);
      })
      .toBe(0);
    expect(timed.logged()).toContain('does not keep up with reading');
  } finally {
    stuck.socket.destroy();
    await timed.stop();
  }
}, 60_000);
