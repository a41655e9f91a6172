/** What moderators set in a room, and what it does to those who write. */
import { randomUUID } from 'node:crypto';
import type { Message, RoomModeration } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room, type TestRoom } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

// Access tokens live a quarter of an hour.
const SHORT = 5 * 60_000;
const DAY = 24 * 3_600_000;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

type Settings = Parameters<typeof set>[2];
const set = (
  by: Person,
  roomId: string,
  body: Partial<Pick<RoomModeration, 'slowMode' | 'readOnly' | 'hold'>> & { locked?: boolean; raid?: false },
) => by.call('moderateRoom', { params: { roomId }, body });
async function withModerator(kind: 'group' | 'public' = 'group'): Promise<TestRoom & { moderator: Person }> {
  const there = await room(server, kind);
  const moderator = await server.person('moderator');
  const { owner, roomId } = there;
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [moderator.id] } });
  const params = { roomId, userId: moderator.id };
  await owner.call('updateMember', { params, body: { role: 'moderator' } });
  return { ...there, moderator };
}
const fits = async (saying: Promise<Message>) => (await saying).status;

async function sql<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  const { rows } = await client.query<Row>(text, values);
  await client.end();
  return rows;
}

describe('the settings of a room', () => {
  test('are made by moderators, those that last by admins; nobody else, not in threads or rooms of two', async () => {
    const { owner, member, moderator, stranger, roomId } = await withModerator();
    await set(moderator, roomId, { slowMode: 5, locked: true });
    await set(owner, roomId, { slowMode: 0, locked: false, readOnly: true, hold: ['links', 'links', 'guests'] });
    const { room: seen } = await member.call('room', { params: { roomId } });
    expect(seen.moderation).toEqual({
      slowMode: 0,
      readOnly: true,
      lockedAt: null,
      hold: ['guests', 'links'],
      raidUntil: null,
    });
    for (const settings of [{ readOnly: false }, { hold: [] }, { locked: true, hold: [] }] satisfies Settings[]) {
      await expect(set(moderator, roomId, settings)).rejects.toMatchObject(refusedWith('forbidden'));
    }
    await expect(set(member, roomId, { locked: false })).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(set(stranger, roomId, {})).rejects.toMatchObject(refusedWith('not_found'));
    const said = await owner.say(roomId, 'about');
    const { room: thread } = await owner.call('openThread', { params: { roomId, messageId: said.id } });
    const { room: direct } = await owner.call('directRoom', { body: { userId: member.id } });
    for (const id of [thread.id, direct.id])
      await expect(set(owner, id, { slowMode: 5 })).rejects.toMatchObject(refusedWith('forbidden'));
    const entries = await sql<{ actor_id: string }>(
      "SELECT actor_id FROM safety.log WHERE room_id = $1 AND action = 'room.moderated' ORDER BY seq",
      [roomId],
    );
    expect(entries).toEqual([{ actor_id: moderator.id }, { actor_id: owner.id }]);
  });

  test('converge; what is so already changes nothing', async () => {
    const { owner, member, moderator, roomId } = await withModerator();
    const viewers = [owner, member, moderator];
    await expectConverges(roomId, viewers, () => set(moderator, roomId, { slowMode: 30, locked: true }));
    const after = await expectConverges(roomId, viewers, () => set(owner, roomId, { hold: ['all'], readOnly: true }));
    expect(await set(owner, roomId, { hold: ['all'], slowMode: 30, locked: true, raid: false })).toEqual(after);
  });

  test('a locked room takes no words, reactions or people, and a read-only one no words, but for its moderators', async () => {
    const { owner, member, moderator, stranger, roomId } = await withModerator('public');
    const { id: messageId } = await member.say(roomId, 'before');
    const params = { roomId, messageId };
    const react = (by: Person) => by.call('react', { params, body: { emoji: '👍', on: true } });
    await set(owner, roomId, { readOnly: true });
    const edit = { params, body: { body: 'after' } };
    await expect(member.say(roomId, 'x')).rejects.toMatchObject(refusedWith('room_read_only'));
    await expect(member.call('editMessage', edit)).rejects.toMatchObject(refusedWith('room_read_only'));
    await react(member);
    await moderator.say(roomId, 'I may');
    await set(owner, roomId, { readOnly: false });
    await set(moderator, roomId, { locked: true });
    await expect(member.say(roomId, 'x')).rejects.toMatchObject(refusedWith('room_locked'));
    await expect(react(member)).rejects.toMatchObject(refusedWith('room_locked'));
    await expect(stranger.call('joinRoom', { params: { roomId } })).rejects.toMatchObject(refusedWith('room_locked'));
    await moderator.say(roomId, 'Quiet, please');
    await set(moderator, roomId, { locked: false });
    await stranger.call('joinRoom', { params: { roomId } });
    await stranger.say(roomId, 'thank you');
  });
});

