/** Who decides on messages that wait, when it is too late to, and who is told of it. */
import type { Notice } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve, appoint, bodies, decisionsOn, drop, guarded, mine, on, queue, reject } from '../../../test/held.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, type TestRoom } from '../../../test/rooms.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

describe('a decision', () => {
  test('is told to the author with the reason, and moderators are told that something waits or was decided', async () => {
    const { owner, member, other, moderator, roomId } = await guarded(server);
    const people = [owner, member, other, moderator];
    const devices = await Promise.all(people.map((person) => person.connect()));
    const told = (i: number) => devices[i]?.events.filter(({ event }) => event === 'moderation') ?? [];
    const held = await member.say(roomId, 'please');
    for (const i of [0, 3]) await devices[i]?.until(({ event }) => event === 'moderation');
    expect(told(0)).toEqual([{ event: 'moderation', payload: { what: 'held', roomId } }]);
    await reject(moderator, held, 'Off topic');
    await devices[1]?.until(({ event }) => event === 'notice');
    const [notice] = devices[1]?.events.filter(({ event }) => event === 'notice') ?? [];
    expect(notice?.payload).toMatchObject({
      notice: {
        type: 'message_rejected',
        reason: 'Off topic',
        roomId,
        roomName: 'Gardeners',
      } satisfies Partial<Notice>,
      unseen: 1,
    });
    await heard(server, ...devices);
    expect([...told(1), ...told(2)]).toEqual([]);
    expect(await decisionsOn(server, held)).toEqual([{ action: 'message.rejected', actor_id: moderator.id }]);
  });

  test('is for others than the author, and for nobody of lower or equal rank', async () => {
    const there = await guarded(server);
    const { owner, member, moderator, roomId } = there;
    const held = await member.say(roomId, 'from a member');
    await appoint(there, member);
    for (const by of [member, moderator]) {
      await expect(approve(by, held)).rejects.toMatchObject(refusedWith('forbidden'));
      await expect(reject(by, held)).rejects.toMatchObject(refusedWith('forbidden'));
    }
    expect(await queue(member)).toEqual([]);
    await approve(owner, held);
  });

  test('comes too late once there is one, or the author has taken it back', async () => {
    const { owner, member, other, moderator, roomId } = await guarded(server);
    const [approved, rejected, dropped] = [
      await member.say(roomId, 'a'),
      await member.say(roomId, 'b'),
      await member.say(roomId, 'c'),
    ];
    await approve(owner, approved);
    await reject(owner, rejected);
    await drop(member, dropped);
    for (const message of [approved, rejected]) {
      for (const decide of [approve, reject]) {
        await expect(decide(moderator, message)).rejects.toMatchObject(refusedWith('already_decided'));
      }
    }
    await expect(approve(moderator, dropped)).rejects.toMatchObject(refusedWith('not_found'));
    await expect(drop(member, approved)).rejects.toMatchObject(refusedWith('already_decided'));
    // Of others one learns nothing, and taking back twice is the same as once.
    const waiting = await member.say(roomId, 'd');
    await drop(other, waiting);
    expect(await queue(owner)).toEqual([waiting]);
    await drop(member, waiting);
    await drop(member, waiting);
    expect(await queue(owner)).toEqual([]);
  });

  test('can be made about somebody who has left; not in a room that is archived or gone', async () => {
    const { owner, member, other, stranger, roomId } = await guarded(server);
    const [first, second, third] = [
      await member.say(roomId, 'before I go'),
      await member.say(roomId, 'and this'),
      await other.say(roomId, 'I stay'),
    ];
    await member.call('removeMember', { params: { roomId, userId: member.id } });
    expect(await approve(owner, first)).toMatchObject({ senderId: member.id });
    await drop(member, second);
    await expect(drop(stranger, third)).rejects.toMatchObject(refusedWith('not_found'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(approve(owner, third)).rejects.toMatchObject(refusedWith('room_archived'));
    await reject(owner, third);
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    const last = await other.say(roomId, 'last');
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    expect(await mine(member, roomId)).toEqual([]);
    await owner.call('deleteRoom', { params: { roomId } });
    await expect(approve(owner, last)).rejects.toMatchObject(refusedWith('not_found'));
    await expect(drop(other, last)).rejects.toMatchObject(refusedWith('not_found'));
    expect(await queue(owner)).toEqual([]);
  });
});

describe('of many at once', () => {
  let there: TestRoom;
  let moderators: Person[];
  beforeAll(async () => {
    there = await guarded(server);
    moderators = await Promise.all(Array.from({ length: 50 }, (_, i) => server.person(`mod${i}`)));
    const params = { roomId: there.roomId };
    await there.owner.call('addMembers', { params, body: { userIds: moderators.map(({ id }) => id) } });
    await Promise.all(moderators.map((moderator) => appoint(there, moderator)));
  });

  test('50 moderators who decide on one message, one does, and the log names them alone', async () => {
    const { owner, member, roomId } = there;
    const held = await member.say(roomId, 'judge me');
    const tries = await Promise.allSettled(
      moderators.map((moderator, i) => (i % 2 === 0 ? approve(moderator, held) : reject(moderator, held))),
    );
    const won = tries.findIndex(({ status }) => status === 'fulfilled');
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of tries) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refusedWith('already_decided'));
    }
    const approved = won % 2 === 0;
    expect(await decisionsOn(server, held)).toEqual([
      { action: approved ? 'message.approved' : 'message.rejected', actor_id: moderators[won]?.id },
    ]);
    expect((await bodies(owner, roomId)).includes('judge me')).toBe(approved);
    expect(await mine(member, roomId)).toHaveLength(approved ? 0 : 1);
  });

  test('P-HELD-4 approving, rejecting and taking back the same messages: each has one end, and all numbers are there', async () => {
    const { owner, member, other, roomId } = there;
    const held = await Promise.all(Array.from({ length: 16 }, (_, i) => member.say(roomId, `race ${i}`)));
    await Promise.allSettled(
      held.flatMap((message, i) => [
        approve(moderators[i] ?? owner, message),
        reject(moderators[i + 20] ?? owner, message),
        i % 2 === 0
          ? drop(member, message)
          : approve(owner, message).then(() => member.call('deleteMessage', on(message))),
        other.say(roomId, `beside ${i}`),
      ]),
    );
    const { messages } = await owner.call('messages', { params: { roomId }, query: { limit: '100' } });
    const list = await mine(member, roomId);
    for (const message of held) {
      const said = messages.filter(({ id }) => id === message.id).length;
      const listed = list.filter(({ id, status }) => id === message.id && status === 'rejected').length;
      const entries = (await decisionsOn(server, message)).map(({ action }) => action);
      if (said === 1) expect(entries).toEqual(['message.approved']);
      else if (listed === 1) expect(entries).toEqual(['message.rejected']);
      // Taken back, before or after it was rejected.
      else expect([[], ['message.rejected']]).toContainEqual(entries);
      expect(said + listed).toBeLessThanOrEqual(1);
    }
    expect(messages.map(({ n }) => n)).toEqual(messages.map((_, i) => (messages[0]?.n ?? 0) + i));
    expect((await queue(owner)).filter(({ senderId }) => senderId === member.id)).toEqual([]);
  });
});
