/** What is over by time is put away by itself. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../src/platform/clock.ts';
import { expectConverges } from './converges.ts';
import { room } from './rooms.ts';
import { startServer, type TestServer } from './server.ts';
import { sql } from './sql.ts';
import { runTask } from './tasks.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

const run = (name: string) => runTask(server, clock, name);
const ago = (ms: number) => new Date(clock.now() - ms);
async function count(table: string, where: string, values: unknown[]): Promise<number> {
  return (await sql(server, `SELECT FROM ${table} WHERE ${where}`, values)).length;
}

test('docs/operations.md names every task, and how often it runs', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const section = /^## Periodic tasks$([\s\S]*?)^## /m.exec(text)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([a-z]+\.[a-z_]+)` +\| (?:(\d+) )?(min|minute|hour|day) +\|/gm)];
  const units: Record<string, number> = { min: MINUTE, minute: MINUTE, hour: 60 * MINUTE, day: DAY };
  const listed = rows.map(([, name, count, unit]) => [name, Number(count ?? 1) * (units[unit ?? ''] ?? 0)]);
  const tasks = await sql<{ name: string; every: number }>(
    server,
    'SELECT name, every_ms::float8 AS every FROM upkeep.tasks',
  );
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(tasks.map(({ name, every }) => [name, every])));
});

test('a silence in a room that is over is cleared, and devices are told; one that lasts longer stays', async () => {
  const { owner, member, other, stranger, roomId } = await room(server);
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
  const mute = (userId: string, ms: number) =>
    owner.call('sanction', { body: { type: 'mute', userId, roomId, reason: 'Be kind', until: clock.now() + ms } });
  await mute(member.id, MINUTE);
  await mute(stranger.id, MINUTE);
  await mute(other.id, 5 * MINUTE);
  await stranger.call('removeMember', { params: { roomId, userId: stranger.id } });
  const gone = await room(server);
  const body = { type: 'mute', userId: gone.member.id, roomId: gone.roomId, reason: 'x', until: clock.now() + MINUTE };
  await gone.owner.call('sanction', { body: { ...body, type: 'mute' } });
  await gone.owner.call('deleteRoom', { params: { roomId: gone.roomId } });
  await clock.advance(MINUTE - 1000);
  await run('rooms.silences');
  expect(await count('chat.members', 'silenced_until IS NOT NULL', [])).toBe(4);
  await clock.advance(1000);
  const device = await member.connect();
  await expectConverges(roomId, [owner, member, other], () => run('rooms.silences'));
  await device.ask('heartbeat', {});
  expect(device.events).toContainEqual({
    event: 'me',
    payload: expect.objectContaining({ roomId, me: expect.objectContaining({ silencedUntil: null }) }),
  });
  device.socket.disconnect();
  const left = await sql(server, 'SELECT user_id FROM chat.members WHERE silenced_until IS NOT NULL');
  expect(left).toEqual([{ user_id: other.id }]);
  await member.say(roomId, 'again');
  // What was done stays in the history.
  expect((await member.call('sanctions', {})).sanctions).toHaveLength(1);
});

test('bans of rooms, silences of the instance, bans of accounts and of networks go when they are over, and not before', async () => {
  const { owner, member, other, stranger, roomId } = await room(server, 'public');
  const admin = await server.person('admin', 'admin');
  const until = clock.now() + MINUTE;
  const sanction = (type: 'ban' | 'mute', userId: string, where: string | null, more: { until?: number }) =>
    admin.call('sanction', { body: { type, userId, roomId: where, reason: 'Be kind', ...more } });
  await sanction('ban', member.id, roomId, { until });
  await sanction('ban', other.id, roomId, { until: until + MINUTE });
  await sanction('mute', member.id, null, { until });
  await sanction('mute', other.id, null, {});
  await sanction('ban', stranger.id, null, { until });
  await sanction('ban', owner.id, null, {});
  for (const [range, time] of [
    ['198.51.100.0/24', until],
    ['203.0.113.0/24', null],
  ] as const) {
    await sql(server, 'INSERT INTO accounts.address_bans VALUES ($1, $2, $3, $4, $5, $6)', [
      randomUUID(),
      range,
      'Spam',
      time === null ? null : new Date(time),
      admin.id,
      new Date(clock.now()),
    ]);
  }
  const people = [owner, member, other, stranger].map(({ id }) => id);
  const kept = async () => {
    for (const task of ['rooms.bans', 'safety.silences', 'accounts.bans']) await run(task);
    return [
      await count('chat.bans', 'room_id = $1', [roomId]),
      await count('safety.silences', 'user_id = ANY($1)', [people]),
      await count('accounts.users', 'banned_at IS NOT NULL AND id = ANY($1)', [people]),
      await count('accounts.address_bans', 'true', []),
    ];
  };
  expect(await kept()).toEqual([2, 2, 2, 2]);
  await clock.advance(MINUTE);
  expect(await kept()).toEqual([1, 1, 1, 1]);
  expect(await kept()).toEqual([1, 1, 1, 1]);
  expect(await count('safety.sanctions', 'user_id = ANY($1)', [people])).toBe(6);
});

test('more than one batch of what is over goes in one run', async () => {
  const userIds = Array.from({ length: 1100 }, () => randomUUID());
  await sql(server, 'INSERT INTO safety.silences SELECT unnest($1::uuid[]), $2', [userIds, ago(1)]);
  await run('safety.silences');
  expect(await count('safety.silences', 'user_id = ANY($1)', [userIds])).toBe(0);
});

test('what people were told goes after a year', async () => {
  const { owner, member, roomId } = await room(server);
  for (const reason of ['old', 'new'])
    await owner.call('sanction', { body: { type: 'warn', userId: member.id, roomId, reason } });
  const age = (days: number) =>
    sql(server, "UPDATE safety.notices SET created_at = $2 WHERE user_id = $1 AND reason = 'old'", [
      member.id,
      ago(days * DAY),
    ]);
  const reasons = async () => (await member.call('notices', { query: {} })).notices.map(({ reason }) => reason);
  await age(364);
  await run('safety.notices');
  expect(await reasons()).toEqual(['new', 'old']);
  await age(365);
  await run('safety.notices');
  expect(await reasons()).toEqual(['new']);
});

test('a message that waited for 30 days is rejected and its author told why; rejected, it is put away after 7', async () => {
  const { owner, member, roomId } = await room(server);
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['all'] } });
  const old = await member.say(roomId, 'old');
  const young = await member.say(roomId, 'young');
  const held = async () =>
    (await member.call('room', { params: { roomId } })).me.held.map(({ body, status }) => [body, status]);
  const age = (column: 'created_at' | 'decided_at', days: number) =>
    sql(server, `UPDATE chat.held SET ${column} = $2 WHERE message_id = $1`, [old.id, ago(days * DAY)]);
  await age('created_at', 29);
  await run('messages.held');
  expect(await held()).toEqual([
    ['old', 'pending'],
    ['young', 'pending'],
  ]);
  await age('created_at', 30);
  await expectConverges(roomId, [owner, member], () => run('messages.held'));
  expect(await held()).toEqual([
    ['old', 'rejected'],
    ['young', 'pending'],
  ]);
  const reason = 'Nobody decided on it within 30 days.';
  expect((await member.call('notices', { query: {} })).notices).toMatchObject([{ type: 'message_rejected', reason }]);
  const params = { roomId, messageId: old.id };
  await expect(owner.call('decideHeld', { params, body: { approve: true } })).rejects.toMatchObject({
    body: { code: 'already_decided' },
  });
  expect(await sql(server, 'SELECT action, actor_id, reason FROM safety.log WHERE message_id = $1', [old.id])).toEqual([
    { action: 'message.rejected', actor_id: null, reason },
  ]);
  await age('decided_at', 6);
  await run('messages.held');
  expect(await held()).toHaveLength(2);
  await age('decided_at', 7);
  await expectConverges(roomId, [owner, member], () => run('messages.held'));
  expect(await held()).toEqual([['young', 'pending']]);
  expect(await count('chat.held', 'room_id = $1', [roomId])).toBe(1);
  await owner.call('decideHeld', { params: { ...params, messageId: young.id }, body: { approve: true } });
  // Of a room that is gone what waits goes, too.
  const last = await member.say(roomId, 'last');
  await owner.call('deleteRoom', { params: { roomId } });
  await sql(server, 'UPDATE chat.held SET created_at = $2 WHERE message_id = $1', [last.id, ago(30 * DAY)]);
  await run('messages.held');
  expect(await count('chat.held', 'room_id = $1', [roomId])).toBe(0);
});