describe('slow mode', () => {
  test('P-SLOW-1 lets everyone below moderator write once in so many seconds, in the room and its threads together', async () => {
    const { owner, member, other, moderator, roomId } = await withModerator();
    const { id: messageId } = await owner.say(roomId, 'about');
    const { room: thread } = await owner.call('openThread', { params: { roomId, messageId } });
    await set(moderator, roomId, { slowMode: 30 });
    const first = await member.say(roomId, 'first', 'the-first-one');
    await clock.advance(9500);
    const refused = { body: { code: 'slow_mode', details: { retryAfter: 21 } } };
    await expect(member.say(roomId, 'second')).rejects.toMatchObject(refused);
    await expect(member.say(thread.id, 'second')).rejects.toMatchObject(refused);
    // A retry is no second message, and what is refused does not begin the time again.
    expect(await member.say(roomId, 'first', 'the-first-one')).toEqual(first);
    await other.say(roomId, 'mine');
    for (const by of [owner, moderator]) await Promise.all([by.say(roomId, '1'), by.say(roomId, '2')]);
    await clock.advance(20_500);
    await member.say(thread.id, 'second');
    await expect(member.say(roomId, 'third')).rejects.toMatchObject(refusedWith('slow_mode'));
    await set(moderator, roomId, { slowMode: 0 });
    await Promise.all([member.say(roomId, 'third'), member.say(roomId, 'fourth')]);
  });

  test('P-SLOW-1 an edit counts as a message of its own, for everyone below moderator', async () => {
    const { owner, member, moderator, roomId } = await withModerator();
    const edit = (by: Person, { id: messageId }: Message, body: string) =>
      by.call('editMessage', { params: { roomId, messageId }, body: { body } });
    const [mine, theirs] = [await member.say(roomId, 'one'), await moderator.say(roomId, 'one')];
    await set(owner, roomId, { slowMode: 30 });
    await edit(member, mine, 'two');
    const refused = { body: { code: 'slow_mode', details: { retryAfter: 30 } } };
    await expect(edit(member, mine, 'three')).rejects.toMatchObject(refused);
    await expect(member.say(roomId, 'three')).rejects.toMatchObject(refused);
    // What changes nothing says nothing.
    await edit(member, mine, 'two');
    await clock.advance(30_000);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => edit(member, mine, `try ${i}`)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const body of ['two', 'three']) await edit(moderator, theirs, body);
    await set(owner, roomId, { slowMode: 0 });
    for (const body of ['four', 'five']) await edit(member, mine, body);
  });

  test('of 50 messages at once by one person takes one; what waits for approval counts as well', async () => {
    const { owner, member, roomId } = await room(server);
    await set(owner, roomId, { slowMode: 60 });
    const race = async () => {
      const tries = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => member.say(roomId, `try ${i}`)));
      for (const one of tries) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject(refusedWith('slow_mode'));
      }
      return tries.filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await race()).toBe(1);
    await set(owner, roomId, { hold: ['all'] });
    await clock.advance(60_000);
    expect(await race()).toBe(1);
    expect((await owner.call('held', { query: { roomId } })).messages).toHaveLength(1);
  });
});

describe('messages wait for approval', () => {
  test('of newcomers for a day, of guests, or with links, as the room has it; never those of moderators', async () => {
    const { owner, member, other, moderator, roomId } = await withModerator();
    const guest = await server.person('guest', 'guest');
    const say = (by: Person, body = 'hello') => fits(by.say(roomId, body));
    await sql('UPDATE chat.members SET joined_at = $3 WHERE room_id = $1 AND user_id = $2', [
      roomId,
      member.id,
      new Date(clock.now() - DAY),
    ]);
    await sql('UPDATE chat.members SET joined_at = $3 WHERE room_id = $1 AND user_id = $2', [
      roomId,
      other.id,
      new Date(clock.now() - DAY + SHORT),
    ]);
    await sql(
      `INSERT INTO chat.members (room_id, user_id, role, last_read_n, shares_reads, joined_at, rev, mine)
       VALUES ($1, $2, 'member', 0, true, $3, 0, 0)`,
      [roomId, guest.id, new Date(clock.now() - DAY)],
    );
    await set(owner, roomId, { hold: ['newcomers'] });
    expect(await Promise.all([member, other, guest, moderator, owner].map((by) => say(by)))).toEqual([
      undefined,
      'pending',
      undefined,
      undefined,
      undefined,
    ]);
    await set(owner, roomId, { hold: ['guests'] });
    expect(await Promise.all([other, guest].map((by) => say(by)))).toEqual([undefined, 'pending']);
    await set(owner, roomId, { hold: ['links'] });
    const link = 'look: https://example.org';
    expect(await Promise.all([member, guest, moderator].map((by) => say(by, link)))).toEqual([
      'pending',
      'pending',
      undefined,
    ]);
    expect(await say(member, 'no link')).toBeUndefined();
    await set(owner, roomId, { hold: ['newcomers'] });
    await clock.advance(SHORT);
    expect(await say(other)).toBeUndefined();
  });

  test('of newcomers in a raid, until it is over by time or by a moderator', async () => {
    const { owner, other, moderator, roomId } = await withModerator();
    const raid = () =>
      sql('UPDATE chat.rooms SET raid_until = $2 WHERE room_id = $1', [roomId, new Date(clock.now() + SHORT)]);
    await raid();
    expect(await fits(other.say(roomId, 'hi'))).toBe('pending');
    await set(moderator, roomId, { raid: false });
    expect(await fits(other.say(roomId, 'hi'))).toBeUndefined();
    await raid();
    await clock.advance(SHORT);
    expect(await fits(other.say(roomId, 'hi'))).toBeUndefined();
    await owner.say(roomId, 'over');
  });

  test('also when their time has come: held counts as sent', async () => {
    const { owner, member, roomId } = await room(server);
    await set(owner, roomId, { hold: ['all'] });
    const body = { clientId: randomUUID(), body: 'good morning', sendAt: clock.now() + SHORT };
    await member.call('schedule', { params: { roomId }, body });
    await clock.advance(SHORT);
    await server.runDueJobs();
    expect((await member.call('scheduled', {})).scheduled).toEqual([]);
    expect((await owner.call('held', { query: { roomId } })).messages).toMatchObject([
      { message: { body: 'good morning', status: 'pending' }, ruleId: null },
    ]);
  });
});
