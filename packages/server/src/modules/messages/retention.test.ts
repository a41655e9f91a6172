/** Messages that are older than rooms of their kind keep them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { Lobby } from '../../../test/strangers.ts';
import { runTask } from '../../../test/tasks.ts';
import { FakeClock } from '../../platform/clock.ts';

const DAY = 86_400_000;
const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ RETENTION: 'group=1d,match=2d' }, { clock });
});
afterAll(() => server.stop());

const erase = () => runTask(server, clock, 'messages.retention');
/** Makes rooms older than they keep messages. */
const ageRoom = (roomId: string) =>
  sql(server, 'UPDATE chat.rooms SET created_at = $2 WHERE room_id = $1', [roomId, new Date(clock.now() - 9 * DAY)]);
/** Makes messages older. */
const age = (ids: readonly string[], days: number) =>
  sql(server, "UPDATE chat.messages SET created_at = created_at - $2 * interval '1 day' WHERE message_id = ANY($1)", [
    ids,
    days,
  ]);
const entries = (kind: string) =>
  sql<{ messages: number }>(
    server,
    `SELECT (details->>'messages')::int AS messages, (details->>'rooms')::int AS rooms FROM safety.log
     WHERE action = 'messages.expired' AND actor_id IS NULL AND details->>'kind' = $1 ORDER BY seq`,
    [kind],
  );
