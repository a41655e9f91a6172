import { LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const react = (by: Person, roomId: string, messageId: string, emoji: string, on = true) =>
  by.call('react', { params: { roomId, messageId }, body: { emoji, on } });
const revOf = async (by: Person, roomId: string) => (await by.call('room', { params: { roomId } })).room.rev;

describe('reacting', () => {
  test('counts and names people in the order in which they reacted, emoji by first use, and converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    const { id } = await other.say(roomId, 'a good idea');
    const device = await owner.connect();
    const message = await expectConverges(roomId, [owner, member, other], async () => {
      await react(owner, roomId, id, '👍');
      await react(other, roomId, id, '🎉');
      await react(other, roomId, id, '👍');
      await react(owner, roomId, id, '🎉', false);
      await device.ask('message:react', { roomId, messageId: id, emoji: '👩🏽‍🚀', on: true });
      return react(other, roomId, id, '🎉', false);
    });
    expect(message.reactions).toEqual([
      { emoji: '👍', count: 2, userIds: [owner.id, other.id] },
      { emoji: '👩🏽‍🚀', count: 1, userIds: [owner.id] },
    ]);
    const seen = await member.call('message', { params: { roomId, messageId: id } });
    expect(seen.message).toMatchObject({ hidden: true, body: '' });
    expect(seen.message).not.toHaveProperty('reactions');
  });

  test('the same again, and taking back what is not there, change nothing; the last one leaves no part', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'hello');
    const before = await revOf(owner, roomId);
    await react(member, roomId, id, '👍', false);
    const first = await react(member, roomId, id, '👍');
    expect(await react(member, roomId, id, '👍')).toEqual(first);
    expect(await revOf(owner, roomId)).toBe(before + 1);
    const last = await react(member, roomId, id, '👍', false);
    expect(last).not.toHaveProperty('reactions');
  });

  test('of many at once none is lost; one person’s same reaction many times at once counts once', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => server.person()));
    const [owner, ...others] = people as [Person, ...Person[]];
    const { room: made } = await owner.call('createRoom', {
      body: { name: 'Crowd', memberIds: others.map((person) => person.id) },
    });
    const { id } = await owner.say(made.id, 'vote with your thumbs');
    await expectConverges(made.id, [owner, ...others.slice(0, 1)], () =>
      Promise.all(
        people.flatMap((person) => [
          react(person, made.id, id, '👍'),
          react(person, made.id, id, '👍'),
          react(person, made.id, id, '❤️'),
        ]),
      ),
    );
    const { message } = await owner.call('message', { params: { roomId: made.id, messageId: id } });
    const shown = message.reactions?.map((r) => [r.emoji, r.count, new Set(r.userIds).size]);
    expect(shown?.toSorted()).toEqual([
      ['❤️', 20, 20],
      ['👍', 20, 20],
    ]);
  });

  test('takes one emoji only, and so many kinds of them on one message', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'hello');
    for (const wrong of ['ok', '', '👍👍', '<b>', '1']) {
      await expect(react(owner, roomId, id, wrong), wrong).rejects.toMatchObject(refusedWith('bad_input'));
    }
    const kinds = Array.from({ length: LIMITS.reactionKinds }, (_, i) => String.fromCodePoint(0x1f600 + i));
    for (const emoji of kinds) await react(owner, roomId, id, emoji);
    await expect(react(member, roomId, id, '👍')).rejects.toMatchObject(refusedWith('limit_reached'));
    expect((await react(member, roomId, id, kinds[0] ?? '')).reactions?.[0]?.count).toBe(2);
    await react(owner, roomId, id, kinds[1] ?? '', false);
    expect((await react(member, roomId, id, '👍')).reactions).toHaveLength(LIMITS.reactionKinds);
  });
});

describe('in a thread', () => {
  test('whoever may read it reacts, pins and votes, following or not, and its followers converge', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { id: about } = await owner.say(roomId, 'a question');
    const thread = (await owner.call('openThread', { params: { roomId, messageId: about } })).room.id;
    await member.call('joinRoom', { params: { roomId: thread } });
    const body = { clientId: 'thread-poll', poll: { question: 'Which?', options: ['This', 'That'], anonymous: true } };
    const poll = await owner.call('sendMessage', { params: { roomId: thread }, body });
    const params = { roomId: thread, messageId: poll.id };
    await expectConverges(thread, [owner, member], async () => {
      await react(other, thread, poll.id, '👍');
      await other.call('vote', { params, body: { options: [1] } });
      await member.call('vote', { params, body: { options: [1] } });
      await owner.call('pin', { params, body: { on: true } });
    });
    const { message } = await other.call('message', { params });
    expect(message).toMatchObject({
      reactions: [{ emoji: '👍', count: 1, userIds: [other.id] }],
      poll: { voters: 2, options: [{ votes: 0 }, { votes: 2, userIds: [] }] },
      pinned: { by: owner.id },
    });
    await expect(react(stranger, thread, poll.id, '👍')).rejects.toMatchObject(refusedWith('not_found'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(react(member, thread, poll.id, '👍')).rejects.toMatchObject(refusedWith('room_archived'));
  });
});

describe('refused', () => {
  test('to strangers and those who were removed, over REST and socket, and nothing changes', async () => {
    const { owner, other, stranger, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'hello');
    await owner.call('removeMember', { params: { roomId, userId: other.id } });
    const before = await revOf(owner, roomId);
    for (const person of [stranger, other]) {
      const device = await person.connect();
      await expect(react(person, roomId, id, '👍')).rejects.toMatchObject(refusedWith('not_found'));
      await expect(device.ask('message:react', { roomId, messageId: id, emoji: '👍', on: true })).rejects.toMatchObject(
        refusedWith('not_found'),
      );
    }
    expect(await revOf(owner, roomId)).toBe(before);
  });

  test('on messages that are deleted, of another room, or of someone I block, and in archived rooms', async () => {
    const { owner, member, other, roomId } = await room(server);
    const elsewhere = await owner.call('createRoom', { body: { name: 'Elsewhere' } });
    const { id } = await other.say(roomId, 'hello');
    await expect(react(owner, elsewhere.room.id, id, '👍')).rejects.toMatchObject(refusedWith('not_found'));
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    await expect(react(member, roomId, id, '👍')).rejects.toMatchObject(refusedWith('blocked'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(react(owner, roomId, id, '👍')).rejects.toMatchObject(refusedWith('room_archived'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    await react(owner, roomId, id, '👍');
    const deleted = await other.call('deleteMessage', { params: { roomId, messageId: id } });
    expect(deleted).not.toHaveProperty('reactions');
    await expect(react(owner, roomId, id, '👍')).rejects.toMatchObject(refusedWith('message_deleted'));
  });

  test('in a direct room on the other’s messages once either blocks the other', async () => {
    const { owner, member } = await room(server);
    const { room: direct } = await owner.call('directRoom', { body: { userId: member.id } });
    const { id } = await owner.say(direct.id, 'hello');
    await owner.call('block', { body: { userId: member.id } });
    await server.settle();
    await expect(react(member, direct.id, id, '👍')).rejects.toMatchObject(refusedWith('blocked'));
  });
});
