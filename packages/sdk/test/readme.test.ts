/** What the README shows of API tokens, lounges, strangers and moderation, run as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinRoom, languageRoom } from '../../server/test/rooms.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { ConfabClient, type Scope } from '../src/index.ts';
import { eventually, newClient, PASSWORD } from './clients.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

/** Runs the nth example below a heading, with these names; answers what `answer` is then. */
async function run(heading: string, n: number, names: Record<string, unknown>, answer: string): Promise<unknown> {
  const section = readme.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const code = [...section.matchAll(/```js\n([\s\S]*?)```/g)][n]?.[1];
  const module = `export default async ({ ${Object.keys(names).join(', ')} }) => { ${code}; return ${answer}; };`;
  const { default: example } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module)}`
  )) as {
    default: (given: typeof names) => Promise<unknown>;
  };
  return example(names);
}

test('a bot answers, and a back end tells of something', async () => {
  const [ann, owner] = [await server.person('ann'), await server.person('owner')];
  const { room } = await ann.call('createRoom', { body: { name: 'Tea', memberIds: [owner.id] } });
  const tokenFor = async (...scopes: Scope[]) => {
    const made = await owner.call('createApiToken', { body: { name: 'Bot', scopes, expiresInDays: 1 } });
    return { ConfabClient, url: server.url, roomId: room.id, apiToken: made.token };
  };
  const all = await tokenFor('profile:read', 'people:read', 'messages:read', 'messages:write');
  const bot = (await run('Bots and back ends', 0, all, 'bot')) as ConfabClient;
  await run('Bots and back ends', 1, await tokenFor('messages:write'), 'null');
  await ann.say(room.id, 'ping');
  const bodies = async () => {
    const { messages } = await ann.call('messages', { params: { roomId: room.id }, query: {} });
    return messages.map(({ body }) => body);
  };
  await expect.poll(bodies).toEqual(['The build is red.', 'ping', 'pong']);
  bot.disconnect();
});

test('a guest comes into the first room of the first lounge', async () => {
  const { roomId } = await languageRoom(server, { lounge: { position: 0 } });
  const ann = await server.person('ann');
  await joinRoom(ann, roomId);
  const names = { ConfabClient, url: server.url };
  const guest = (await run('Lounges, guests and strangers', 0, names, 'guest')) as ConfabClient;
  const { messages } = await ann.call('messages', { params: { roomId }, query: {} });
  expect(messages.at(-1)).toMatchObject({ body: 'Good evening!', senderId: guest.me?.id });
  guest.disconnect();
});

test('strangers who chose the same meet', async () => {
  const pair = [await newClient(server.url), await newClient(server.url)] as const;
  for (const { client } of pair) await run('Lounges, guests and strangers', 1, { client }, 'null');
  await eventually(() => pair.every(({ client, heard }) => heard.some(({ senderId }) => senderId !== client.me?.id)));
  expect(pair[0].heard.find(({ senderId }) => senderId === pair[1].id)?.body).toMatch(/^Hello, /);
  for (const { client } of pair) client.disconnect();
});

test('a room is set up, a rule tried and added, and somebody muted', async () => {
  const { admin, roomId } = await languageRoom(server);
  const bob = await server.person('bob');
  await joinRoom(bob, roomId);
  const moderator = new ConfabClient({ url: server.url });
  await moderator.signIn({ email: admin.signedIn.user.email ?? '', password: PASSWORD });
  const lines: string[] = [];
  const names = { moderator, roomId, userId: bob.id, console: { log: (line: string) => lines.push(line) } };
  const entries = await run('Moderation', 0, names, 'entries');
  expect(entries).toMatchObject([{ action: 'member.muted', targetId: bob.id, reason: 'Calm down, please.' }]);
  expect(lines).toEqual(['0 of the last 0 messages']);
  const { rules } = await admin.call('automodRules', { query: { roomId } });
  expect(rules).toMatchObject([{ name: 'Invitations', trigger: { type: 'invites' } }]);
});
