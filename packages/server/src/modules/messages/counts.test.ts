/** Every way to ask how much awaits someone must agree with a recount that knows nothing of the code under test. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connected, type Person, Refusal } from '../../../test/person.ts';
import { startWorld, type World } from '../../../test/nodes.ts';

let server: World;
let database: pg.Client;
beforeAll(async () => {
  server = await startWorld();
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await server.stop();
});

// From the messages themselves: neither the table of mentions nor any count is asked.
const RECOUNT = `
  SELECT m.room_id, m.user_id, least(count(x.n), ${LIMITS.unreadCap})::int AS unread,
         count(x.n) FILTER (
           WHERE x.parts->'mentions'->'userIds' ? m.user_id::text OR x.parts->'mentions'->>'everyone' IS NOT NULL
         )::int AS mentions
  FROM chat.members m
  JOIN chat.rooms r USING (room_id)
  LEFT JOIN chat.messages x
    ON x.room_id = m.room_id AND x.n > m.last_read_n AND x.sender_id <> m.user_id AND x.deleted_at IS NULL
   AND x.kind <> 'system'
   AND NOT EXISTS (SELECT FROM safety.blocks b WHERE b.blocker_id = m.user_id AND b.blocked_id = x.sender_id)
  WHERE m.left_at IS NULL AND r.deleted_at IS NULL
  GROUP BY m.room_id, m.user_id`;

/** `unread/mentions` by room, of each person. */
type Counts = Record<string, string>;
async function recount(people: readonly Person[]): Promise<Map<string, Counts>> {
  const { rows } = await database.query<{ room_id: string; user_id: string; unread: number; mentions: number }>(
    RECOUNT,
  );
  const of = new Map<string, Counts>(people.map(({ id }) => [id, {}]));
  for (const row of rows) {
    const counts = of.get(row.user_id);
    if (counts !== undefined) counts[row.room_id] = `${row.unread}/${row.mentions}`;
  }
  return of;
}

interface Counted {
  room: { id: string };
  unread: number;
  mentions: number;
}
const counts = (summaries: readonly Counted[]): Counts =>
  Object.fromEntries(summaries.map(({ room, unread, mentions }) => [room.id, `${unread}/${mentions}`]));

// Mulberry32.
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const EXPECTED_REFUSALS = new Set(['forbidden', 'not_found', 'blocked', 'message_deleted']);

