import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room, type TestRoom } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import { threadRoomId } from '../rooms/index.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const open = (by: Person, roomId: string, messageId: string) =>
  by.call('openThread', { params: { roomId, messageId } });
const one = async (by: Person, roomId: string, messageId: string) =>
  (await by.call('message', { params: { roomId, messageId } })).message;
const threadsOf = async (by: Person) => (await by.call('threads', { query: {} })).rooms.map(({ room: { id } }) => id);

interface WithThread extends TestRoom {
  messageId: string;
  threadId: string;
}
/** A thread about a message of `member`, opened by `owner`. */
async function thread(kind: 'group' | 'public' = 'group'): Promise<WithThread> {
  const there = await room(server, kind);
  const { id: messageId } = await there.member.say(there.roomId, 'a question');
  const snapshot = await open(there.owner, there.roomId, messageId);
  return { ...there, messageId, threadId: snapshot.room.id };
}

describe('opening', () => {
  test('makes one thread per message, also when many open it at once; its message says so; all converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { id: messageId, n } = await member.say(roomId, 'a question');
    const snapshots = await expectConverges(roomId, [owner, member, other], () =>
      Promise.all([owner, other, owner, other].map((person) => open(person, roomId, messageId))),
    );
    for (const { room: made, me } of snapshots) {
      expect(made).toMatchObject({ id: threadRoomId(messageId), kind: 'thread', parent: { roomId, messageId, n } });
      expect(me.role).toBe('member');
    }
    const roomIdOfThread = threadRoomId(messageId);
    expect((await one(other, roomId, messageId)).thread).toEqual({ roomId: roomIdOfThread, count: 0, lastAt: null });
    // The author follows without having done anything.
    const followers = (await owner.call('members', { params: { roomId: roomIdOfThread }, query: {} })).members;
    expect(followers.map((one) => one.userId).toSorted()).toEqual([owner.id, member.id, other.id].toSorted());
  });

  test('is refused on a system message, in a thread, on a deleted message, in an archived room, and from outside', async () => {
    const { owner, member, stranger, roomId, threadId, messageId } = await thread();
    await owner.call('updateRoom', { params: { roomId }, body: { topic: 'said by the room' } });
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    const system = messages.find((message) => message.kind === 'system');
    await expect(open(owner, roomId, system?.id ?? '')).rejects.toMatchObject(refusedWith('forbidden'));
    const inside = await member.say(threadId, 'an answer');
    await expect(open(owner, threadId, inside.id)).rejects.toMatchObject(refusedWith('forbidden'));
    const gone = await member.say(roomId, 'oops');
    await member.call('deleteMessage', { params: { roomId, messageId: gone.id } });
    await expect(open(owner, roomId, gone.id)).rejects.toMatchObject(refusedWith('message_deleted'));
    await expect(open(owner, roomId, randomUUID())).rejects.toMatchObject(refusedWith('not_found'));
    await expect(open(stranger, roomId, messageId)).rejects.toMatchObject(refusedWith('not_found'));
    const late = await member.say(roomId, 'late');
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(open(owner, roomId, late.id)).rejects.toMatchObject(refusedWith('room_archived'));
  });

  test('goes on after its message was deleted: it is the words of others', async () => {
    const { owner, member, other, roomId, threadId, messageId } = await thread();
    await owner.say(threadId, 'an answer');
    await member.call('deleteMessage', { params: { roomId, messageId } });
    expect((await open(other, roomId, messageId)).messages.map((m) => m.body)).toEqual(['an answer']);
    await expectConverges(roomId, [owner, other], () => other.say(threadId, 'and another'));
    expect(await one(owner, roomId, messageId)).toMatchObject({ body: '', thread: { roomId: threadId, count: 2 } });
  });
});

describe('talking in a thread', () => {
  test('counts on its message, converges in both rooms, and is unread for followers alone', async () => {
    const { owner, member, other, roomId, threadId, messageId } = await thread();
    await expectConverges(roomId, [owner, member, other], () => owner.say(threadId, 'one'));
    await expectConverges(threadId, [owner, member], () => owner.say(threadId, 'two'));
    const parent = await one(other, roomId, messageId);
    expect(parent.thread).toEqual({ roomId: threadId, count: 2, lastAt: expect.any(Number) });
    const unread = async (by: Person, list: 'rooms' | 'threads') =>
      (await by.call(list, { query: {} })).rooms.map((summary) => summary.unread);
    expect(await unread(member, 'threads')).toEqual([2]);
    expect(await unread(member, 'rooms')).toEqual([0]);
    expect(await unread(other, 'threads')).toEqual([]);
    await expectConverges(threadId, [owner, member], () =>
      member.call('markRead', { params: { roomId: threadId }, body: { n: 2 } }),
    );
    expect(await unread(member, 'threads')).toEqual([0]);
  });

  test('makes whoever speaks a follower; others of the room may read, follow and speak', async () => {
    const { owner, member, other, threadId } = await thread();
    const { messages } = await other.call('messages', { params: { roomId: threadId }, query: {} });
    expect(messages).toEqual([]);
    expect(await threadsOf(other)).toEqual([]);
    const device = await other.connect();
    await expectConverges(threadId, [owner, member], () => other.say(threadId, 'me too'));
    expect(await threadsOf(other)).toEqual([threadId]);
    await owner.say(threadId, 'welcome');
    await device.until(
      ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
        event === 'message' && payload.message?.body === 'welcome',
    );
  });

  test('following and no longer following converge; whoever stopped can begin again', async () => {
    const { owner, member, other, threadId } = await thread();
    const follow = () => other.call('joinRoom', { params: { roomId: threadId } });
    await expectConverges(threadId, [owner, member], follow);
    const { rev } = (await follow()).room;
    expect((await follow()).room.rev).toBe(rev);
    const stop = () => other.call('removeMember', { params: { roomId: threadId, userId: other.id } });
    await expectConverges(threadId, [owner, other], stop);
    expect(await threadsOf(other)).toEqual([]);
    await owner.say(threadId, 'meanwhile');
    expect((await follow()).unread).toBe(0);
  });

  test('settings of a thread are one’s own, and converge', async () => {
    const { owner, member, threadId } = await thread();
    await expectConverges(threadId, [owner, member], () =>
      member.call('updateMe', { params: { roomId: threadId }, body: { notify: 'none', favourite: true } }),
    );
  });
});

