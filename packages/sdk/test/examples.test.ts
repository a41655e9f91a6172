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
  /** Its exit code, once it has ended by itself. */
  exited: Promise<number | null>;
  stop(): Promise<void>;
}

function run(name: string, args: string[] = [], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../examples', name), server.url, ...args], {
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const program: Program = {
    said: () => text,
    type: (line) => void child.stdin.write(`${line}\n`),
    end: () => {
      child.stdin.end();
      return exited;
    },
    exited,
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

  const guest = run('guest-chat.ts', ['de', 'Ann']);
  await says(guest, '* Deutsch, ');
  const clientId = randomUUID();
  const body = 'This is rather long for a sentence of plain English.';
  await bob.call('sendMessage', { params: { roomId }, body: { clientId, body } });
  await says(guest, ' (en): This is rather long');
  guest.type('Guten Morgen');
  await says(guest, '* waits for approval: What guests write');

  const moderator = run('moderator.ts', [mod.signedIn.user.email ?? ''], { PASSWORD });
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

test('a bot rolls dice for whoever asks, until its token is revoked', async () => {
  const [ann, bot] = [await server.person('dora'), await server.person('dicer')];
  const { room } = await ann.call('createRoom', { body: { name: 'Games', memberIds: [bot.id] } });
  const scopes = ['profile:read', 'people:read', 'messages:read', 'messages:write'] as const;
  const made = await bot.call('createApiToken', { body: { name: 'Dice', scopes: [...scopes], expiresInDays: 1 } });
  const program = run('bot.ts', [], { CONFAB_TOKEN: made.token });
  await says(program, 'is here, rooms: 1');
  await ann.say(room.id, 'who rolls a die?');
  const asked = await ann.say(room.id, '!roll 1');
  const lastMessage = async () =>
    (await ann.call('messages', { params: { roomId: room.id }, query: {} })).messages.at(-1);
  await expect.poll(lastMessage).toMatchObject({ senderId: bot.id, replyTo: asked.id });
  expect(await lastMessage()).toMatchObject({ n: 3, body: expect.stringMatching(/ rolls a 1 of 1\.$/) as string });
  await bot.call('revokeApiToken', { params: { tokenId: made.id } });
  expect(await program.exited).toBe(1);
  expect(program.said()).toContain('of no use any more: revoked');
});
