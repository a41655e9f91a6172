/** The programs of `examples/`, as somebody runs them. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PASSWORD } from './clients.ts';
import { joinRoom, languageRoom } from '../../server/test/rooms.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';

let server: TestServer;
const programs: Program[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
});
afterAll(() => server.stop());

interface Program {
  /** Everything it has printed. */
  said: () => string;
  type(line: string): void;
  /** Ends what it reads; answers its exit code. */
  end(): Promise<number | null>;
  stop(): Promise<void>;
}

function run(name: string, ...args: string[]): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../examples', name), server.url, ...args], {
    env: { ...process.env, PASSWORD },
  });
  const exited = once(child, 'exit');
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const program: Program = {
    said: () => text,
    type: (line) => void child.stdin.write(`${line}\n`),
    end: async () => {
      child.stdin.end();
      const [code] = (await exited) as [number | null];
      return code;
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
  programs.push(program);
  return program;
}
const says = (program: Program, text: string) => expect.poll(program.said).toContain(text);

test('a guest reads and writes in the room of a language, and a moderator decides what waits there', async () => {
  const { admin, roomId } = await languageRoom(server, { room: { language: 'de' } });
  await admin.call('moderateRoom', { params: { roomId }, body: { hold: ['guests'] } });
  const [bob, mod] = [await server.person('bob'), await server.person('mod', 'moderator')];
  await joinRoom(bob, roomId);

  const guest = run('guest-chat.ts', 'de', 'Ann');
  await says(guest, '* Deutsch, ');
  const clientId = randomUUID();
  const body = 'This is rather long for a sentence of plain English.';
  await bob.call('sendMessage', { params: { roomId }, body: { clientId, body } });
  await says(guest, ' (en): This is rather long');
  guest.type('Guten Morgen');
  await says(guest, '* waits for approval: What guests write');

  const moderator = run('moderator.ts', mod.signedIn.user.email ?? '');
  await says(moderator, 'approved: Guten Morgen');
  for (const n of [1, 2, 3]) {
    guest.type(`https://example.org/${n}`);
    await says(moderator, `rejected: https://example.org/${n}`);
  }
  await says(moderator, 'muted: Ann');
  await says(guest, '* message_rejected: No links here, please.');
  await says(guest, '* muted: Three links that were not approved.');
  guest.type('Schade');
  await says(guest, '* silenced: Three links that were not approved.');
  const { messages } = await bob.call('messages', { params: { roomId }, query: {} });
  expect(messages.filter(({ kind }) => kind === 'text').map((message) => message.body)).toEqual([body, 'Guten Morgen']);
  expect(await guest.end()).toBe(0);
});