test.concurrent.for([1, 2])(
  '400 random actions leave no count wrong (seed %i)',
  { timeout: 120_000 },
  async (seed, { expect }) => {
    const next = random(seed);
    const below = (n: number) => Math.floor(next() * n);
    const pick = <T>(from: readonly T[]): T => {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    };

    const people = await Promise.all(Array.from({ length: 5 }, () => server.person()));
    const [owner, second, third] = people as [Person, Person, Person, Person, Person];
    const memberIds = people.slice(1).map(({ id }) => id);
    const group = (await owner.call('createRoom', { body: { name: 'Group', memberIds } })).room.id;
    const open = (await second.call('createRoom', { body: { name: 'Public', kind: 'public', memberIds: [third.id] } }))
      .room.id;
    const direct = (await owner.call('directRoom', { body: { userId: second.id } })).room.id;
    const { id: messageId } = await second.say(group, 'about this');
    const thread = (await owner.call('openThread', { params: { roomId: group, messageId } })).room.id;
    const rooms = [group, open, direct, thread];
    const sent: { roomId: string; messageId: string; by: Person }[] = [];
    const devices = new Map<string, Connected>();
    for (const person of people) devices.set(person.id, await person.connect());

    const words = () => pick(['hello', '@room', '@here look', `@${pick(people).signedIn.user.username}`, '`@room`']);
    const say = async (by: Person, roomId: string) => {
      const message = await by.say(roomId, `${words()} ${words()}`);
      sent.push({ roomId, messageId: message.id, by });
    };
    await say(owner, group);
    const actions: [number, (by: Person, roomId: string) => Promise<unknown>][] = [
      [12, say],
      [
        4,
        async () => {
          const { by, ...params } = pick(sent);
          await by.call('editMessage', { params, body: { body: `${words()} edited` } });
        },
      ],
      [
        3,
        async (actor) => {
          const { by, ...params } = pick(sent);
          await pick([by, actor]).call('deleteMessage', { params });
        },
      ],
      [6, (by, roomId) => by.call('markRead', { params: { roomId }, body: { n: below(40) } })],
      [2, (by, roomId) => by.call('updateMe', { params: { roomId }, body: { markedUnread: next() < 0.5 } })],
      [2, (by) => by.call('block', { body: { userId: pick(people.filter((one) => one !== by)).id } })],
      [2, (by) => by.call('unblock', { params: { userId: pick(people).id } })],
      [2, (by) => by.call('joinRoom', { params: { roomId: pick([open, thread]) } })],
      [1, (by) => by.call('removeMember', { params: { roomId: pick([open, thread]), userId: by.id } })],
      [1, () => owner.call('removeMember', { params: { roomId: group, userId: pick(memberIds) } })],
      [2, () => owner.call('addMembers', { params: { roomId: group }, body: { userIds: [pick(memberIds)] } })],
      [1, (by) => by.call('updatePreferences', { body: { shareReads: next() < 0.5 } })],
    ];
    const bag = actions.flatMap(([weight, action]) => Array.from({ length: weight }, () => action));

    let done = 0;
    const tried: Record<string, number> = {};
    for (let round = 1; done < 400; round += 1) {
      const size = pick([1, 1, 2, 4]);
      const actors = Array.from({ length: size }, () => pick(people));
      for (const device of devices.values()) device.events.length = 0;
      const outcomes = await Promise.allSettled(actors.map((by) => pick(bag)(by, pick(rooms))));
      for (const outcome of outcomes) {
        const code = outcome.status === 'fulfilled' ? 'ok' : (outcome.reason as Refusal).body.code;
        tried[code] = (tried[code] ?? 0) + 1;
        if (code !== 'ok') expect(EXPECTED_REFUSALS, code).toContain(code);
      }
      await server.settle();
      done += size;
      const right = await recount(people);
      const [actor, ...more] = actors;
      const device = actor && devices.get(actor.id);
      // After one action alone, what its author was told of must hold.
      if (actor !== undefined && device !== undefined && more.length === 0) {
        await device.ask('heartbeat', {});
        const told = device.events
          .filter(({ event }) => event === 'me')
          .map(({ payload }) => payload as Omit<Counted, 'room'> & { roomId: string });
        for (const { roomId, ...me } of told) {
          expect(`${me.unread}/${me.mentions}`, `live, round ${round}`).toBe(right.get(actor.id)?.[roomId]);
        }
      }
      if (round % 8 !== 0) continue;
      const seen = await Promise.all(
        people.map(async (person) => {
          const [list, threads, sync] = await Promise.all([
            person.call('rooms', { query: {} }),
            person.call('threads', { query: {} }),
            devices.get(person.id)?.ask('sync', { rooms: [] }),
          ]);
          return { id: person.id, listed: [...list.rooms, ...threads.rooms], synced: sync?.added ?? [] };
        }),
      );
      for (const { id, listed, synced } of seen) {
        expect(counts(listed), `rooms, round ${round}`).toEqual(right.get(id));
        expect(counts(synced), `sync, round ${round}`).toEqual(right.get(id));
      }
    }
    // Most of it happened.
    expect(tried['ok']).toBeGreaterThan(200);
  },
);

test('a count at the cap says so, and is exact again below it', async () => {
  const [owner, member] = await Promise.all([server.person(), server.person()]);
  const { room } = await owner.call('createRoom', { body: { name: 'Busy', memberIds: [member.id] } });
  const device = await owner.connect();
  const body = `@${member.signedIn.user.username}`;
  for (let i = 0; i < 3; i += 1) {
    await Promise.all(
      Array.from({ length: 40 }, () => device.ask('message:send', { roomId: room.id, clientId: randomUUID(), body })),
    );
  }
  const line = async () => (await member.call('rooms', { query: {} })).rooms[0];
  expect(await line()).toMatchObject({ unread: LIMITS.unreadCap, mentions: 120 });
  await member.call('markRead', { params: { roomId: room.id }, body: { n: 30 } });
  expect(await line()).toMatchObject({ unread: 90, mentions: 90 });
});
