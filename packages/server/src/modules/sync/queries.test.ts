import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Person, Refusal } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { watchDatabase } from '../../../test/statements.ts';
import { FakeClock } from '../../platform/clock.ts';
import { currentRequestId } from '../../platform/requests.ts';
import { READINGS } from '../../platform/shares.ts';

// Time stands still while queries are counted: what is remembered for a few seconds is either known or not.
const clock = new FakeClock();
let server: TestServer;
let few: Person;
let many: Person;
const rooms = new Map<Person, string[]>();

beforeAll(async () => {
  server = await startServer({}, { clock });
  [few, many] = await Promise.all([server.person(), server.person()]);
  for (const [person, count] of [
    [few, 2],
    [many, 25],
  ] as const) {
    const others = await Promise.all(Array.from({ length: count }, () => server.person()));
    rooms.set(person, []);
    for (const other of others) {
      const body = { name: 'Room', memberIds: [person.id] };
      const { room } = await other.call('createRoom', { body });
      const { id: messageId } = await other.say(room.id, `hello @${person.signedIn.user.username}`);
      await other.call('openThread', { params: { roomId: room.id, messageId } });
      const thread = await person.call('openThread', { params: { roomId: room.id, messageId } });
      await other.say(thread.room.id, 'well?');
      await person.call('block', { body: { userId: (await server.person()).id } });
      rooms.get(person)?.push(room.id, thread.room.id);
    }
  }
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => server.stop());

/** The statements of one call, by what they ask; not those of anything that happens beside it. */
async function statements(act: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  const query: unknown = Reflect.get(pg.Client.prototype, 'query');
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [string | { name?: string; text?: string }];
    const statement = typeof config === 'string' ? config : (config.name ?? config.text ?? '');
    if (currentRequestId() !== undefined) asked.push(statement);
    const answer: unknown = Reflect.apply(query as () => unknown, this, args);
    // Of its many overloads the spy is typed by the last, which answers nothing.
    return answer as undefined;
  });
  await act();
  vi.restoreAllMocks();
  return asked;
}

const held = (person: Person) => (rooms.get(person) ?? []).map((roomId) => ({ roomId, rev: 1, mine: 0 }));
const calls: Record<string, (person: Person) => Promise<() => Promise<number>>> = {
  'the chat list': async (person) => async () =>
    (await person.call('rooms', { query: { limit: '200' } })).rooms.length * 2,
  'the list of threads': async (person) => async () =>
    (await person.call('threads', { query: { limit: '200' } })).rooms.length * 2,
  'sync of rooms that changed': async (person) => {
    const device = await person.connect();
    await device.ask('heartbeat', {});
    return async () => (await device.ask('sync', { rooms: held(person) })).changed.length;
  },
  'sync of rooms it lacks': async (person) => {
    const device = await person.connect();
    await device.ask('heartbeat', {});
    return async () => (await device.ask('sync', { rooms: [] })).added.length;
  },
  'sync when nothing changed': async (person) => {
    const device = await person.connect();
    const { added } = await device.ask('sync', { rooms: [] });
    const now = added.map(({ room, me }) => ({ roomId: room.id, rev: room.rev, mine: me.mine }));
    return async () => {
      const answer = await device.ask('sync', { rooms: now });
      expect(answer).toMatchObject({ changed: [], added: [], gone: [], hasMore: false });
      return now.length;
    };
  },
};

for (const [name, prepare] of Object.entries(calls)) {
  test(`${name}: as many queries for 50 rooms as for 4`, async () => {
    const asked: string[][] = [];
    for (const [person, expected] of [
      [few, 4],
      [many, 50],
    ] as const) {
      // Everything that was remembered has to be asked for again.
      await clock.advance(10_000);
      const act = await prepare(person);
      asked.push(await statements(async () => expect(await act()).toBe(expected)));
    }
    const [forFew = [], forMany = []] = asked;
    expect(forMany.toSorted()).toEqual(forFew.toSorted());
    expect(forMany.length).toBeGreaterThan(0);
    expect(forMany.length).toBeLessThanOrEqual(12);
  });
}

