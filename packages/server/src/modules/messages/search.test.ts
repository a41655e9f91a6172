import { randomUUID } from 'node:crypto';
import type { RouteOutput } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await startWorld();
});
afterAll(() => server.stop());

async function group(size = 2) {
  const people = await Promise.all(Array.from({ length: size }, () => server.person()));
  const [owner, other] = people as [Person, Person];
  const memberIds = people.slice(1).map((p) => p.id);
  const snapshot = await owner.call('createRoom', { body: { name: 'Room', memberIds } });
  return { owner, other, people, roomId: snapshot.room.id };
}

type Query = Record<string, string>;
const search = (who: Person, q: string, more: Query = {}): Promise<RouteOutput<'search'>> =>
  who.call('search', { query: { q, ...more } });
const bodies = async (who: Person, q: string, more: Query = {}) =>
  (await search(who, q, more)).hits.map((hit) => hit.message.body);

describe('every script', () => {
  const said = {
    Chinese: '我们明天去北京吃烤鸭吧',
    Japanese: '来週の東京タワー見学は中止です',
    Korean: '고등학교에서 한국어를 배웠습니다',
    Thai: 'สวัสดีครับ วันนี้อากาศดีมาก',
    Arabic: 'مَرْحَبًا بِكُم فِي الـــعــالَم',
    Hebrew: 'שָׁלוֹם לכולם, מה נשמע',
    Hindi: 'नमस्ते दोस्तों, यह फ़िल्म अच्छी है',
    Russian: 'Ёжик в тумане уже вышел',
    German: 'Die Größe der Straße überrascht Müller',
    Turkish: 'İstanbul ve Iğdır çok güzel',
    French: "L'été dernier, un cœur à Noël",
    Vietnamese: 'Chào buổi sáng Đà Nẵng',
    Greek: 'Καλημέρα Οδυσσέας',
    emoji: 'party 🎉🎊 with 👩‍💻 and 👍🏽',
  };
  let reader: Person;
  beforeAll(async () => {
    const { owner, roomId } = await group();
    reader = owner;
    for (const body of Object.values(said)) await owner.say(roomId, body);
  });

  test.each<[keyof typeof said, string[]]>([
    ['Chinese', ['北京', '烤鸭', '鸭', '明天去北京', '北京 烤鸭', '鸭吧']],
    ['Japanese', ['東京', '東京タワー', 'ﾀﾜｰ', '中止', '来週']],
    ['Korean', ['한국어', '학교', '고등', '배웠', '학']],
    ['Thai', ['สวัสดี', 'อากาศ', 'ครับ', 'สวัสด']],
    ['Arabic', ['مرحبا', 'العالم', 'مَرْحَبًا', 'مرح', 'الـعـالم']],
    ['Hebrew', ['שלום', 'לכולם', 'שלו', 'נשמע']],
    ['Hindi', ['नमस्ते', 'फिल्म', 'फ़िल्म', 'दोस्त']],
    ['Russian', ['ежик', 'Ёжик', 'ТУМАН', 'вышел ежик']],
    ['German', ['größe', 'grosse', 'STRASSE', 'straße', 'muller', 'Müller', 'uberra']],
    ['Turkish', ['istanbul', 'İSTANBUL', 'ığdır', 'IĞDIR', 'igdir', 'cok', 'çok güzel']],
    ['French', ['ete', 'été', 'coeur', 'cœur', 'noël', 'NOEL']],
    ['Vietnamese', ['đà nẵng', 'da nang', 'chao', 'buổi']],
    ['Greek', ['καλημερα', 'ΟΔΥΣΣΕΑΣ', 'οδυσσ']],
    ['emoji', ['🎉', '🎊', '👩‍💻', '👍', '👍🏿', 'party 🎉']],
  ])('%s messages are found by their words, parts of them, and other spellings', async (script, queries) => {
    for (const q of queries) expect(await bodies(reader, q), q).toEqual([said[script]]);
  });

  test('highlights are places in the body as it was written', async () => {
    const marked = async (q: string) => {
      const [hit] = (await search(reader, q)).hits;
      return hit?.highlights.map(([from, to]) => hit.message.body.slice(from, to));
    };
    expect(await marked('strass groß')).toEqual(['Größ', 'Straß']);
    expect(await marked('مرحبا')).toEqual(['مَرْحَبًا']);
    expect(await marked('東京タワー')).toEqual(['東京タワー']);
    expect(await marked('👍')).toEqual(['👍🏽']);
  });

  test('what is in the text in other places only is not found', async () => {
    for (const q of ['北明', '京東', 'ello', 'ämmer', '"straße größe"', 'party berlin']) {
      expect(await bodies(reader, q), q).toEqual([]);
    }
  });
});

