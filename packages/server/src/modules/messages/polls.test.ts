import { randomUUID } from 'node:crypto';
import type { Message } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import { startServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

interface Options {
  options?: string[];
  multiple?: boolean;
  anonymous?: boolean;
  closesAt?: number | null;
}
const ask = (by: Person, roomId: string, poll: Options = {}, clientId: string = randomUUID()): Promise<Message> =>
  by.call('sendMessage', {
    params: { roomId },
    body: { clientId, poll: { question: 'Where to?', options: ['Sea', 'Hills', 'Town'], ...poll } },
  });
const vote = (by: Person, { roomId, id }: Message, ...options: number[]) =>
  by.call('vote', { params: { roomId, messageId: id }, body: { options } });
const close = (by: Person, { roomId, id }: Message) => by.call('closePoll', { params: { roomId, messageId: id } });
const see = async (by: Person, { roomId, id }: Message) =>
  (await by.call('message', { params: { roomId, messageId: id } })).message.poll;
const me = async (by: Person, roomId: string) => (await by.call('room', { params: { roomId } })).me;

describe('voting', () => {
  test('replaces what I voted, no options take it back, and all of it converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    await member.call('block', { body: { userId: owner.id } });
    await server.settle();
    const poll = await expectConverges(roomId, [owner, member, other], () => ask(owner, roomId));
    expect(poll).toMatchObject({ kind: 'poll', body: 'Where to?', poll: { voters: 0, closedAt: null } });
    await expectConverges(roomId, [owner, member, other], async () => {
      await vote(owner, poll, 1);
      await vote(other, poll, 0);
      await vote(other, poll, 1);
    });
    expect(await see(other, poll)).toMatchObject({
      voters: 2,
      options: [
        { text: 'Sea', votes: 0, userIds: [] },
        { text: 'Hills', votes: 2, userIds: [owner.id, other.id] },
        { text: 'Town', votes: 0, userIds: [] },
      ],
    });
    await expectConverges(roomId, [owner, member, other], () => vote(owner, poll));
    expect(await see(other, poll)).toMatchObject({ voters: 1, options: [{}, { userIds: [other.id] }, {}] });
  });

  test('for several where the poll allows it: voters are people, votes are choices', async () => {
    const { owner, other, roomId } = await room(server);
    const poll = await ask(owner, roomId, { multiple: true });
    await vote(owner, poll, 2, 0, 2);
    await vote(other, poll, 0);
    expect(await see(owner, poll)).toMatchObject({ voters: 2, options: [{ votes: 2 }, { votes: 0 }, { votes: 1 }] });
  });

  test('the same again changes nothing; options that are not there, or too many, are refused', async () => {
    const { owner, roomId } = await room(server);
    const poll = await ask(owner, roomId);
    const first = await vote(owner, poll, 1);
    expect(await vote(owner, poll, 1)).toEqual(first);
    await expect(vote(owner, poll, 3)).rejects.toMatchObject(refusedWith('bad_input'));
    await expect(vote(owner, poll, 0, 1)).rejects.toMatchObject(refusedWith('bad_input'));
    const text = await owner.say(roomId, 'no poll');
    await expect(vote(owner, text, 0)).rejects.toMatchObject(refusedWith('bad_input'));
    expect((await see(owner, poll))?.voters).toBe(1);
  });

  test('in an anonymous poll nobody is named, and only I see what I voted, on all my devices', async () => {
    const { owner, member, other, roomId } = await room(server);
    const poll = await ask(owner, roomId, { anonymous: true });
    const device = await owner.connect();
    await expectConverges(roomId, [owner, member, other], async () => {
      await vote(member, poll, 2);
      await vote(other, poll, 2);
    });
    const shown = await see(owner, poll);
    expect(shown).toMatchObject({ voters: 2, options: [{ votes: 0 }, { votes: 0 }, { votes: 2 }] });
    expect(shown?.options.flatMap((option) => option.userIds)).toEqual([]);
    expect((await me(member, roomId)).votes).toEqual({ [poll.id]: [2] });
    expect((await me(owner, roomId)).votes).toEqual({});
    await heard(server, device);
    const told = JSON.stringify(device.events.filter(({ event }) => event === 'message'));
    expect(told).not.toContain(member.id);
    await expectConverges(roomId, [owner, member], () => vote(member, poll));
    expect((await me(member, roomId)).votes).toEqual({});
  });

  test('of many at once every vote counts, and one person’s many tries count once', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => server.person()));
    const [owner, ...others] = people as [Person, ...Person[]];
    const body = { name: 'Crowd', memberIds: others.map((person) => person.id) };
    const { room: made } = await owner.call('createRoom', { body });
    const poll = await ask(owner, made.id);
    await Promise.all(people.flatMap((person, i) => [vote(person, poll, i % 2), vote(person, poll, i % 2)]));
    expect(await see(owner, poll)).toMatchObject({ voters: 20, options: [{ votes: 10 }, { votes: 10 }, { votes: 0 }] });
  });
});

