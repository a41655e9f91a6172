import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const times = (text: string, part: string) => text.split(part).length - 1;

test('a connection that is reset while it asks for another protocol ends nothing but itself', async () => {
  const { hostname, port } = new URL(server.url);
  const noticed = () => times(server.logged(), 'broke while it was upgraded');
  for (const path of ['/', '/api/rooms', '/elsewhere']) {
    const before = noticed();
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      // Once it is out; a reset throws away what is not.
      () => setImmediate(() => socket.resetAndDestroy()),
    );
    await vi.waitFor(() => expect(noticed()).toBeGreaterThan(before));
  }
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});