test('a message costs as many queries in a room of 40 as in a room of 3', async () => {
  const asked: string[][] = [];
  for (const size of [3, 40]) {
    const [owner, ...others] = await Promise.all(Array.from({ length: size }, () => server.person()));
    if (owner === undefined) throw new Error('nobody');
    const { room } = await owner.call('createRoom', {
      body: { name: 'Room', memberIds: others.map((one) => one.id) },
    });
    for (const other of others) await other.call('block', { body: { userId: owner.id } });
    await clock.advance(10_000);
    const body = `${others
      .slice(0, 30)
      .map((one) => `@${one.signedIn.user.username}`)
      .join(' ')}`;
    asked.push(
      await statements(() =>
        owner.call('sendMessage', { params: { roomId: room.id }, body: { clientId: randomUUID(), body } }),
      ),
    );
  }
  const [small = [], large = []] = asked;
  // Whoever asks first for who is silenced asks for all: it may have been asked beside.
  const own = (names: readonly string[]) => names.filter((name) => name !== 'safety.silences').toSorted();
  expect(own(large)).toEqual(own(small));
});

describe('one answer to sync', () => {
  /** Asks until there is no more; answers the rooms of each answer, and how many messages each has of them. */
  async function answers(person: Person, roomIds: readonly string[]): Promise<Record<string, number>[]> {
    const device = await person.connect();
    const known = new Map(roomIds.map((roomId) => [roomId, { roomId, rev: 0, mine: 0 }]));
    const listed: Record<string, number>[] = [];
    for (let hasMore = true; hasMore;) {
      const { changed, ...answer } = await device.ask('sync', { rooms: [...known.values()] });
      for (const { summary, rev } of changed) {
        known.set(summary.room.id, { roomId: summary.room.id, rev, mine: summary.me.mine });
      }
      listed.push(Object.fromEntries(changed.map(({ summary, messages }) => [summary.room.id, messages.length])));
      hasMore = answer.hasMore;
    }
    return listed;
  }

  async function madeBy(person: Person, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i += 1) ids.push((await person.call('createRoom', { body: { name: 'Room' } })).room.id);
    return ids;
  }

  test('tells a million characters of all rooms together, and those after it the rest', async () => {
    const person = await server.person();
    const [before = '', after = ''] = await madeBy(person, 2);
    await person.say(before, 'One word');
    await Promise.all(Array.from({ length: 130 }, () => person.say(after, 'A'.repeat(8000))));
    // The liveliest comes first.
    const [first, second, ...others] = await answers(person, [before, after]);
    expect([first, second, others]).toEqual([{ [after]: 125 }, { [after]: 5, [before]: 1 }, []]);
  });

  test('lists rooms with a thousand changes together, and those after it the others', async () => {
    const person = await server.person();
    const ids = await madeBy(person, 12);
    await sql(server, 'UPDATE chat.rooms SET rev = 1500 WHERE room_id = ANY($1)', [ids]);
    const listed = await answers(person, ids);
    expect(listed.map((answer) => Object.keys(answer).length)).toEqual([5, 5, 2]);
    expect(new Set(listed.flatMap((answer) => Object.keys(answer)))).toEqual(new Set(ids));
  });
});

test('what somebody changes in all of their rooms is done for some at a time: what others say goes between', async () => {
  const [person, other] = [await server.person(), await server.person()];
  await sql(
    server,
    `WITH made AS (
       INSERT INTO chat.rooms (room_id, kind, name, created_by, member_count, created_at, active_at, n, rev)
       SELECT gen_random_uuid(), 'group', 'Room', $1, 2, now(), now(), 0, 2 FROM generate_series(1, 200) RETURNING room_id)
     INSERT INTO chat.members (room_id, user_id, role, joined_at, rev)
     SELECT room_id, $1, 'owner', now(), 1 FROM made UNION ALL SELECT room_id, $2, 'member', now(), 2 FROM made`,
    [person.id, other.id],
  );
  /** Commits of more changes than that. */
  const large = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const value = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')[1],
      );
    return value('confab_commit_batch_size_count') - value('confab_commit_batch_size_bucket{le="32"}');
  };
  const before = await large();
  await person.call('updatePreferences', { body: { shareReads: false } });
  await person.call('block', { body: { userId: other.id } });
  expect(await large()).toBe(before);
  const rows = await sql(
    server,
    'SELECT FROM chat.members WHERE user_id = $1 AND NOT shares_reads AND mine > 0 AND left_at IS NULL',
    [person.id],
  );
  expect(rows).toHaveLength(200);
});