async function rowsLeft(roomId: string): Promise<Record<string, number>> {
  const tables = ['message_edits', 'mentions', 'reactions', 'poll_votes', 'search'];
  const counts = tables.map(async (table) => {
    const [row] = await sql<{ count: number }>(server, `SELECT count(*)::int FROM chat.${table} WHERE room_id = $1`, [
      roomId,
    ]);
    return [table, row?.count ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

test('old messages are erased as by deletion, pinned ones and those in threads too; younger ones and other kinds of rooms keep theirs', async () => {
  const { owner, member, other, roomId } = await room(server);
  const open = await room(server, 'public');
  const elsewhere = await open.owner.say(open.roomId, 'public words');
  const said = await member.say(roomId, `xylophone @${other.signedIn.user.username}`);
  const on = { params: { roomId, messageId: said.id } };
  await member.call('editMessage', { ...on, body: { body: `xylophone! @${other.signedIn.user.username}` } });
  await owner.call('react', { ...on, body: { emoji: '👍', on: true } });
  await owner.call('pin', { ...on, body: { on: true } });
  const ask = { clientId: randomUUID(), poll: { question: 'Where to?', options: ['Sea', 'Hills'] } };
  const poll = await owner.call('sendMessage', { params: { roomId }, body: ask });
  await other.call('vote', { params: { roomId, messageId: poll.id }, body: { options: [0] } });
  const { room: thread } = await other.call('openThread', on);
  const below = await other.say(thread.id, 'xylophone below');
  const young = await owner.say(roomId, 'young');
  await age([said.id, poll.id, below.id, elsewhere.id], 1.01);
  for (const id of [roomId, open.roomId]) await ageRoom(id);
  expect((await owner.call('search', { query: { q: 'xylophone' } })).hits).toHaveLength(2);
  // What the room says of itself was said then, too.
  await sql(server, "UPDATE chat.messages SET created_at = $2 WHERE room_id = $1 AND kind = 'system'", [
    roomId,
    new Date(clock.now() - 2 * DAY),
  ]);
  const before = (await owner.call('messages', { params: { roomId }, query: {} })).messages;

  await expectConverges(roomId, [owner, member, other], () => expectConverges(thread.id, [other], erase));

  const after = (await owner.call('messages', { params: { roomId }, query: {} })).messages;
  expect(after.map(({ id, n }) => [id, n])).toEqual(before.map(({ id, n }) => [id, n]));
  for (const { id, body, deletedAt, kind, ...rest } of after) {
    if (kind === 'system') expect(deletedAt).toBeNull();
    else if (id === young.id) expect([body, deletedAt]).toEqual(['young', null]);
    else {
      expect([body, deletedAt]).toEqual(['', clock.now()]);
      for (const part of ['reactions', 'pinned', 'mentions', 'poll']) expect(rest).not.toHaveProperty(part);
    }
  }
  expect((await owner.call('pins', { params: { roomId } })).messages).toEqual([]);
  expect((await other.call('messages', { params: { roomId: thread.id }, query: {} })).messages).toMatchObject([
    { id: below.id, body: '', deletedAt: clock.now() },
  ]);
  expect((await owner.call('search', { query: { q: 'xylophone' } })).hits).toEqual([]);
  expect(await rowsLeft(roomId)).toMatchObject({ message_edits: 0, mentions: 0, reactions: 0, poll_votes: 0 });
  expect(await rowsLeft(thread.id)).toMatchObject({ search: 0 });
  expect((await open.owner.call('messages', { params: { roomId: open.roomId }, query: {} })).messages).toContainEqual(
    expect.objectContaining({ body: 'public words' }),
  );
  expect(await entries('group')).toEqual([{ messages: 3, rooms: 0 }]);
  // Again there is nothing to do, and nothing to tell.
  await erase();
  expect(await entries('group')).toHaveLength(1);
});

test('of many a run erases so many, and the next one goes on', async () => {
  const { owner, roomId } = await room(server);
  const { n: first } = await owner.say(roomId, 'first');
  // Deleted ones are passed quickly, and count.
  await sql(
    server,
    `WITH room AS (UPDATE chat.rooms SET n = n + 10100 WHERE room_id = $1)
     INSERT INTO chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, created_at, deleted_at)
     SELECT $1, gen_random_uuid(), $2::bigint + i, 1, $3, i::text, 'text', '', $4, $4 FROM generate_series(1, 10100) i`,
    [roomId, first, owner.id, new Date(clock.now() - 2 * DAY)],
  );
  await sql(server, 'UPDATE chat.messages SET created_at = $2 WHERE room_id = $1', [
    roomId,
    new Date(clock.now() - 2 * DAY),
  ]);
  const last = await owner.say(roomId, 'last');
  await ageRoom(roomId);
  const mark = async () =>
    (
      await sql<{ mark: number }>(server, 'SELECT erased_n::int AS mark FROM chat.rooms WHERE room_id = $1', [roomId])
    )[0]?.mark;
  await erase();
  expect(await mark()).toBe(10_000);
  await erase();
  expect(await mark()).toBe(last.n - 1);
});

test('what is old in a room that was deleted is removed, rows and all', async () => {
  const { owner, roomId } = await room(server);
  const [old, young] = [await owner.say(roomId, 'old'), await owner.say(roomId, 'young')];
  await age([old.id], 2);
  await ageRoom(roomId);
  await owner.call('deleteRoom', { params: { roomId } });
  await erase();
  expect(
    await sql(server, "SELECT message_id FROM chat.messages WHERE room_id = $1 AND kind = 'text'", [roomId]),
  ).toEqual([{ message_id: young.id }]);
});

test('a match that is long over is gone for good: whoever still sits in it is told, whoever held it learns by sync', async () => {
  const [a, b, roomId] = await new Lobby(server, clock).couple('user');
  const said = await a.at.ask('message:send', { roomId, clientId: randomUUID(), body: 'Hello' });
  const { me, room: held } = await b.person.call('room', { params: { roomId } });
  await a.at.ask('match:stop', {});
  await erase();
  await b.person.call('room', { params: { roomId } });
  const passed = (days: number) =>
    sql(
      server,
      `UPDATE chat.rooms SET archived_at = archived_at - $2 * interval '1 day', deleted_at = deleted_at - $2 * interval '1 day'
       WHERE room_id = $1`,
      [roomId, days],
    );
  await passed(2.1);
  await age([said.id], 2.1);
  await ageRoom(roomId);
  await expectConverges(roomId, [b.person], erase);
  await expect(b.person.call('room', { params: { roomId } })).rejects.toMatchObject({ body: { code: 'not_found' } });
  await passed(2.1);
  await erase();
  expect(await sql(server, 'SELECT FROM chat.rooms WHERE room_id = $1', [roomId])).toEqual([]);
  expect(await sql(server, 'SELECT FROM chat.messages WHERE room_id = $1', [roomId])).toEqual([]);
  expect(await sql(server, 'SELECT FROM chat.members WHERE room_id = $1', [roomId])).toEqual([]);
  const answer = await b.at.ask('sync', { rooms: [{ roomId, rev: held.rev, mine: me.mine }] });
  expect(JSON.stringify(answer)).toContain(roomId);
  expect(answer).toMatchObject({ gone: [roomId] });
  for (const { at } of [a, b]) at.socket.disconnect();
  expect(await entries('match')).toEqual([
    { messages: 1, rooms: 0 },
    { messages: 0, rooms: 1 },
  ]);
});

test('what was held for days is kept from when it was approved', async () => {
  const { owner, member, roomId } = await room(server);
  await ageRoom(roomId);
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['all'] } });
  const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
  const before = messages.map(({ id }) => id);
  await age(before, 3);
  const held = await member.say(roomId, 'patience');
  await sql(server, "UPDATE chat.held SET created_at = created_at - interval '2 days' WHERE message_id = $1", [
    held.id,
  ]);
  const params = { roomId, messageId: held.id };
  await owner.call('decideHeld', { params, body: { approve: true } });
  const body = async () => (await owner.call('message', { params })).message.body;
  await erase();
  expect(await body()).toBe('patience');
  await sql(server, "UPDATE chat.messages SET said_at = said_at - interval '2 days' WHERE message_id = $1", [held.id]);
  await erase();
  expect(await body()).toBe('');
});
