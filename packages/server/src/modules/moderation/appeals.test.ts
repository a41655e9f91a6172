/** Appeals against what was done to somebody: made once, decided once, or closed where there is nothing to decide. */
import { LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { actionsOn, appeal, decide, lift, sanction } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { runTask } from '../../../test/tasks.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

async function told(person: Person): Promise<string[]> {
  return (await person.call('notices', { query: {} })).notices.map(({ type }) => type).toReversed();
}

describe('an appeal', () => {
  test('is made once by the person concerned, also of 50 at the same time; moderators are told and find it', async () => {
    const { owner, member, other, roomId } = await room(server);
    const muted = await sanction(owner, member, 'mute', roomId);
    const device = await owner.connect();
    expect(await outcome(appeal(other, muted.id))).toBe('not_found');
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(appeal(member, muted.id))));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    await device.until(({ event }) => event === 'moderation');
    expect(device.events).toMatchObject([{ event: 'moderation', payload: { what: 'appeal', roomId } }]);
    const { sanctions, users } = await owner.call('appeals', { query: {} });
    expect(sanctions).toMatchObject([{ id: muted.id, by: owner.id, appeal: { state: 'open', text: 'It was not me' } }]);
    expect(users.map(({ id }) => id).toSorted()).toEqual([owner.id, member.id].toSorted());
    expect((await other.call('appeals', { query: {} })).sanctions).toEqual([]);
    expect((await member.call('appeals', { query: {} })).sanctions).toEqual([]);
  });

  test('decided by one, or gone with what it is about, is told to whoever else could have decided', async () => {
    const { owner, member, other, roomId } = await room(server);
    const second = await server.person('second');
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [second.id] } });
    for (const { id: userId } of [other, second]) {
      await owner.call('updateMember', { params: { roomId, userId }, body: { role: 'moderator' } });
    }
    for (const end of [
      (id: string) => decide(second, id, false),
      (sanctionId: string) => second.call('liftSanction', { params: { sanctionId }, body: { reason: 'Never mind' } }),
    ]) {
      const muted = await sanction(other, member, 'mute', roomId);
      await appeal(member, muted.id);
      await clock.advance(1000);
      const device = await owner.connect();
      await end(muted.id);
      await device.until(({ event }) => event === 'moderation');
      expect(device.events).toContainEqual({ event: 'moderation', payload: { what: 'appeal', roomId } });
      expect((await owner.call('appeals', { query: {} })).sanctions).toEqual([]);
      device.socket.disconnect();
      await clock.advance(1000);
    }
  });

  test('granted lifts what it is about, and is decided once, also of 50 at the same time', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    const muted = await sanction(other, member, 'mute', roomId);
    await appeal(member, muted.id);
    const device = await member.connect();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => outcome(decide(owner, muted.id, i % 2 === 0))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_decided'), 'ok']);
    const [decided] = (await member.call('sanctions', {})).sanctions;
    const granted = decided?.appeal?.state === 'granted';
    expect(decided?.liftedAt !== null).toBe(granted);
    expect(await outcome(member.say(roomId, 'x'))).toBe(granted ? 'ok' : 'silenced');
    await heard(server, device);
    expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
      { payload: { notice: { type: 'appeal_decided', reason: 'Looked at', sanctionId: muted.id } } },
    ]);
    expect(await actionsOn(server, member.id)).toEqual(['member.muted', granted ? 'appeal.granted' : 'appeal.refused']);
    expect((await owner.call('appeals', { query: {} })).sanctions).toEqual([]);
  });

  test('against what is replaced passes over to what takes its place: granted, they are free', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    const [moderator, user] = [await server.person('m', 'moderator'), await server.person()];
    const [admin, second] = [await server.person('a', 'admin'), await server.person('b', 'admin')];
    for (const [whom, first, then, where, decider] of [
      [member, other, owner, roomId, owner],
      [user, moderator, admin, null, second],
    ] as const) {
      const before = await sanction(first, whom, 'mute', where, { until: clock.now() + MINUTE });
      await appeal(whom, before.id);
      const after = await sanction(then, whom, 'mute', where);
      expect(await outcome(appeal(whom, before.id))).toBe('already_decided');
      expect(await outcome(appeal(whom, after.id))).toBe('already_appealed');
      expect(await outcome(decide(decider, before.id, true))).toBe('not_found');
      expect((await whom.call('sanctions', {})).sanctions).toMatchObject([
        { id: after.id, liftedAt: null, appeal: { text: 'It was not me', state: 'open' } },
        { id: before.id, appeal: null },
      ]);
      await decide(decider, after.id, true);
    }
    await member.say(roomId, 'free');
    await user.call('createRoom', { body: { name: 'Free' } });
  });

  test('and lifting at the same time have one end, told once', async () => {
    const { owner, member, roomId } = await room(server);
    const muted = await sanction(owner, member, 'mute', roomId);
    await appeal(member, muted.id);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => outcome(i % 2 ? lift(owner, muted.id) : decide(owner, muted.id, true))),
    );
    expect(new Set([...outcomes, 'already_decided'])).toEqual(new Set(['ok', 'already_decided']));
    const [ended] = (await member.call('sanctions', {})).sanctions;
    expect(ended).toMatchObject({ liftedAt: expect.any(Number), appeal: { state: 'granted' } });
    expect(await actionsOn(server, member.id)).toHaveLength(2);
    expect(await told(member)).toHaveLength(2);
  });

  test('queue: the oldest first, a page at a time', async () => {
    const { owner, member, other, roomId } = await room(server);
    const ids: string[] = [];
    for (const whom of [member, other, member]) {
      const { id } = await sanction(owner, whom, 'warn', roomId);
      await clock.advance(1000);
      await appeal(whom, id);
      ids.push(id);
    }
    const first = await owner.call('appeals', { query: { limit: '2' } });
    const rest = await owner.call('appeals', { query: { limit: '2', cursor: first.nextCursor ?? '' } });
    expect([...first.sanctions, ...rest.sanctions].map(({ id }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBe(null);
    await expect(owner.call('appeals', { query: { cursor: 'x' } })).rejects.toMatchObject(refusedWith('bad_input'));
  });
});

test('appeals against what has no effect any more, as the room is gone, wait for nobody: they are closed, and their authors told', async () => {
  const admin = await server.person('admin', 'admin');
  const { owner, member, other, roomId } = await room(server);
  const waiting = async () => (await admin.call('moderationFigures', {})).openAppeals;
  const before = await waiting();
  const [warned, early] = [
    await sanction(owner, member, 'warn', roomId),
    await sanction(owner, member, 'warn', roomId),
  ];
  const muted = await sanction(owner, member, 'mute', roomId);
  const short = await sanction(owner, other, 'mute', roomId, { until: clock.now() + MINUTE });
  await appeal(member, warned.id);
  await appeal(member, muted.id);
  await appeal(other, short.id);
  await owner.call('deleteRoom', { params: { roomId } });
  // Before any time passes, which may be when the task is due.
  const device = await member.connect();
  expect(await waiting()).toBe(before + 2);
  expect(await outcome(appeal(member, early.id))).toBe('already_decided');
  await clock.advance(MINUTE);
  expect(await waiting()).toBe(before + 1);
  const { sanctions } = await admin.call('appeals', { query: { limit: '100' } });
  expect(sanctions.filter((found) => found.roomId === roomId)).toMatchObject([{ id: muted.id }]);

  await runTask(server, clock, 'moderation.moot_appeals');
  await runTask(server, clock, 'moderation.moot_appeals');
  await device.until(({ event }) => event === 'notice');
  await heard(server, device);
  expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
    { payload: { notice: { type: 'appeal_decided', sanctionId: warned.id, reason: '' } } },
  ]);
  const states = async (whom: Person) =>
    new Map((await whom.call('sanctions', {})).sanctions.map((one) => [one.id, one.appeal?.state ?? null]));
  expect(await states(member)).toEqual(
    new Map([
      [muted.id, 'open'],
      [early.id, null],
      [warned.id, 'moot'],
    ]),
  );
  expect(await states(other)).toEqual(new Map([[short.id, 'moot']]));
  expect(await outcome(decide(admin, warned.id, true))).toBe('already_decided');
  expect(await outcome(appeal(member, warned.id))).toBe('already_appealed');
  expect(await actionsOn(server, member.id)).toEqual(['member.warned', 'member.warned', 'member.muted', 'appeal.moot']);
});

test(`of one person ${LIMITS.openAppeals} appeals against what was done in rooms wait, also of those made at once; the instance hears them all the same`, async () => {
  const admin = await server.person('admin', 'admin');
  const { owner, member, roomId } = await room(server);
  const warnings: string[] = [];
  for (let i = 0; i < 2 * LIMITS.openAppeals; i += 1) {
    warnings.push((await sanction(owner, member, 'warn', roomId)).id);
  }
  const outcomes = await Promise.all(warnings.map(async (id) => outcome(appeal(member, id))));
  const refused = Array.from({ length: LIMITS.openAppeals }, () => 'limit_reached');
  expect(outcomes.toSorted()).toEqual([...refused, ...refused.map(() => 'ok')]);
  const byInstance = await sanction(admin, member, 'warn', null);
  expect(await outcome(appeal(member, byInstance.id))).toBe('ok');
  // One that is decided makes room for another.
  const [open, left] = [warnings[outcomes.indexOf('ok')] ?? '', warnings[outcomes.indexOf('limit_reached')] ?? ''];
  expect(await outcome(appeal(member, left))).toBe('limit_reached');
  await decide(owner, open, false);
  expect(await outcome(appeal(member, left))).toBe('ok');
});