test('what one person reads is read a little at a time, by socket and REST alike: others read meanwhile', async () => {
  const [person, other] = [await server.person(), await server.person()];
  const { room } = await person.call('createRoom', { body: { name: 'Room', memberIds: [other.id] } });
  const roomId = room.id;
  await person.say(roomId, 'hello');
  const [device, theirs] = await Promise.all([person.connect(), other.connect()]);
  const gate = Promise.withResolvers<void>();
  const asked = watchDatabase((name) => (name === 'messages.before' ? gate.promise : undefined));
  const pages = () => asked.filter((name) => name === 'messages.before').length;
  const reading = [
    ...Array.from({ length: 15 }, () => device.ask('message:history', { roomId })),
    ...Array.from({ length: 15 }, () => person.call('messages', { params: { roomId }, query: {} })),
  ];
  await expect.poll(pages).toBeGreaterThanOrEqual(READINGS);
  for (let i = 0; i < 5; i += 1) {
    expect((await theirs.ask('message:history', { roomId, after: 0 })).messages).toHaveLength(1);
  }
  expect(pages()).toBe(READINGS);
  gate.resolve();
  expect(new Set((await Promise.all(reading)).map(({ messages }) => messages.length))).toEqual(new Set([1]));
});

test('where many messages of theirs wait, an answer has fewer rooms, and those after it the others', async () => {
  const [person, owner] = [await server.person(), await server.person()];
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [person.id] } });
    await owner.call('moderateRoom', { params: { roomId: room.id }, body: { hold: ['all'] } });
    await Promise.all(Array.from({ length: LIMITS.heldPerMember }, (_, k) => person.say(room.id, `${k}`)));
    ids.push(room.id);
  }
  const device = await person.connect();
  const held = new Map<string, { roomId: string; rev: number; mine: number }>();
  const added: number[] = [];
  for (let hasMore = true; hasMore;) {
    const answer = await device.ask('sync', { rooms: [...held.values()] });
    for (const { room, me } of answer.added) held.set(room.id, { roomId: room.id, rev: room.rev, mine: me.mine });
    added.push(answer.added.length);
    hasMore = answer.hasMore;
  }
  expect([added, new Set(held.keys())]).toEqual([[5, 2], new Set(ids)]);
  const first = await person.call('rooms', { query: { limit: '200' } });
  const rest = await person.call('rooms', { query: { limit: '200', cursor: first.nextCursor ?? '' } });
  expect([first.rooms.length, rest.rooms.length, rest.nextCursor]).toEqual([5, 2, null]);
  expect(new Set([...first.rooms, ...rest.rooms].map(({ room }) => room.id))).toEqual(new Set(ids));
});

test('of searches one of each person is under way, and three of all: others write meanwhile, and too many are refused', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => server.person()));
  const [person] = people;
  if (person === undefined) throw new Error('nobody');
  const { room } = await person.call('createRoom', { body: { name: 'Room' } });
  const gate = Promise.withResolvers<void>();
  const asked = watchDatabase((name) => (name === 'search.buckets' ? gate.promise : undefined));
  const searches = () => asked.filter((name) => name === 'search.buckets').length;
  const search = (by: Person) => by.call('search', { query: { q: 'hello' } });
  const mine = Promise.allSettled(Array.from({ length: 20 }, () => search(person)));
  await expect.poll(searches).toBe(1);
  await person.say(room.id, 'hello');
  expect(searches()).toBe(1);
  const others = Promise.all(people.slice(1).map(search));
  await expect.poll(searches).toBe(3);
  await person.say(room.id, 'hello again');
  expect(searches()).toBe(3);
  gate.resolve();
  await others;
  const outcomes = (await mine).map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as Refusal).body.code));
  expect(outcomes.toSorted()).toEqual([
    ...Array.from({ length: 11 }, () => 'ok'),
    ...Array.from({ length: 9 }, () => 'too_many_requests'),
  ]);
});
