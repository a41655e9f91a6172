/** Closing an account for a while, and deleting it for good. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download } from '../../../test/archive.ts';
import { call, type Person } from '../../../test/person.ts';
import { direct, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { FakeClock } from '../../platform/clock.ts';

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

async function found(by: Person, q: string): Promise<string[]> {
  return (await by.call('findUsers', { query: { q } })).users.map((user) => user.id);
}

describe('closing an account', () => {
  test('ends every session and socket, hides the person, and signing in opens it again', async () => {
    const [person, other] = [await server.person('closing'), await server.person()];
    const roomId = await direct(other, person);
    await person.say(roomId, 'I was here');
    const { socket } = await person.connect();
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    await person.call('deactivate', {});
    await cut;
    await expect(person.call('profile', {})).rejects.toMatchObject({ status: 401 });
    await expect(
      call(server.url, undefined, 'refresh', { body: { refreshToken: person.signedIn.refreshToken ?? '' } }),
    ).rejects.toMatchObject({ status: 401 });
    expect(await found(other, person.username)).toEqual([]);
    // Nor do they take a place among those who are looked through.
    const terms = await sql(server, 'select from accounts.search_terms where user_id = $1', [person.id]);
    expect(terms).toEqual([]);
    expect(await other.call('user', { params: { userId: person.id } })).toMatchObject({ username: person.username });
    const { messages } = await other.call('messages', { params: { roomId }, query: {} });
    expect(messages.map(({ senderId, body }) => ({ senderId, body }))).toContainEqual({
      senderId: person.id,
      body: 'I was here',
    });
    await person.signInAgain();
    expect(await found(other, person.username)).toEqual([person.id]);
  });
});

describe('deleting an account', () => {
  test('only with the own username', async () => {
    const [person, other] = [await server.person(), await server.person()];
    for (const wrong of [other.username, 'nobody.of.this.name']) {
      await expect(person.call('deleteAccount', { body: { username: wrong } })).rejects.toMatchObject(
        refusedWith('bad_input'),
      );
    }
    await person.call('profile', {});
  });

  test('leaves words without a name, and no way in; rooms go to others, direct rooms stay readable', async () => {
    const [person, other] = [await server.person('leaver'), await server.person()];
    await person.call('updateProfile', { body: { name: 'Liv Leaver', bio: 'Secret of mine' } });
    const roomId = await direct(other, person);
    await person.say(roomId, 'remember me');
    const { room } = await person.call('createRoom', { body: { name: 'Mine', memberIds: [other.id] } });
    const body = { clientId: randomUUID(), body: 'later', sendAt: clock.now() + 86_400_000 };
    await person.call('schedule', { params: { roomId: room.id }, body });
    await person.call('block', { body: { userId: (await server.person()).id } });
    const { socket } = await person.connect();
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));

    await person.call('deleteAccount', { body: { username: person.username } });
    await cut;
    await expect(person.call('profile', {})).rejects.toMatchObject({ status: 401 });
    await expect(person.signInAgain()).rejects.toMatchObject(refusedWith('invalid_credentials'));
    await server.runDueJobs();

    const nobody = await other.call('user', { params: { userId: person.id } });
    expect(nobody).toMatchObject({ name: 'Deleted account', bio: '', role: 'user' });
    for (const q of [person.username, 'liv', 'Deleted account', 'deleted', nobody.username]) {
      expect(await found(other, q)).not.toContain(person.id);
    }
    const { messages } = await other.call('messages', { params: { roomId }, query: {} });
    expect(messages).toContainEqual(expect.objectContaining({ senderId: person.id, body: 'remember me' }));
    const { members } = await other.call('members', { params: { roomId: room.id }, query: {} });
    expect(members.map(({ userId, role }) => ({ userId, role }))).toEqual([{ userId: other.id, role: 'owner' }]);
    // Nobody is brought together with someone who is gone.
    const stranger = await server.person();
    await expect(direct(stranger, person)).rejects.toMatchObject(refusedWith('not_found'));
    await expect(
      other.call('addMembers', { params: { roomId: room.id }, body: { userIds: [person.id] } }),
    ).rejects.toMatchObject(refusedWith('not_found'));

    const kept = await sql<{ kept: string }>(
      server,
      `select u::text as kept from accounts.users u where id = $1
       union all select s::text from chat.scheduled s where user_id = $1
       union all select b::text from safety.blocks b where blocker_id = $1
       union all select s::text from accounts.sessions s where user_id = $1
       union all select d::text from accounts.push_devices d where user_id = $1
       union all select s::text from accounts.search_terms s where user_id = $1`,
      [person.id],
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]?.kept).not.toMatch(/leaver|example\.com|Secret|argon2/i);
  });

  test('leaves nothing of what they alone saw of their rooms: stars, favourites and the like', async () => {
    const [person, other] = [await server.person(), await server.person()];
    const roomId = await direct(other, person);
    const { room } = await other.call('createRoom', { body: { name: 'Left', memberIds: [person.id] } });
    for (const id of [roomId, room.id]) {
      const said = await other.say(id, 'memorable');
      await person.call('star', { params: { roomId: id, messageId: said.id }, body: { on: true } });
      const settings = { favourite: true, notify: 'none', mutedUntil: clock.now() + 1000 } as const;
      await person.call('updateMe', { params: { roomId: id }, body: settings });
    }
    await person.call('deleteAccount', { body: { username: person.username } });
    await server.runDueJobs();
    const rows = await sql(
      server,
      'select starred, favourite, notify, muted_until as until from chat.members where user_id = $1',
      [person.id],
    );
    const nothing = { starred: [], favourite: false, notify: 'all', until: null };
    expect(rows).toEqual([nothing, nothing]);
  });

  test('leaves nothing of what is noted while it is under way, such as when they were last there', async () => {
    const person = await server.person();
    const { socket } = await person.connect();
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    await person.call('deleteAccount', { body: { username: person.username } });
    await cut;
    await server.runDueJobs();
    await sql(server, 'insert into chat.statuses (user_id, last_seen) values ($1, now()) on conflict do nothing', [
      person.id,
    ]);
    await clock.advance(10 * 60_000);
    await server.runDueJobs();
    const rows = await sql(server, 'select from chat.statuses where user_id = $1', [person.id]);
    expect(rows).toEqual([]);
  });

  test('50 times at once is once', async () => {
    const person = await server.person();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => person.call('deleteAccount', { body: { username: person.username } })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    const rows = await sql(
      server,
      `select from accounts.audit_log where action = 'account.deleted' and actor_id = $1`,
      [person.id],
    );
    expect(rows).toHaveLength(1);
  });

  test('the last owner of the instance can neither close nor delete their account; of two at once one can', async () => {
    const [first, second] = [await server.person(), await server.person()];
    const makeOwner = (person: Person) =>
      sql(server, `update accounts.users set role = 'owner' where id = $1`, [person.id]);
    await makeOwner(first);
    await expect(first.call('deactivate', {})).rejects.toMatchObject(refusedWith('last_owner'));
    await expect(first.call('deleteAccount', { body: { username: first.username } })).rejects.toMatchObject(
      refusedWith('last_owner'),
    );
    await makeOwner(second);
    const leave = (person: Person) => person.call('deleteAccount', { body: { username: person.username } });
    const outcomes = await Promise.allSettled([leave(first), leave(second)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await sql(server, `update accounts.users set role = 'user' where role = 'owner'`);
  });

  test('closing, deleting and exporting ask for a proof that is not older than 10 minutes', async () => {
    const person = await server.person();
    await sql(server, `update accounts.sessions set authenticated_at = $2 where user_id = $1`, [
      person.id,
      new Date(clock.now() - 10 * 60_000),
    ]);
    await expect(person.call('deactivate', {})).rejects.toMatchObject(refusedWith('step_up_required'));
    await expect(person.call('deleteAccount', { body: { username: person.username } })).rejects.toMatchObject(
      refusedWith('step_up_required'),
    );
    expect((await download(person)).status).toBe(403);
  });
});
