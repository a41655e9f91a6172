/** The client that docs/protocol.md writes by hand, as it stands there. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinRoom, languageRoom } from './rooms.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const text = readFileSync(join(import.meta.dirname, '../../../docs/protocol.md'), 'utf8');
const code = (/```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '').replace("import { io } from 'socket.io-client';", '');
const module = `export default async ({ io, url, console }) => { ${code}; return { socket, roomId }; };`;

test('it reads and writes, and is told once of everything that happened while it was cut off', async () => {
  const { admin, roomId } = await languageRoom(server);
  const bob = await server.person('bob');
  await joinRoom(bob, roomId);
  const say = (body: string) => bob.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), body } });
  await say('before');
  const lines: string[] = [];
  const console = { log: (...words: unknown[]) => lines.push(words.join(' ')) };
  const { default: client } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module)}`
  )) as {
    default: (given: object) => Promise<{ socket: Socket; roomId: string }>;
  };
  const ours = await client({ io, url: server.url, console });
  expect(ours.roomId).toBe(roomId);
  const has = (line: string) => expect.poll(() => lines).toContain(line);
  await has('1 before');
  await has('2 Good evening!');
  const first = await say('one');
  await has('3 one');

  ours.socket.io.engine.close();
  await say('two');
  await bob.call('editMessage', { params: { roomId, messageId: first.id }, body: { body: 'uno' } });
  await has('3 uno (edited)');
  await has('4 two');
  await admin.call('deleteMessage', { params: { roomId, messageId: first.id }, body: {} });
  await has('3 (deleted)');
  expect(lines).toEqual([...new Set(lines)]);
  ours.socket.disconnect();
});
