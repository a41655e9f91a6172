import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteOutput } from '@confab/protocol';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import { findMentions } from './mentions.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const at = (person: Person) => `@${person.signedIn.user.username}`;
const inbox = async (by: Person) => (await by.call('mentions', { query: {} })).messages.map((m) => m.body);
const unread = async (by: Person, roomId: string) => (await by.call('room', { params: { roomId } })).mentions;

describe('finding', () => {
  test.each<[string, string[], 'room' | 'here' | null]>([
    ['hello @ann', ['ann'], null],
    ['@ann, @Bob. (@cee) @d.e_f1!', ['ann', 'bob', 'cee', 'd.e_f1'], null],
    ['mail ann@example.com or @@ann or x@ann', [], null],
    ['`@ann` and ```\n@bob\n``` and @cee', ['cee'], null],
    ['@room @here @ann', ['ann'], 'room'],
    ['@HERE now', [], 'here'],
    ['@roomy', ['roomy'], null],
    ['你好@ann和@bob です@cee', ['ann', 'bob', 'cee'], null],
    ['привет@ann', [], null],
    ['**@ann** _@bob_', ['ann'], null],
    ['[@ann](https://example.com/@bob)', ['ann', 'bob'], null],
  ])('%s', (body, usernames, everyone) => {
    expect(findMentions(body)).toEqual({ usernames, everyone });
  });

  test('takes linear time whatever is written', () => {
    for (const evil of ['@', '`', '```', '@a.', '._', '`@a']) findMentions(evil.repeat(8000 / evil.length));
  });
});

describe('mentions', () => {
  test('name members only, never oneself; everyone is for moderators and above; all converges', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const named = await expectConverges(roomId, [owner, member, other], () =>
      member.say(roomId, `${at(owner)} ${at(member)} ${at(stranger)} @nobody @room`),
    );
    expect(named.mentions).toEqual({ userIds: [owner.id], everyone: null });
    const called = await expectConverges(roomId, [owner, member, other], () => owner.say(roomId, 'dinner, @room'));
    expect(called.mentions).toEqual({ userIds: [], everyone: 'room' });
    expect(await unread(owner, roomId)).toBe(1);
    expect(await unread(member, roomId)).toBe(1);
    expect(await inbox(stranger)).toEqual([]);
  });

  test('follow an edit: who is no longer named is not mentioned, who is named now is', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { id } = await owner.say(roomId, `${at(member)} please`);
    const edited = await expectConverges(roomId, [owner, member, other], () =>
      owner.call('editMessage', { params: { roomId, messageId: id }, body: { body: `${at(other)} please` } }),
    );
    expect(edited.mentions).toEqual({ userIds: [other.id], everyone: null });
    expect(await inbox(member)).toEqual([]);
    expect(await unread(member, roomId)).toBe(0);
    expect(await inbox(other)).toEqual([`${at(other)} please`]);
    expect(await unread(other, roomId)).toBe(1);
    await expectConverges(roomId, [owner, other], () =>
      owner.call('deleteMessage', { params: { roomId, messageId: id } }),
    );
    expect(await inbox(other)).toEqual([]);
    expect(await unread(other, roomId)).toBe(0);
  });
});

describe('the inbox', () => {
  test('pages through all my rooms, the newest first, without doubles or holes', async () => {
    const { owner, member, roomId } = await room(server);
    const second = await owner.call('createRoom', { body: { name: 'Second', memberIds: [member.id] } });
    const rooms = [roomId, second.room.id];
    const sent: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      // Also both at once, which is one entry.
      const call = [at(member), '@here', `${at(member)} @room`][i % 3];
      sent.push((await owner.say(rooms[i % 2] ?? roomId, `${call} ${i}`)).body);
    }
    const seen: { body: string; createdAt: number }[] = [];
    let cursor: string | null = null;
    do {
      const page: RouteOutput<'mentions'> = await member.call('mentions', {
        query: { limit: '2', ...(cursor === null ? {} : { cursor }) },
      });
      seen.push(...page.messages);
      expect(page.users.map((user) => user.id)).toEqual([owner.id]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map((message) => message.body).toSorted()).toEqual(sent.toSorted());
    const times = seen.map((message) => message.createdAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(await inbox(owner)).toEqual([]);
    await expect(member.call('mentions', { query: { cursor: '1.2.x' } })).rejects.toMatchObject(
      refusedWith('bad_input'),
    );
  });

  test('holds nothing of rooms I am out of, of deleted rooms, or by people I block', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.say(roomId, `${at(member)} by name`);
    await owner.say(roomId, '@room all');
    await other.say(roomId, `${at(member)} by other`);
    expect(await inbox(member)).toHaveLength(3);
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    expect(await inbox(member)).toEqual(['@room all', `${at(member)} by name`]);
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    expect(await inbox(member)).toEqual([]);
    await member.call('unblock', { params: { userId: other.id } });
    await server.settle();
    expect(await inbox(member)).toEqual([]);
    expect(await inbox(other)).toHaveLength(1);
    await owner.call('deleteRoom', { params: { roomId } });
    expect(await inbox(other)).toEqual([]);
  });

  test('holds what was said to everyone only after I came, and what named me before as well', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.say(roomId, '@room early');
    await owner.say(roomId, `${at(member)} early`);
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    await owner.say(roomId, '@room late');
    expect(await inbox(member)).toEqual(['@room late', `${at(member)} early`]);
    expect(await inbox(other)).toEqual(['@room late', '@room early']);
  });

  test('holds what names me in threads I do not follow; what is for everyone there only if I do', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { id: messageId } = await owner.say(roomId, 'a question');
    const thread = (await owner.call('openThread', { params: { roomId, messageId } })).room.id;
    await other.call('joinRoom', { params: { roomId: thread } });
    await owner.say(thread, `${at(member)} your view?`);
    await owner.say(thread, '@room to the point');
    expect(await inbox(member)).toEqual([`${at(member)} your view?`]);
    expect(await inbox(other)).toEqual(['@room to the point']);
    await owner.call('removeMember', { params: { roomId, userId: other.id } });
    expect(await inbox(other)).toEqual([]);
  });
});
