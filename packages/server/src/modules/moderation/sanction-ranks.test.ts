/** What was decided higher up, and what is over already, is not undone by a way round. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { lift, sanction } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

/** A public room of an owner, a moderator and a member. */
async function moderated() {
  const there = await room(server, 'public');
  const { owner, other: moderator, roomId } = there;
  const params = { roomId, userId: moderator.id };
  await owner.call('updateMember', { params, body: { role: 'moderator' } });
  return { ...there, moderator };
}

describe('a mute or ban from higher up', () => {
  test('is not cut short by another one in its place, nor replaced by a longer one that could then be lifted', async () => {
    const { owner, moderator, member, roomId } = await moderated();
    for (const type of ['mute', 'ban'] as const) {
      const { id } = await sanction(owner, member, type, roomId, { until: clock.now() + 5 * MINUTE });
      const shorter = { until: clock.now() + MINUTE };
      for (const other of [shorter, { until: null }]) {
        await expect(sanction(moderator, member, type, roomId, other)).rejects.toMatchObject(refusedWith('forbidden'));
      }
      expect((await sanction(owner, member, type, roomId, shorter)).until).toBe(shorter.until);
      await expect(lift(moderator, id)).rejects.toMatchObject(refusedWith('forbidden'));
    }
  });

  test('nor on the whole instance', async () => {
    const [admin, moderator, person] = await Promise.all([
      server.person('admin', 'admin'),
      server.person('moderator', 'moderator'),
      server.person('person'),
    ]);
    for (const type of ['mute', 'ban'] as const) {
      await sanction(admin, person, type, null);
      const shorter = { until: clock.now() + MINUTE };
      await expect(sanction(moderator, person, type, null, shorter)).rejects.toMatchObject(refusedWith('forbidden'));
      await sanction(admin, person, type, null, shorter);
      const longer = { until: clock.now() + 2 * MINUTE };
      await expect(sanction(moderator, person, type, null, longer)).rejects.toMatchObject(refusedWith('forbidden'));
    }
  });

  test('nor ended, shortened or replaced by way of the account’s administration', async () => {
    const [owner, admin, other, person] = await Promise.all([
      server.person('owner', 'owner'),
      server.person('admin', 'admin'),
      server.person('other', 'admin'),
      server.person('person'),
    ]);
    const params = { userId: person.id };
    const ban = (by: Person, until: number | null) => by.call('ban', { params, body: { reason: 'Spam', until } });
    for (const impose of [() => sanction(owner, person, 'ban', null), () => ban(owner, null)]) {
      await impose();
      for (const attempt of [
        () => admin.call('unban', { params }),
        () => ban(admin, clock.now() + MINUTE),
        () => ban(admin, null),
      ]) {
        await expect(attempt()).rejects.toMatchObject(refusedWith('forbidden'));
      }
      const { sanctions } = await admin.call('moderatedUser', { params });
      expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toMatchObject([{ type: 'ban', by: owner.id }]);
      expect((await admin.call('account', { params })).ban).not.toBe(null);
      await owner.call('unban', { params });
    }
    // Of equals the one ends what the other began.
    await ban(admin, null);
    expect((await other.call('unban', { params })).ban).toBe(null);
  });

  test('nor is a ban that lasts longer than moderators may ban, whatever became of who imposed it', async () => {
    const [owner, admin, moderator, person] = await Promise.all([
      server.person('owner', 'owner'),
      server.person('admin', 'admin'),
      server.person('moderator', 'moderator'),
      server.person('person'),
    ]);
    const { id } = await sanction(admin, person, 'ban', null);
    await owner.call('setRole', { params: { userId: admin.id }, body: { role: 'user' } });
    const open = "UPDATE safety.sanctions SET appeal = 'x', appealed_at = now(), appeal_state = 'open'";
    await sql(server, `${open} WHERE sanction_id = $1`, [id]);
    const params = { userId: person.id };
    for (const attempt of [
      () => lift(moderator, id),
      () => moderator.call('unban', { params }),
      () => sanction(moderator, person, 'ban', null, { until: clock.now() + MINUTE }),
      () => moderator.call('decideAppeal', { params: { sanctionId: id }, body: { granted: true, note: 'Well' } }),
    ]) {
      await expect(attempt()).rejects.toMatchObject(refusedWith('forbidden'));
    }
    await lift(owner, id);
    const week = await sanction(moderator, person, 'ban', null, { until: clock.now() + 7 * 24 * 60 * MINUTE });
    await lift(moderator, week.id);
  });

  test('of 50 who mute at the same time the one from above stays', async () => {
    const [admin, moderator, person] = await Promise.all([
      server.person('admin', 'admin'),
      server.person('moderator', 'moderator'),
      server.person('person'),
    ]);
    const until = clock.now() + MINUTE;
    await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        i === 25 ? sanction(admin, person, 'mute', null) : sanction(moderator, person, 'mute', null, { until }),
      ),
    );
    const { sanctions } = await admin.call('moderatedUser', { params: { userId: person.id } });
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toMatchObject([{ by: admin.id, until: null }]);
  });
});