describe('the rights of a thread are those of its room', () => {
  test('strangers learn nothing; roles, fields, members and deletion are not the thread’s to change', async () => {
    const { owner, member, other, stranger, threadId } = await thread();
    const params = { roomId: threadId };
    const nothing = refusedWith('not_found');
    await expect(stranger.call('messages', { params, query: {} })).rejects.toMatchObject(nothing);
    await expect(stranger.call('joinRoom', { params })).rejects.toMatchObject(nothing);
    await expect(stranger.say(threadId, 'x')).rejects.toMatchObject(nothing);
    const forbidden = refusedWith('forbidden');
    await expect(owner.call('updateRoom', { params, body: { name: 'x' } })).rejects.toMatchObject(forbidden);
    await expect(owner.call('updateRoom', { params, body: { archived: true } })).rejects.toMatchObject(forbidden);
    await expect(owner.call('deleteRoom', { params })).rejects.toMatchObject(forbidden);
    await expect(owner.call('addMembers', { params, body: { userIds: [other.id] } })).rejects.toMatchObject(forbidden);
    const ofMember = { ...params, userId: member.id };
    await expect(owner.call('removeMember', { params: ofMember })).rejects.toMatchObject(forbidden);
    await expect(owner.call('updateMember', { params: ofMember, body: { role: 'admin' } })).rejects.toMatchObject(
      forbidden,
    );
  });

  test('moderators of the room moderate its threads', async () => {
    const { owner, other, threadId } = await thread();
    const { id: messageId } = await other.say(threadId, 'rude');
    await expectConverges(threadId, [owner, other], () =>
      owner.call('deleteMessage', { params: { roomId: threadId, messageId } }),
    );
  });

  test('an archived room’s threads are read, followed and left, not written', async () => {
    const { owner, member, other, roomId, threadId, messageId } = await thread();
    await owner.say(threadId, 'before');
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(member.say(threadId, 'x')).rejects.toMatchObject(refusedWith('room_archived'));
    expect((await open(other, roomId, messageId)).messages).toHaveLength(1);
    await other.call('removeMember', { params: { roomId: threadId, userId: other.id } });
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    await member.say(threadId, 'after');
  });

  test('whoever is removed from the room, or leaves it, is out of its threads at once', async () => {
    for (const by of ['owner', 'member'] as const) {
      const there = await thread();
      const { owner, member, roomId, threadId } = there;
      const device = await member.connect();
      await heard(server, device);
      await expectConverges(threadId, [owner, member], () =>
        there[by].call('removeMember', { params: { roomId, userId: member.id } }),
      );
      await heard(server, device);
      const told = device.events
        .filter(({ event }) => event === 'member')
        .map(({ payload }) => payload as { roomId: string; member: { leftAt: number | null } });
      expect(told.map((one) => [one.roomId, one.member.leftAt !== null])).toEqual([
        [threadId, true],
        [roomId, true],
      ]);
      device.events.length = 0;
      await owner.say(threadId, 'without them');
      await heard(server, device);
      expect(device.events).toEqual([]);
      expect(await threadsOf(member)).toEqual([]);
      const params = { roomId: threadId };
      const refused = [
        member.call('room', { params }),
        member.call('messages', { params, query: {} }),
        member.call('changes', { params, query: { since: '0' } }),
        member.say(threadId, 'x'),
        device.ask('room:join', params),
      ];
      await Promise.all(refused.map((one) => expect(one).rejects.toMatchObject(refusedWith('not_found'))));
      const answer = await device.ask('sync', { rooms: [{ roomId: threadId, rev: 1, mine: 0 }] });
      expect(answer).toMatchObject({ gone: [threadId], changed: [], added: [] });
    }
  });

  test('with a deleted group its threads are gone for everyone', async () => {
    const { owner, member, roomId, threadId } = await thread();
    await owner.say(threadId, 'hello');
    const device = await member.connect();
    await heard(server, device);
    await expectConverges(threadId, [owner, member], () => owner.call('deleteRoom', { params: { roomId } }));
    expect(await threadsOf(member)).toEqual([]);
    for (const person of [owner, member]) {
      await expect(person.say(threadId, 'x')).rejects.toMatchObject(refusedWith('not_found'));
      await expect(person.call('messages', { params: { roomId: threadId }, query: {} })).rejects.toMatchObject(
        refusedWith('not_found'),
      );
    }
    const held = [roomId, threadId].map((id) => ({ roomId: id, rev: 1, mine: 0 }));
    expect(await device.ask('sync', { rooms: held })).toMatchObject({
      gone: [roomId, threadId],
      changed: [],
      added: [],
    });
  });
});