describe('closing', () => {
  test('is for the author and moderators, once, and ends voting', async () => {
    const { owner, member, other, roomId } = await room(server);
    const poll = await ask(member, roomId);
    await vote(other, poll, 0);
    await expect(close(other, poll)).rejects.toMatchObject(refusedWith('forbidden'));
    const closed = await expectConverges(roomId, [owner, member, other], () => close(member, poll));
    expect(closed.poll).toMatchObject({ voters: 1, closedAt: expect.any(Number) });
    expect(await close(owner, poll)).toEqual(closed);
    await expect(vote(other, poll, 1)).rejects.toMatchObject(refusedWith('poll_closed'));
    await expect(vote(other, poll)).rejects.toMatchObject(refusedWith('poll_closed'));
    const second = await ask(member, roomId);
    await expect(close(owner, second)).resolves.toMatchObject({ poll: { closedAt: expect.any(Number) } });
  });

  test('happens at its time, and votes are refused from then on even if nothing has closed it yet', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const { owner, other, roomId } = await room(timed);
      const closesAt = clock.now() + 5 * MINUTE;
      const poll = await ask(owner, roomId, { closesAt });
      await vote(other, poll, 1);
      await timed.runDueJobs();
      expect((await see(owner, poll))?.closedAt).toBeNull();
      await clock.advance(5 * MINUTE);
      await expect(vote(other, poll, 0)).rejects.toMatchObject(refusedWith('poll_closed'));
      expect((await see(owner, poll))?.closedAt).toBeNull();
      await clock.advance(MINUTE);
      await expectConverges(roomId, [owner, other], () => timed.runDueJobs());
      expect(await see(owner, poll)).toMatchObject({ closesAt, closedAt: closesAt, voters: 1 });
      const { rev } = (await owner.call('room', { params: { roomId } })).room;
      await timed.runDueJobs();
      expect((await owner.call('room', { params: { roomId } })).room.rev).toBe(rev);
    } finally {
      await timed.stop();
    }
  });

  test('by the clock passes over polls that are deleted or closed', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const { owner, roomId } = await room(timed);
      const closesAt = clock.now() + 5 * MINUTE;
      const deleted = await ask(owner, roomId, { closesAt });
      const closed = await ask(owner, roomId, { closesAt });
      await owner.call('deleteMessage', { params: { roomId, messageId: deleted.id } });
      await close(owner, closed);
      const { rev } = (await owner.call('room', { params: { roomId } })).room;
      await clock.advance(5 * MINUTE);
      await timed.runDueJobs();
      expect((await owner.call('room', { params: { roomId } })).room.rev).toBe(rev);
      expect(timed.logged()).not.toContain('Failed task');
    } finally {
      await timed.stop();
    }
  });

  test('cannot be set for the past or the far future; a retry after the end still answers the poll', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const { owner, roomId } = await room(timed);
      for (const closesAt of [clock.now(), clock.now() - 1, clock.now() + 400 * DAY, Number.MAX_SAFE_INTEGER]) {
        await expect(ask(owner, roomId, { closesAt })).rejects.toMatchObject({
          body: { code: 'bad_input', details: { fields: [{ field: 'poll.closesAt' }] } },
        });
      }
      const closesAt = clock.now() + MINUTE;
      const poll = await ask(owner, roomId, { closesAt }, 'one-poll');
      await clock.advance(2 * MINUTE);
      await expect(ask(owner, roomId, { closesAt }, 'one-poll')).resolves.toMatchObject({ id: poll.id });
    } finally {
      await timed.stop();
    }
  });
});

describe('refused', () => {
  test('to who is not in the room, on deleted polls, on those of people I block, and in archived rooms', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const poll = await ask(owner, roomId);
    await owner.call('removeMember', { params: { roomId, userId: other.id } });
    for (const person of [stranger, other]) {
      await expect(vote(person, poll, 0)).rejects.toMatchObject(refusedWith('not_found'));
      await expect(close(person, poll)).rejects.toMatchObject(refusedWith('not_found'));
    }
    await member.call('block', { body: { userId: owner.id } });
    await server.settle();
    await expect(vote(member, poll, 0)).rejects.toMatchObject(refusedWith('blocked'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(vote(owner, poll, 0)).rejects.toMatchObject(refusedWith('room_archived'));
    await expect(close(owner, poll)).rejects.toMatchObject(refusedWith('room_archived'));
    await owner.call('deleteMessage', { params: { roomId, messageId: poll.id } });
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    await expect(vote(owner, poll, 0)).rejects.toMatchObject(refusedWith('message_deleted'));
    expect(await see(owner, poll)).toBeUndefined();
  });

  test('a poll cannot be edited, and its options are different ones', async () => {
    const { owner, roomId } = await room(server);
    const poll = await ask(owner, roomId);
    await expect(
      owner.call('editMessage', { params: { roomId, messageId: poll.id }, body: { body: 'Where not to?' } }),
    ).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(ask(owner, roomId, { options: ['Sea', 'Sea'] })).rejects.toMatchObject(refusedWith('bad_input'));
    await expect(ask(owner, roomId, { options: ['Sea'] })).rejects.toMatchObject(refusedWith('bad_input'));
  });
});
