/** Messages that wait for approval: what authors, moderators and everyone else see of them, and what becomes of them. */
import { randomUUID } from 'node:crypto';
import { LIMITS, type Message } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { approve, appoint, bodies, decisionsOn, drop, guarded, mine, on, queue, reject } from '../../../test/held.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith } from '../../../test/rooms.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

describe('what waits', () => {
  test('P-HELD-1 P-HELD-2 is its author’s and the moderators’ alone, wherever one looks; approved, it takes the number that is next', async () => {
    const { owner, member, other, moderator, stranger, roomId } = await guarded(server);
    const before = await owner.say(roomId, 'first');
    const devices = await Promise.all([other, member].map((person) => person.connect()));
    const [watching, own] = devices;
    const held = await member.say(roomId, `xylophone @${other.signedIn.user.username}`);
    expect(held).toMatchObject({ n: 0, rev: 0, status: 'pending', senderId: member.id });
    await owner.say(roomId, 'second');
    await heard(server, ...devices);
    expect(await mine(member, roomId)).toEqual([held]);
    expect(JSON.stringify(own?.events)).toContain('xylophone');
    for (const by of [owner, moderator]) expect(await queue(by, roomId)).toEqual([held]);

    const looked = async (by: Person) => [
      await by.call('room', { params: { roomId } }),
      await by.call('rooms', { query: {} }),
      await by.call('messages', { params: { roomId }, query: {} }),
      await by.call('changes', { params: { roomId }, query: { since: '0' } }),
      await by.call('search', { query: { q: 'xylophone' } }),
      await by.call('mentions', { query: {} }),
      await by.call('pins', { params: { roomId } }),
      await (await by.connect()).ask('sync', { rooms: [] }),
    ];
    for (const by of [other, owner, moderator]) expect(JSON.stringify(await looked(by))).not.toContain('xylophone');
    expect(JSON.stringify(watching?.events)).not.toContain('xylophone');
    expect(await bodies(member, roomId)).toEqual(['first', 'second']);
    expect((await other.call('room', { params: { roomId } })).mentions).toBe(0);

    const at = on(held);
    const refused = [
      () => other.call('message', at),
      () => member.call('message', at),
      () => owner.call('react', { ...at, body: { emoji: '👍', on: true } }),
      () => owner.call('pin', { ...at, body: { on: true } }),
      () => owner.call('star', { ...at, body: { on: true } }),
      () => owner.call('openThread', at),
      () => owner.call('deleteMessage', at),
      () => member.call('editMessage', { ...at, body: { body: 'other words' } }),
      () =>
        owner.call('sendMessage', {
          params: { roomId },
          body: { clientId: randomUUID(), body: 'so?', replyTo: held.id },
        }),
      () =>
        member.call('sendMessage', {
          params: { roomId },
          body: { clientId: randomUUID(), forward: { roomId, messageId: held.id } },
        }),
      () => approve(stranger, held),
      () => queue(stranger, roomId),
    ];
    for (const act of refused) await expect(act(), String(act)).rejects.toMatchObject(refusedWith('not_found'));
    for (const act of [() => approve(other, held), () => queue(other, roomId), () => queue(member, roomId)])
      await expect(act(), String(act)).rejects.toMatchObject(refusedWith('forbidden'));
    expect(await queue(other)).toEqual([]);

    const said = await approve(moderator, held);
    expect(said).toMatchObject({ id: held.id, clientId: held.clientId, n: before.n + 2, createdAt: held.createdAt });
    expect(said).not.toHaveProperty('status');
    expect(await mine(member, roomId)).toEqual([]);
    expect(await queue(moderator)).toEqual([]);
    expect(await bodies(other, roomId)).toEqual(['first', 'second', held.body]);
    expect((await other.call('search', { query: { q: 'xylophone' } })).hits).toHaveLength(1);
    expect((await other.call('mentions', { query: {} })).messages).toMatchObject([{ id: held.id }]);
    expect(await other.call('room', { params: { roomId } })).toMatchObject({ unread: 3, mentions: 1 });
    expect(await decisionsOn(server, held)).toEqual([{ action: 'message.approved', actor_id: moderator.id }]);
  });

  test('being held, approved, rejected and taken back converge for everyone', async () => {
    const { owner, member, other, moderator, roomId } = await guarded(server);
    const all = [owner, member, other, moderator];
    const [first, second, third] = await expectConverges(roomId, all, () =>
      Promise.all(['one', 'two', 'three'].map((body) => member.say(roomId, body))),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were sent');
    await expectConverges(roomId, all, () => approve(moderator, first));
    await expectConverges(roomId, all, () => reject(owner, second));
    // Which of the three came first, nobody knows.
    const left = await mine(member, roomId);
    expect(left.find(({ id }) => id === second.id)).toMatchObject({ status: 'rejected', reason: 'Not here' });
    expect(left.find(({ id }) => id === third.id)).toMatchObject({ status: 'pending' });
    expect(left).toHaveLength(2);
    await expectConverges(roomId, all, () => Promise.all([drop(member, second), drop(member, third)]));
    expect(await mine(member, roomId)).toEqual([]);
    expect(await bodies(other, roomId)).toEqual(['one']);
  });

  test('P-HELD-3 is answered again to a retry, whatever became of it; other content under its clientId is refused', async () => {
    const { owner, member, roomId } = await guarded(server);
    const clientId = randomUUID();
    const again = () => member.say(roomId, 'hello', clientId);
    const tries = await Promise.all([again(), again(), again()]);
    const [held] = tries;
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(await again()).toEqual(held);
    await expect(member.say(roomId, 'other words', clientId)).rejects.toMatchObject(refusedWith('client_id_reused'));
    await reject(owner, held);
    expect(await again()).toMatchObject({ id: held.id, status: 'rejected' });
    // Also once nothing has to wait any more.
    await owner.call('moderateRoom', { params: { roomId }, body: { hold: [] } });
    expect(await again()).toMatchObject({ id: held.id, status: 'rejected' });
    await drop(member, held);
    expect((await again()).n).toBeGreaterThan(0);
  });

  test('can be so many a person and room; what was rejected makes room', async () => {
    const { owner, member, other, roomId } = await guarded(server);
    const sent = await Promise.allSettled(
      Array.from({ length: LIMITS.heldPerMember + 5 }, (_, i) => member.say(roomId, `${i}`)),
    );
    const held = sent.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const refused = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(held).toHaveLength(LIMITS.heldPerMember);
    for (const reason of refused) expect(reason).toMatchObject(refusedWith('limit_reached'));
    await other.say(roomId, 'mine');
    const [first] = await mine(member, roomId);
    if (first === undefined) throw new Error('nothing waits');
    await reject(owner, first);
    const next = await member.say(roomId, 'one more');
    const list = await mine(member, roomId);
    expect(list).toHaveLength(LIMITS.heldPerMember);
    expect(list.map(({ id }) => id)).not.toContain(first.id);
    expect(list.at(-1)).toEqual(next);
  });

  describe('in a thread', () => {
    /** A thread that `owner` and `other` follow. */
    async function threadOf({ owner, other, roomId }: Awaited<ReturnType<typeof guarded>>) {
      const about = await owner.say(roomId, 'about this');
      const { room: thread } = await owner.call('openThread', on(about));
      await other.call('openThread', on(about));
      return { about, threadId: thread.id, at: { params: { roomId: thread.id } } };
    }
    const followers = async (by: Person, threadId: string) =>
      (await by.call('members', { params: { roomId: threadId }, query: {} })).members.map(({ userId }) => userId);
    const isFollowing = (who: Person, threadId: string) =>
      mine(who, threadId).then(
        () => true,
        () => false,
      );

    test('P-HELD-6 nobody learns that its author is there until it is said', async () => {
      const there = await guarded(server);
      const { owner, member, other, moderator } = there;
      const { about, threadId, at } = await threadOf(there);
      const watching = await Promise.all([owner, other, moderator].map((person) => person.connect()));
      const clientId = randomUUID();
      const held = await expectConverges(threadId, [owner, other], () => member.say(threadId, 'an answer', clientId));
      expect(held).toMatchObject({ status: 'pending', roomId: threadId });
      expect(await member.say(threadId, 'an answer', clientId)).toEqual(held);
      await heard(server, ...watching);
      const looked = async (by: Person) => [
        await by.call('room', at),
        await by.call('members', { ...at, query: {} }),
        await by.call('changes', { ...at, query: { since: '0' } }),
      ];
      for (const by of [owner, other]) expect(JSON.stringify(await looked(by))).not.toContain(member.id);
      const told = watching.flatMap(({ events }) => events.filter(({ event }) => event !== 'moderation'));
      expect(JSON.stringify(told)).not.toContain(member.id);
      expect((await other.call('room', at)).room.memberCount).toBe(2);
      expect((await owner.call('message', on(about))).message.thread).toMatchObject({ count: 0 });
      for (const where of [there.roomId, threadId, undefined]) expect(await queue(moderator, where)).toEqual([held]);

      const own = await member.connect();
      const said = await expectConverges(threadId, [owner, other], () => approve(moderator, held));
      expect(said).toMatchObject({ n: 1 });
      await own.until(({ event, payload }) => event === 'member' && JSON.stringify(payload).includes(threadId));
      expect((await followers(other, threadId)).toSorted()).toEqual([owner.id, other.id, member.id].toSorted());
      expect(await mine(member, threadId)).toEqual([]);
      expect((await owner.call('message', on(about))).message.thread).toMatchObject({ count: 1 });
    });

    test('P-HELD-6 its author sees it on opening the thread, may take it back, and is told why it is not said', async () => {
      const there = await guarded(server);
      const { member, other, moderator } = there;
      const { about, threadId } = await threadOf(there);
      const own = await member.connect();
      const [first, second, third] = [
        await member.say(threadId, 'first'),
        await member.say(threadId, 'second'),
        await member.say(threadId, 'third'),
      ];
      await drop(member, second);
      await reject(moderator, third, 'Off topic');
      await own.until(({ event, payload }) => event === 'notice' && JSON.stringify(payload).includes('Off topic'));
      expect(await followers(other, threadId)).not.toContain(member.id);
      expect(await isFollowing(member, threadId)).toBe(false);
      const { me } = await member.call('openThread', on(about));
      expect(me.held).toEqual([first, { ...third, status: 'rejected', reason: 'Off topic' }]);
      // As those are held that come from then on.
      const fourth = await member.say(threadId, 'fourth');
      expect((await mine(member, threadId)).at(-1)).toEqual(fourth);
    });

    test('of which some is said at once its author follows it; who stopped following, or left the room, is not made to', async () => {
      const there = await guarded(server);
      const { owner, member, moderator, roomId } = there;
      const { threadId } = await threadOf(there);
      await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['links'] } });
      const [held, said] = await Promise.all([member.say(threadId, 'https://a.example'), member.say(threadId, 'said')]);
      expect([held.status, said.n]).toEqual(['pending', 1]);
      expect(await mine(member, threadId)).toEqual([held]);
      // Who stopped gets what they retry answered, and not a second one.
      const clientId = randomUUID();
      const waiting = await member.say(threadId, 'https://b.example', clientId);
      await member.call('removeMember', { params: { roomId: threadId, userId: member.id } });
      expect(await member.say(threadId, 'https://b.example', clientId)).toEqual(waiting);
      expect(await approve(moderator, waiting)).toMatchObject({ n: 2 });
      expect(await isFollowing(member, threadId)).toBe(false);
      // Who writes again afterwards follows again.
      const again = await member.say(threadId, 'https://c.example');
      expect(await isFollowing(member, threadId)).toBe(false);
      await approve(moderator, again);
      expect(await isFollowing(member, threadId)).toBe(true);

      const other = await threadOf(there);
      const last = await member.say(other.threadId, 'https://d.example');
      await member.call('removeMember', { params: { roomId, userId: member.id } });
      expect(await approve(moderator, last)).toMatchObject({ n: 1 });
      expect(await followers(owner, other.threadId)).not.toContain(member.id);
    });
  });

  test('may be a poll or a forward; an edit cannot wait and is refused', async () => {
    const { owner, member, other, roomId } = await guarded(server);
    const { id } = await owner.say(roomId, 'wise words');
    const send = (body: object) =>
      member.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), ...body } });
    const poll = await send({ poll: { question: 'Tea?', options: ['Yes', 'No'] } });
    const forward = await send({ forward: { roomId, messageId: id } });
    expect([poll.status, forward.status]).toEqual(['pending', 'pending']);
    await approve(owner, poll);
    await approve(owner, forward);
    await other.call('vote', { ...on(poll), body: { options: [1] } });
    expect((await owner.call('message', on(poll))).message.poll).toMatchObject({ voters: 1 });
    expect((await owner.call('message', on(forward))).message.forwarded).toMatchObject({ senderId: owner.id });
    await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['links'] } });
    const said = await member.say(roomId, 'no link');
    await member.call('editMessage', { ...on(said), body: { body: 'still none' } });
    await expect(
      member.call('editMessage', { ...on(said), body: { body: 'see https://example.org' } }),
    ).rejects.toMatchObject({ body: { code: 'message_rejected', details: { reason: expect.any(String) } } });
    expect((await owner.call('message', on(said))).message.body).toBe('still none');
  });

  test('is put before moderators in pages without gap or repeat, the oldest first, of all they moderate', async () => {
    const [one, two] = [await guarded(server), await guarded(server, 'public')];
    await one.owner.call('addMembers', { params: { roomId: one.roomId }, body: { userIds: [two.owner.id] } });
    await appoint(one, two.owner);
    const held: Message[] = [];
    for (const there of [one, two, one, two, one]) held.push(await there.member.say(there.roomId, `${held.length}`));
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await two.owner.call('held', { query: { limit: '2', ...(cursor ? { cursor } : {}) } });
      seen.push(...page.messages.map(({ message }) => message.id));
      for (const { message } of page.messages) {
        expect(page.rooms.map(({ id }) => id)).toContain(message.roomId);
        expect(page.users.map(({ id }) => id)).toContain(message.senderId);
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(held.map(({ id }) => id));
    expect(await queue(one.moderator)).toHaveLength(3);
    // An office counts in public rooms, and in no group.
    const officer = await server.person('officer', 'moderator');
    const theirs = (await queue(officer)).map(({ roomId }) => roomId);
    expect(theirs).toContain(two.roomId);
    expect(theirs).not.toContain(one.roomId);
    const [, inPublic] = held;
    if (inPublic === undefined) throw new Error('nothing waits');
    expect((await approve(officer, inPublic)).n).toBeGreaterThan(0);
    await expect(two.owner.call('held', { query: { cursor: 'nonsense' } })).rejects.toMatchObject(
      refusedWith('bad_input'),
    );
  });
});
