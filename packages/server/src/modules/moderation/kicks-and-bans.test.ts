/** Who is taken out of a room, for now or for good, and what they wrote there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { actionsOn, inAnHour, lift, sanction, trail } from '../../../test/sanctions.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

describe('out of a room', () => {
  test('who is kicked is out of it and its threads at once, on every connection, and may come back', async () => {
    const { owner, member, other, roomId } = await room(server, 'public');
    const { id } = await owner.say(roomId, 'begin');
    const { room: thread } = await member.call('openThread', { params: { roomId, messageId: id } });
    const devices = [await member.connect(), await member.connect()];
    for (const device of devices) await device.ask('sync', { rooms: [] });
    await sanction(owner, member, 'kick', roomId);
    await heard(server, ...devices);
    for (const device of devices) device.events.length = 0;
    await other.say(roomId, 'unheard');
    await other.say(thread.id, 'unheard');
    await heard(server, ...devices);
    expect(devices.flatMap(({ events }) => events)).toEqual([]);
    expect(await outcome(member.say(roomId, 'x'))).toBe('not_found');
    expect(await outcome(sanction(owner, member, 'kick', roomId))).toBe('not_found');
    expect(await outcome(member.call('joinRoom', { params: { roomId } }))).toBe('ok');
    expect((await member.call('notices', { query: {} })).notices.map(({ type }) => type)).toEqual(['kicked']);
  });

  test('who is banned does not come back by any way, is told why and until when, and their invitations are gone', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const { code } = await member.call('createInvite', { params: { roomId }, body: {} });
    const { code: ours } = await owner.call('createInvite', { params: { roomId }, body: {} });
    const until = inAnHour();
    const banned = await sanction(owner, member, 'ban', roomId, { until });
    const refused = { body: { code: 'banned_here', details: { until, reason: 'Be kind' } } };
    await expect(member.call('joinRoom', { params: { roomId } })).rejects.toMatchObject(refused);
    await expect(member.call('acceptInvite', { params: { code: ours } })).rejects.toMatchObject(refused);
    await expect(
      owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } }),
    ).rejects.toMatchObject(refused);
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
    await lift(owner, banned.id);
    expect(await outcome(member.call('joinRoom', { params: { roomId } }))).toBe('ok');
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
  });

  test('invitations of whoever was kicked stay gone when they are back', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const { code } = await member.call('createInvite', { params: { roomId }, body: {} });
    await sanction(owner, member, 'kick', roomId);
    await member.call('joinRoom', { params: { roomId } });
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
  });

  test('somebody who never was there is banned in advance', async () => {
    const { owner, stranger, roomId } = await room(server, 'public');
    await sanction(owner, stranger, 'ban', roomId);
    await expect(stranger.call('joinRoom', { params: { roomId } })).rejects.toMatchObject({
      body: { code: 'banned_here', details: { until: null } },
    });
  });

  test('converges for those who stay and for those who go', async () => {
    const { owner, member, other, roomId } = await room(server);
    await expectConverges(roomId, [owner, other, member], () => sanction(owner, member, 'ban', roomId));
  });
});

describe('of 50 at the same time', () => {
  test('a ban and what they send: after its answer nothing of theirs is stored', async () => {
    const { owner, member, roomId } = await room(server);
    const sending = Array.from({ length: 50 }, (_, i) => outcome(member.say(roomId, `${i}`)));
    await sanction(owner, member, 'ban', roomId);
    const stored = async () =>
      (await owner.call('messages', { params: { roomId }, query: { limit: '100' } })).messages.filter(
        (m) => m.senderId === member.id && m.kind === 'text',
      ).length;
    const then = await stored();
    const late = Array.from({ length: 10 }, () => outcome(member.say(roomId, 'late')));
    const outcomes = await Promise.all(sending);
    expect(await Promise.all(late)).toEqual(Array.from({ length: 10 }, () => 'not_found'));
    expect(await stored()).toBe(then);
    expect(outcomes.filter((each) => each === 'ok')).toHaveLength(then);
  });

  test('kicks take one person out once', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => outcome(sanction(owner, member, 'kick', roomId))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'not_found'), 'ok']);
    expect(await actionsOn(server, member.id)).toEqual(['member.kicked']);
    expect((await owner.call('room', { params: { roomId } })).room.memberCount).toBe(2);
  });

  test('a ban and those who come in: nobody who is banned is in the room', async () => {
    const { owner, stranger, roomId } = await room(server, 'public');
    const joining = Array.from({ length: 49 }, () => outcome(stranger.call('joinRoom', { params: { roomId } })));
    await sanction(owner, stranger, 'ban', roomId);
    // Whoever came in and was out again before the answer is told that there is no such room for them.
    for (const each of await Promise.all(joining)) expect(['ok', 'not_found', 'banned_here']).toContain(each);
    expect(await outcome(stranger.call('joinRoom', { params: { roomId } }))).toBe('banned_here');
    const { members } = await owner.call('members', { params: { roomId }, query: {} });
    expect(members.map(({ userId }) => userId)).not.toContain(stranger.id);
  });

  test('bans of one person: one is in force, and all are in the trail', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const bans = await Promise.all(Array.from({ length: 50 }, () => sanction(owner, member, 'ban', roomId)));
    const { sanctions } = await member.call('sanctions', {});
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toHaveLength(1);
    expect(await trail(server, member.id)).toHaveLength(50);
    expect(new Set(bans.map(({ id }) => id)).size).toBe(50);
  });
});

test('whoever is removed by those who moderate stands in the trail, as after a kick; whoever leaves does not', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  const remove = (by: Person, whom: Person) => by.call('removeMember', { params: { roomId, userId: whom.id } });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(remove(owner, member))));
  expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'not_found'), 'ok']);
  const entry = { action: 'member.removed', actor_id: owner.id, room_id: roomId };
  expect(await trail(server, member.id)).toMatchObject([entry]);
  expect(await outcome(remove(other, owner))).toBe('forbidden');
  await remove(other, other);
  expect([...(await trail(server, other.id)), ...(await trail(server, owner.id))]).toEqual([]);
});

describe('removing messages', () => {
  const removeMessages = (by: Person, whom: Person, roomId: string, since: 'hour' | 'day' = 'hour') =>
    by.call('removeMessages', { params: { roomId, userId: whom.id }, body: { since, reason: 'Spam' } });

  test('erases all of one person, in threads too, for everyone and for search; others stay; all of it is recorded', async () => {
    const { owner, member, other, roomId } = await room(server);
    const first = await member.say(roomId, 'spamword one');
    const { room: thread } = await other.call('openThread', { params: { roomId, messageId: first.id } });
    for (let i = 0; i < 60; i++) await member.say(roomId, `spamword ${i}`);
    await member.say(thread.id, 'spamword in the thread');
    const theirs = await other.say(roomId, 'spamword is a word');
    await other.call('react', { params: { roomId, messageId: first.id }, body: { emoji: '👍', on: true } });
    const remove = () => removeMessages(owner, member, roomId);
    const { removed } = await expectConverges(roomId, [owner, other], remove);
    expect(removed).toBe(62);
    const { hits } = await owner.call('search', { query: { q: 'spamword', roomId } });
    expect(hits.map((hit) => hit.message.id)).toEqual([theirs.id]);
    const { message } = await other.call('message', { params: { roomId, messageId: first.id } });
    expect([message.body, message.reactions]).toEqual(['', undefined]);
    expect(message.deletedAt).not.toBe(null);
    expect(await remove()).toEqual({ removed: 0 });
    const entries = await trail(server, member.id);
    expect(entries.map(({ action, room_id }) => [action, room_id])).toEqual(
      Array.from({ length: 3 }, () => ['messages.removed', roomId]),
    );
    const counts = entries.map(({ details }) => details as { count: number; threadId?: string });
    expect(counts.filter(({ threadId }) => threadId === undefined).map(({ count }) => count)).toEqual([50, 11]);
    expect(counts.filter(({ threadId }) => threadId === thread.id).map(({ count }) => count)).toEqual([1]);
    expect((await member.call('notices', { query: {} })).notices.map(({ type }) => type)).toEqual(['messages_removed']);
  });

  test('that breaks off has told and recorded what it deleted; again, it goes on', async () => {
    const { owner, member, roomId } = await room(server);
    for (let i = 0; i < 60; i++) await member.say(roomId, `spam ${i}`);
    await sql(
      server,
      `
      CREATE FUNCTION chat.break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken off'; END $$;
      CREATE TRIGGER break_off BEFORE UPDATE ON chat.messages FOR EACH ROW
        WHEN (NEW.room_id = '${roomId}' AND NEW.n = 55) EXECUTE FUNCTION chat.break_off()`,
    );
    const remove = () => removeMessages(owner, member, roomId);
    expect(await outcome(remove())).toBe('internal');
    await sql(server, 'DROP FUNCTION chat.break_off CASCADE');
    const { messages } = await owner.call('messages', { params: { roomId }, query: { limit: '60' } });
    expect(messages.filter(({ deletedAt }) => deletedAt !== null)).toHaveLength(50);
    expect(await trail(server, member.id)).toMatchObject([{ action: 'messages.removed', details: { count: 50 } }]);
    const told = async () => (await member.call('notices', { query: {} })).notices.map(({ type }) => type);
    expect(await told()).toEqual(['messages_removed']);
    expect(await remove()).toEqual({ removed: 10 });
    expect((await trail(server, member.id)).map(({ details }) => details)).toMatchObject([
      { count: 50 },
      { count: 10 },
    ]);
  });

  test('at the same time removes each once', async () => {
    const { owner, member, roomId } = await room(server);
    await Promise.all(Array.from({ length: 60 }, (_, i) => member.say(roomId, `${i}`)));
    const answers = await Promise.all(Array.from({ length: 10 }, () => removeMessages(owner, member, roomId, 'day')));
    expect(answers.reduce((sum, { removed }) => sum + removed, 0)).toBe(60);
  });

  test('goes with a ban, and is for those above alone', async () => {
    const { owner, member, other, roomId } = await room(server);
    await member.say(roomId, 'spam');
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    expect(await outcome(removeMessages(other, owner, roomId))).toBe('forbidden');
    expect(await outcome(removeMessages(member, owner, roomId))).toBe('forbidden');
    await sanction(other, member, 'ban', roomId, { removeMessages: 'hour' });
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    expect(
      messages.filter((each) => each.senderId === member.id && each.kind === 'text').map((each) => each.body),
    ).toEqual(['']);
  });
});