test('who mutes and who lifts at the same time take turns: none fails, and what holds is what is said to', async () => {
  const [moderator, { member, roomId }] = [await server.person('moderator', 'moderator'), await room(server)];
  let { id } = await sanction(moderator, member, 'mute', null);
  for (let round = 0; round < 10; round += 1) {
    const [, muted] = await Promise.all([lift(moderator, id), sanction(moderator, member, 'mute', null)]);
    await expect(member.say(roomId, 'x')).rejects.toMatchObject(refusedWith('silenced'));
    id = muted.id;
  }
  await lift(moderator, id);
  await member.say(roomId, 'x');
});

describe('a mute or ban whose time is over', () => {
  test('is lifted without ending a later one', async () => {
    const { owner, moderator, member, roomId } = await moderated();
    const mute = await sanction(moderator, member, 'mute', roomId, { until: clock.now() + 1000 });
    await clock.advance(1000);
    await sanction(owner, member, 'mute', roomId);
    await lift(moderator, mute.id);
    await expect(member.say(roomId, 'x')).rejects.toMatchObject(refusedWith('silenced'));

    const ban = await sanction(moderator, member, 'ban', roomId, { until: clock.now() + 1000 });
    await clock.advance(1000);
    await sanction(owner, member, 'ban', roomId);
    const { id: sanctionId } = ban;
    await member.call('appeal', { params: { sanctionId }, body: { text: 'Please' } });
    await owner.call('decideAppeal', { params: { sanctionId }, body: { granted: true, note: 'Well' } });
    await expect(member.call('joinRoom', { params: { roomId } })).rejects.toMatchObject(refusedWith('banned_here'));
  });

  test('nor on the whole instance', async () => {
    const [admin, moderator, person] = await Promise.all([
      server.person('admin', 'admin'),
      server.person('moderator', 'moderator'),
      server.person('person'),
    ]);
    const mute = await sanction(moderator, person, 'mute', null, { until: clock.now() + 1000 });
    const ban = await sanction(moderator, person, 'ban', null, { until: clock.now() + 1000 });
    await clock.advance(1000);
    await sanction(admin, person, 'mute', null);
    await sanction(admin, person, 'ban', null);
    await lift(moderator, mute.id);
    await lift(moderator, ban.id);
    const { sanctions } = await moderator.call('moderatedUser', { params: { userId: person.id } });
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null).map(({ type }) => type)).toEqual(['ban', 'mute']);
    await expect(person.call('profile', {})).rejects.toMatchObject(refusedWith('session_ended'));
  });
});

test('what somebody wrote is deleted by those above them alone, and that is in the trail', async () => {
  const { owner, moderator, member, roomId } = await moderated();
  const admin = await server.person('admin', 'admin');
  const [high, equal, low, own] = [
    await owner.say(roomId, 'of the owner'),
    await owner.say(roomId, 'about'),
    await member.say(roomId, 'of the member'),
    await moderator.say(roomId, 'my own'),
  ];
  const remove = (by: Person, { roomId: where, id }: { roomId: string; id: string }) =>
    by.call('deleteMessage', { params: { roomId: where, messageId: id } });
  const { room: thread } = await owner.call('openThread', { params: { roomId, messageId: equal.id } });
  const below = await owner.say(thread.id, 'of the owner, in a thread');
  for (const message of [high, below]) {
    await expect(remove(moderator, message)).rejects.toMatchObject(refusedWith('forbidden'));
  }
  await remove(moderator, own);
  await remove(moderator, low);
  await remove(moderator, low);
  const { entries } = await admin.call('moderationLog', { query: { roomId, action: 'message.deleted' } });
  expect(entries).toMatchObject([{ actorId: moderator.id, targetId: member.id, messageId: low.id, roomId }]);
});

test('whoever has left a room is told one thing more of it: it is no way to go on writing to them', async () => {
  const { owner, member, roomId } = await moderated();
  await sanction(owner, member, 'warn', roomId);
  await clock.advance(1000);
  await member.call('removeMember', { params: { roomId, userId: member.id } });
  for (let i = 0; i < 3; i += 1) {
    await sanction(owner, member, 'warn', roomId, { reason: `insult ${i}` });
    await lift(owner, (await sanction(owner, member, 'mute', roomId, { reason: `insult ${i}` })).id);
    await lift(owner, (await sanction(owner, member, 'ban', roomId, { reason: `insult ${i}` })).id);
  }
  const told = async () => (await member.call('notices', { query: {} })).notices.map(({ reason }) => reason);
  expect(await told()).toEqual(['insult 0', 'Be kind']);
  await member.call('joinRoom', { params: { roomId } });
  await lift(owner, (await sanction(owner, member, 'ban', roomId, { reason: 'Spam' })).id);
  expect(await told()).toEqual(['Sorry', 'Spam', 'insult 0', 'Be kind']);
});

test('whoever is muted says nothing by the name of a room of theirs either', async () => {
  const moderator = await server.person('moderator', 'moderator');
  const { owner, roomId } = await room(server, 'public');
  await sanction(moderator, owner, 'mute', null);
  const params = { roomId };
  for (const body of [{ name: 'insult' }, { topic: 'insult' }]) {
    await expect(owner.call('updateRoom', { params, body })).rejects.toMatchObject(refusedWith('silenced'));
  }
  await owner.call('updateRoom', { params, body: { archived: true } });
});
