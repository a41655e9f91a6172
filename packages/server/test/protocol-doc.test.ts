/** The client that docs/protocol.md writes by hand, as it stands there. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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

type Connect = (url: string, options: object) => Socket;

/** A guest in the room of a lounge, and what they were shown. */
async function start(connect: Connect = io): Promise<{ socket: Socket; roomId: string; lines: readonly string[] }> {
  const lines: string[] = [];
  const console = { log: (...words: unknown[]) => lines.push(words.join(' ')) };
  const { default: client } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module)}`
  )) as { default: (given: object) => Promise<{ socket: Socket; roomId: string }> };
  const { socket, roomId } = await client({ io: connect, url: server.url, console });
  onTestFinished(() => void socket.disconnect());
  return { socket, roomId, lines };
}

/** A room with something in it, and how others say something there. */
async function spoken() {
  const { admin, loungeId, roomId } = await languageRoom(server);
  onTestFinished(async () => {
    await admin.call('deleteLounge', { params: { loungeId } });
  });
  const bob = await server.person('bob');
  await joinRoom(bob, roomId);
  const say = (body: string) => bob.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), body } });
  await say('before');
  return { admin, bob, roomId, say };
}

test('it reads and writes, and is told once of everything that happened while it was cut off', async () => {
  const { admin, bob, roomId, say } = await spoken();
  const ours = await start();
  expect(ours.roomId).toBe(roomId);
  const has = (line: string) => expect.poll(() => ours.lines).toContain(line);
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
  expect(ours.lines).toEqual([...new Set(ours.lines)]);
});

test('it loses nothing that it is told of while an older answer is on its way', async () => {
  await spoken();
  const answered = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  /** What opening the room answers, which is older than what is said then, arrives after it. */
  const late: Connect = (url, options) => {
    const socket = io(url, options);
    socket.on('message', () => heard.resolve());
    const timeout = socket.timeout.bind(socket);
    socket.timeout = (ms) => {
      const asking = timeout(ms);
      const emitWithAck = asking.emitWithAck.bind(asking);
      asking.emitWithAck = async (event: string, ...input: unknown[]) => {
        if (event === 'message:send') await answered.promise;
        const answer: unknown = await emitWithAck(event, ...input);
        if (event === 'room:join') {
          answered.resolve();
          await heard.promise;
        }
        return answer;
      };
      return asking;
    };
    return socket;
  };
  const { lines } = await start(late);
  await expect.poll(() => lines).toEqual(['1 before', '2 Good evening!']);
});