test('all words must be there; a phrase in quotes stands side by side', async () => {
  const { owner, roomId } = await group();
  await owner.say(roomId, 'the cat sat on the mat');
  await owner.say(roomId, 'the mat sat on the cat');
  expect(await bodies(owner, 'sat cat mat', { roomId })).toHaveLength(2);
  expect(await bodies(owner, '"cat sat"', { roomId })).toEqual(['the cat sat on the mat']);
  expect(await bodies(owner, '"ca sat"', { roomId })).toEqual([]);
});

test('operators of queries are text, and a query without words finds nothing', async () => {
  const { owner, roomId } = await group();
  await owner.say(roomId, "it's a \\ b & c | d ! e:* (f)");
  for (const q of ["it's", 'a & c', 'a | nothing', '!e', 'e:*', "'", '\\', '&', '(', '<->', "a' | 'b", '~', ':A', '"'])
    await expect(search(owner, q, { roomId }), q).resolves.toHaveProperty('hits');
  expect(await bodies(owner, 'a | nothing', { roomId })).toEqual([]);
  expect(await bodies(owner, '!e', { roomId })).toHaveLength(1);
  for (const q of ["'", '&|!', ':*', '""', '…']) expect(await bodies(owner, q, { roomId })).toEqual([]);
});

describe('who finds what', () => {
  test('only members find a message, from joining to leaving; asking for a room of others tells nothing', async () => {
    const { owner, other, roomId } = await group();
    const stranger = await server.person();
    const { id } = await owner.say(roomId, 'only for us');
    const found = async (who: Person) => (await search(who, 'only')).hits.map((hit) => hit.message.id);
    expect(await found(other)).toEqual([id]);
    expect(await found(stranger)).toEqual([]);
    const refused = { body: { code: 'not_found' } };
    await expect(search(stranger, 'only', { roomId })).rejects.toMatchObject(refused);
    await expect(search(stranger, '…', { roomId })).rejects.toMatchObject(refused);
    await expect(search(owner, 'only', { roomId: randomUUID() })).rejects.toMatchObject(refused);
    await owner.call('removeMember', { params: { roomId, userId: other.id } });
    expect(await found(other)).toEqual([]);
    await expect(search(other, 'only', { roomId })).rejects.toMatchObject(refused);
    expect(await found(owner)).toEqual([id]);
  });

  test('threads are found by the members of their room, also by those who do not follow them, and not after leaving', async () => {
    const { owner, other, roomId } = await group(3);
    const parent = await owner.say(roomId, 'a question');
    const thread = await owner.call('openThread', { params: { roomId, messageId: parent.id } });
    await owner.say(thread.room.id, 'an answer');
    expect(await bodies(other, 'answer')).toEqual(['an answer']);
    expect(await bodies(other, 'answer', { roomId: thread.room.id })).toEqual(['an answer']);
    expect(await bodies(other, 'question', { roomId: thread.room.id })).toEqual([]);
    expect(await bodies(other, 'answer', { roomId })).toEqual([]);
    await other.call('removeMember', { params: { roomId, userId: other.id } });
    expect(await bodies(other, 'answer')).toEqual([]);
    await expect(search(other, 'answer', { roomId: thread.room.id })).rejects.toMatchObject({
      body: { code: 'not_found' },
    });
  });

  test('what people I block say is not found, and is found again afterwards', async () => {
    const { owner, other, roomId } = await group();
    await other.say(roomId, 'blocked words');
    await owner.call('block', { body: { userId: other.id } });
    await server.settle();
    expect(await bodies(owner, 'blocked')).toEqual([]);
    expect(await bodies(other, 'blocked')).toEqual(['blocked words']);
    await owner.call('unblock', { params: { userId: other.id } });
    await server.settle();
    expect(await bodies(owner, 'blocked')).toEqual(['blocked words']);
  });
});

test('edited-away words are not found, the new ones are; of a deleted message no word is left in the database', async () => {
  const { owner, roomId } = await group();
  const message = await owner.say(roomId, 'original wording');
  const params = { roomId, messageId: message.id };
  await owner.call('editMessage', { params, body: { body: 'revised wording' } });
  expect(await bodies(owner, 'original', { roomId })).toEqual([]);
  expect(await bodies(owner, 'revised', { roomId })).toEqual(['revised wording']);
  await owner.call('editMessage', { params, body: { body: '?!' } });
  expect(await bodies(owner, 'wording', { roomId })).toEqual([]);
  await owner.call('editMessage', { params, body: { body: 'back again' } });
  expect(await bodies(owner, 'again', { roomId })).toEqual(['back again']);
  await owner.call('deleteMessage', { params });
  expect(await bodies(owner, 'again', { roomId })).toEqual([]);
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  const { rowCount } = await client.query('SELECT 1 FROM chat.search WHERE room_id = $1', [roomId]);
  await client.end();
  expect(rowCount).toBe(0);
});

