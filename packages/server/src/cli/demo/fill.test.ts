import type { ErrorCode } from '@confab/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { giveRoleByName } from '../../../test/database.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { call, patiently, Refusal, signIn } from './api.ts';
import { PASSWORD, people, type PersonKey, rooms } from './content.ts';
import { fillDemo } from './fill.ts';
import { guests, lounges } from './lounges.ts';

const languageRooms = lounges.flatMap((lounge) => Object.values(lounge.rooms));

/** Filled once, by one call. */
let server: TestServer;
let filled: Awaited<ReturnType<typeof fill>>;
beforeAll(async () => {
  server = await startServer();
  filled = await fill(server);
});
afterAll(() => server.stop());

function fill({ url, databaseUrl }: TestServer) {
  return fillDemo(url, (username) => giveRoleByName(databaseUrl, username, 'admin'));
}

async function emptyServer(): Promise<TestServer> {
  const empty = await startServer();
  onTestFinished(() => empty.stop());
  return empty;
}

/** All that one of them sees, without ids and times. */
async function seenBy(key: PersonKey, server: TestServer) {
  const { email } = people[key];
  const { accessToken } = await signIn(server.url, { email, password: PASSWORD });
  const { rooms: summaries } = await call(server.url, accessToken, 'rooms', { query: {} });
  return Promise.all(
    summaries.map(async ({ room: { id: roomId, kind, name, topic, n }, unread, memberIds }) => {
      const { messages, users } = await call(server.url, accessToken, 'messages', { params: { roomId }, query: {} });
      return {
        name,
        topic,
        n,
        unread,
        // Guests of a run that broke off are still there, others came in their place.
        members: kind === 'language' ? 0 : memberIds.length,
        messages: messages.map((message) => ({
          n: message.n,
          by: users.find(({ id }) => id === message.senderId)?.name,
          body: message.body,
          replyTo: messages.find(({ id }) => id === message.replyTo)?.n ?? null,
          edited: message.editedAt !== null,
          deleted: message.deletedAt !== null,
        })),
      };
    }),
  );
}

function everything(on: TestServer) {
  return Promise.all((Object.keys(people) as PersonKey[]).map((key) => seenBy(key, on)));
}

test('the demo has read and unread rooms, edited, deleted and answered messages, and the newest room first', async () => {
  expect(filled).toEqual({
    people: Object.keys(people).length,
    rooms: rooms.length + languageRooms.length,
    messages: [...rooms.flatMap(({ lines }) => lines), ...languageRooms.flat()].length,
  });
  const mine = await seenBy('alex', server);
  expect(mine.map(({ name }) => name).slice(0, 2)).toEqual([null, 'Riverside garden']);
  expect(mine.some(({ unread }) => unread === 0)).toBe(true);
  expect(mine.filter(({ unread }) => unread > 0).length).toBeGreaterThan(2);
  const messages = mine.flatMap((room) => room.messages);
  expect(messages.filter(({ edited }) => edited).length).toBeGreaterThan(1);
  expect(messages.filter(({ deleted, body }) => deleted && body === '')).toHaveLength(1);
  expect(messages.filter(({ replyTo }) => replyTo !== null).length).toBeGreaterThan(10);
});

test('the lounges have rules, rooms by language with talk in it, guests among those who talk, and a room for adults', async () => {
  const { lounges: seen } = await call(server.url, undefined, 'lounges', {});
  expect(seen.map(({ name }) => name)).toEqual(lounges.map(({ lounge }) => lounge.name));
  expect(seen.every(({ rules, rooms: its }) => rules !== '' && its.length >= 6 && its.length <= 10)).toBe(true);
  expect(seen.map(({ guests: may, adultsOnly }) => [may, adultsOnly])).toContainEqual(['none', true]);
  const said = seen.flatMap(({ rooms: its }) => its).map(({ room: { n } }) => n);
  expect(said).toEqual(languageRooms.map((lines) => lines.length));
  const { accessToken } = await signIn(server.url, { email: people.noor.email, password: PASSWORD });
  const all = await Promise.all(
    seen
      .flatMap(({ rooms: its }) => its)
      .map(({ room: { id: roomId } }) => call(server.url, accessToken, 'messages', { params: { roomId }, query: {} })),
  );
  const talkers = all.flatMap(({ users }) => users).filter(({ role }) => role === 'guest');
  expect(new Set(talkers.map(({ name }) => name))).toEqual(new Set(Object.values(guests)));
  // Each in the language of the room, but for those few who say so.
  const foreign = all.flatMap(({ messages }) => messages).filter(({ language }) => language !== undefined);
  expect(foreign.map(({ language }) => language)).toEqual(['en', 'en', 'en']);
});

test('what broke off is completed', async () => {
  const complete = await everything(server);
  const other = await emptyServer();

  const real = globalThis.fetch;
  const fetch = vi.spyOn(globalThis, 'fetch');
  let breaks = 0;
  for (let calls = 5, done = false; !done; calls += 20) {
    let left = calls;
    fetch.mockImplementation((...args) => (left-- > 0 ? real(...args) : Promise.reject(new Error('the cable'))));
    done = await fill(other).then(
      () => true,
      () => false,
    );
    if (!done) breaks += 1;
  }
  fetch.mockRestore();
  expect(breaks).toBeGreaterThan(3);
  expect(await everything(other)).toEqual(complete);
});

test('a second time adds nothing, and takes back nothing that people changed', async () => {
  const { accessToken } = await signIn(server.url, { email: people.alex.email, password: PASSWORD });
  const { rooms: mine } = await call(server.url, accessToken, 'rooms', { query: {} });
  const roomId = mine[0]?.room.id ?? '';
  const { messages } = await call(server.url, accessToken, 'messages', { params: { roomId }, query: {} });
  const own = messages[0];
  expect(own).toBeDefined();
  const params = { roomId, messageId: own?.id ?? '' };
  await call(server.url, accessToken, 'editMessage', { params, body: { body: 'Changed since.' } });

  const before = await everything(server);
  expect(await fill(server)).toEqual({ people: 0, rooms: 0, messages: 0 });
  expect(await everything(server)).toEqual(before);
});

test('a username that has another password is named', async () => {
  const { email, username } = people.sam;
  const other = await emptyServer();
  await call(other.url, undefined, 'signUp', { body: { email, username, password: 'not the one of the demo' } });
  await expect(fill(other)).rejects.toThrow(`The username ${username} is taken, or has another password`);
});

test('what came too often is done again when it may be; what would take long, or was refused otherwise, is not', async () => {
  let tries = 0;
  const refusing = (code: ErrorCode, retryAfter: number, times: number) => {
    tries = 0;
    return patiently(async () => {
      tries += 1;
      if (tries > times) return 'done';
      throw new Refusal(429, { code, message: '', requestId: '', details: { retryAfter } });
    });
  };
  expect(await refusing('too_many_requests', 0, 3)).toBe('done');
  expect(tries).toBe(4);
  await expect(refusing('too_many_requests', 61, 1)).rejects.toBeInstanceOf(Refusal);
  expect(tries).toBe(1);
  await expect(refusing('invalid_credentials', 0, 1)).rejects.toBeInstanceOf(Refusal);
  expect(tries).toBe(1);
});