describe('filters', () => {
  test('author, time, links, polls and mentions of me narrow what is found', async () => {
    const { owner, other, roomId } = await group(3);
    const name = other.signedIn.user.username;
    const first = await owner.say(roomId, 'word one https://example.com/page');
    await other.say(roomId, 'word two');
    await owner.say(roomId, `word three @${name}`);
    await owner.say(roomId, 'word four @room');
    const poll = { question: 'word five', options: ['red herring', 'blue'] };
    await owner.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), poll } });
    const found = async (more: Query, who = other) =>
      new Set((await bodies(who, 'word', { roomId, ...more })).map((body) => body.split(' ')[1]));
    expect(await found({})).toEqual(new Set(['five', 'four', 'one', 'three', 'two']));
    expect(await found({ from: other.id })).toEqual(new Set(['two']));
    expect(await found({ has: 'link' })).toEqual(new Set(['one']));
    expect(await found({ has: 'poll' })).toEqual(new Set(['five']));
    expect(await found({ has: 'file' })).toEqual(new Set([]));
    expect(await found({ has: 'image' })).toEqual(new Set([]));
    expect(await found({ mentionsMe: 'true' })).toEqual(new Set(['four', 'three']));
    expect(await found({ mentionsMe: 'true' }, owner)).toEqual(new Set([]));
    expect(await found({ mentionsMe: 'false', from: owner.id })).toEqual(new Set(['five', 'four', 'one', 'three']));
    expect(await found({ before: String(first.createdAt) })).toEqual(new Set([]));
    expect(await found({ before: String(first.createdAt + 1), from: owner.id })).toContain('one');
    expect((await found({ after: String(first.createdAt) })).size).toBe(5);
    expect(await found({ after: '8640000000000000' })).toEqual(new Set([]));
    expect(await bodies(other, 'herring', { roomId })).toEqual(['word five']);
  });

  test('files are found by their names and kinds', async () => {
    const { owner, roomId } = await group();
    const { id, n } = await owner.say(roomId, 'see here');
    const attachments = [{ fileId: randomUUID(), name: 'Übersicht.png', mime: 'image/png', size: 1 }];
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    // Until files can be sent: a message that has one, found once it is edited.
    await client.query('UPDATE chat.messages SET parts = $3 WHERE room_id = $1 AND n = $2', [
      roomId,
      n,
      JSON.stringify({ attachments }),
    ]);
    await client.end();
    await owner.call('editMessage', { params: { roomId, messageId: id }, body: { body: 'look here' } });
    for (const has of ['file', 'image']) expect(await bodies(owner, 'ubersicht', { has })).toEqual(['look here']);
  });
});

describe('order and pages', () => {
  test('whole words come before beginnings of words, and more relevant before less', async () => {
    const { owner, roomId } = await group();
    await owner.say(roomId, 'hell is other people, of whom there are many, in all places and at all times');
    await owner.say(roomId, 'hello');
    expect(await bodies(owner, 'hello', { roomId })).toEqual(['hello']);
    await owner.say(roomId, 'hellos');
    expect((await bodies(owner, 'hello', { roomId }))[0]).toBe('hello');
  });

  test('pages hold every match once, also while messages arrive', async () => {
    const { owner, roomId } = await group();
    const sent = await Promise.all(Array.from({ length: 30 }, (_, i) => owner.say(roomId, `needle ${i}`)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await search(owner, 'needle', { roomId, limit: '7', ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.hits.map((hit) => hit.message.id));
      await owner.say(roomId, 'needle late');
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    for (const { id } of sent) expect(seen).toContain(id);
  });

  test('a cursor that is none is refused', async () => {
    const { owner } = await group();
    for (const cursor of ['x', '1_._2_3', `1_-_${randomUUID()}_1`, `1_2_${'-'.repeat(36)}_1`]) {
      await expect(search(owner, 'x', { cursor }), cursor).rejects.toMatchObject({
        body: { code: 'bad_input', details: { fields: [{ field: 'cursor' }] } },
      });
    }
  });
});
