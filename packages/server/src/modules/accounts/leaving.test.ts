import { randomUUID } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { rest } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, type Person, signIn } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

let server: TestServer;
let clock: FakeClock;
let database: pg.Client;
beforeAll(async () => {
  clock = new FakeClock();
  server = await startServer({ DATABASE_POOL: '6' }, { clock });
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await server.stop();
});

const username = (person: Person) => person.signedIn.user.username;
const refused = (code: string) => ({ body: { code } });

async function found(by: Person, q: string): Promise<string[]> {
  return (await by.call('findUsers', { query: { q } })).users.map((user) => user.id);
}

function signInAgain(person: Person) {
  return signIn(server.url, { email: `${username(person)}@example.com`, password: 'a good password' });
}

async function direct(from: Person, to: Person) {
  return (await from.call('directRoom', { body: { userId: to.id } })).room.id;
}

describe('who may begin a direct conversation', () => {
  const only = (person: Person, directFrom: 'everyone' | 'shared_rooms' | 'nobody') =>
    person.call('updateSettings', { body: { privacy: { directFrom } } });

  test('nobody: refused to everyone else, but for rooms that are there already', async () => {
    const [shy, known, stranger] = [await server.person(), await server.person(), await server.person()];
    const roomId = await direct(known, shy);
    await only(shy, 'nobody');
    await expect(direct(stranger, shy)).rejects.toMatchObject(refused('forbidden'));
    expect(await direct(known, shy)).toBe(roomId);
    await known.say(roomId, 'still here');
    // They may begin one themself, and are answered in it.
    const own = await direct(shy, stranger);
    await stranger.say(own, 'hello');
    expect(await direct(stranger, shy)).toBe(own);
  });

  test('people of shared rooms: of groups and public rooms both are in now', async () => {
    const [shy, member, stranger] = [await server.person(), await server.person(), await server.person()];
    await only(shy, 'shared_rooms');
    await expect(direct(member, shy)).rejects.toMatchObject(refused('forbidden'));
    const { room } = await shy.call('createRoom', { body: { name: 'Shared', memberIds: [member.id, stranger.id] } });
    await stranger.call('removeMember', { params: { roomId: room.id, userId: stranger.id } });
    await expect(direct(stranger, shy)).rejects.toMatchObject(refused('forbidden'));
    await direct(member, shy);
    await only(shy, 'everyone');
    await direct(stranger, shy);
  });
});

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
    expect(await found(other, username(person))).toEqual([]);
    // Nor do they take a place among those who are looked through.
    const terms = await database.query('select from accounts.search_terms where user_id = $1', [person.id]);
    expect(terms.rows).toEqual([]);
    expect(await other.call('user', { params: { userId: person.id } })).toMatchObject({ username: username(person) });
    const { messages } = await other.call('messages', { params: { roomId }, query: {} });
    expect(messages.map(({ senderId, body }) => ({ senderId, body }))).toContainEqual({
      senderId: person.id,
      body: 'I was here',
    });
    await signInAgain(person);
    expect(await found(other, username(person))).toEqual([person.id]);
  });
});

describe('deleting an account', () => {
  test('only with the own username', async () => {
    const [person, other] = [await server.person(), await server.person()];
    for (const wrong of [username(other), 'nobody.of.this.name']) {
      await expect(person.call('deleteAccount', { body: { username: wrong } })).rejects.toMatchObject(
        refused('bad_input'),
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

    await person.call('deleteAccount', { body: { username: username(person) } });
    await cut;
    await expect(person.call('profile', {})).rejects.toMatchObject({ status: 401 });
    await expect(signInAgain(person)).rejects.toMatchObject(refused('invalid_credentials'));
    await server.runDueJobs();

    const nobody = await other.call('user', { params: { userId: person.id } });
    expect(nobody).toMatchObject({ name: 'Deleted account', bio: '', role: 'user' });
    for (const q of [username(person), 'liv', 'Deleted account', 'deleted', nobody.username]) {
      expect(await found(other, q)).not.toContain(person.id);
    }
    const { messages } = await other.call('messages', { params: { roomId }, query: {} });
    expect(messages).toContainEqual(expect.objectContaining({ senderId: person.id, body: 'remember me' }));
    const { members } = await other.call('members', { params: { roomId: room.id }, query: {} });
    expect(members.map(({ userId, role }) => ({ userId, role }))).toEqual([{ userId: other.id, role: 'owner' }]);
    // Nobody is brought together with someone who is gone.
    const stranger = await server.person();
    await expect(direct(stranger, person)).rejects.toMatchObject(refused('not_found'));
    await expect(
      other.call('addMembers', { params: { roomId: room.id }, body: { userIds: [person.id] } }),
    ).rejects.toMatchObject(refused('not_found'));

    const kept = await database.query<{ kept: string }>(
      `select u::text as kept from accounts.users u where id = $1
       union all select s::text from chat.scheduled s where user_id = $1
       union all select b::text from safety.blocks b where blocker_id = $1
       union all select s::text from accounts.sessions s where user_id = $1
       union all select d::text from accounts.push_devices d where user_id = $1
       union all select s::text from accounts.search_terms s where user_id = $1`,
      [person.id],
    );
    expect(kept.rows).toHaveLength(1);
    expect(kept.rows[0]?.kept).not.toMatch(/leaver|example\.com|Secret|argon2/i);
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
    await person.call('deleteAccount', { body: { username: username(person) } });
    await server.runDueJobs();
    const { rows } = await database.query(
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
    await person.call('deleteAccount', { body: { username: username(person) } });
    await cut;
    await server.runDueJobs();
    await database.query('insert into chat.statuses (user_id, last_seen) values ($1, now()) on conflict do nothing', [
      person.id,
    ]);
    await clock.advance(10 * 60_000);
    await server.runDueJobs();
    const { rows } = await database.query('select from chat.statuses where user_id = $1', [person.id]);
    expect(rows).toEqual([]);
  });

  test('50 times at once is once', async () => {
    const person = await server.person();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => person.call('deleteAccount', { body: { username: username(person) } })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    const { rows } = await database.query(
      `select from accounts.audit_log where action = 'account.deleted' and actor_id = $1`,
      [person.id],
    );
    expect(rows).toHaveLength(1);
  });

  test('the last owner of the instance can neither close nor delete their account; of two at once one can', async () => {
    const [first, second] = [await server.person(), await server.person()];
    const makeOwner = (person: Person) =>
      database.query(`update accounts.users set role = 'owner' where id = $1`, [person.id]);
    await makeOwner(first);
    await expect(first.call('deactivate', {})).rejects.toMatchObject(refused('last_owner'));
    await expect(first.call('deleteAccount', { body: { username: username(first) } })).rejects.toMatchObject(
      refused('last_owner'),
    );
    await makeOwner(second);
    const leave = (person: Person) => person.call('deleteAccount', { body: { username: username(person) } });
    const outcomes = await Promise.allSettled([leave(first), leave(second)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await database.query(`update accounts.users set role = 'user' where role = 'owner'`);
  });

  test('closing, deleting and exporting ask for a proof that is not older than 10 minutes', async () => {
    const person = await server.person();
    await database.query(`update accounts.sessions set authenticated_at = $2 where user_id = $1`, [
      person.id,
      new Date(clock.now() - 10 * 60_000),
    ]);
    await expect(person.call('deactivate', {})).rejects.toMatchObject(refused('step_up_required'));
    await expect(person.call('deleteAccount', { body: { username: username(person) } })).rejects.toMatchObject(
      refused('step_up_required'),
    );
    expect((await download(person)).status).toBe(403);
  });
});

function download(person: Person, signal?: AbortSignal): Promise<Response> {
  return fetch(server.url + rest.exportData.path, {
    headers: { authorization: `Bearer ${person.signedIn.accessToken}` },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Once the server has noticed that an earlier one was given up. */
async function downloadOnceFree(person: Person, signal?: AbortSignal): Promise<Response> {
  for (;;) {
    const answer = await download(person, signal);
    if (answer.status !== 429) return answer;
    await answer.arrayBuffer();
  }
}

describe('the archive of one’s data', () => {
  test('holds everything of mine, nothing of others and no secret', async () => {
    const [me, other] = [await server.person('exports'), await server.person('someone')];
    await me.call('updateProfile', { body: { name: 'Ex Porter', bio: 'All mine' } });
    await me.call('updateSettings', { body: { chat: { clock: '24' } } });
    await me.call('addDevice', { body: { kind: 'fcm', token: 'token-of-my-telephone' } });
    await me.call('updatePreferences', { body: { shareReads: false } });
    const { room } = await me.call('createRoom', { body: { name: 'Roses', memberIds: [other.id] } });
    const params = { roomId: room.id };
    const mine = await me.say(room.id, 'first words');
    await me.call('editMessage', { params: { ...params, messageId: mine.id }, body: { body: 'better words' } });
    const gone = await me.say(room.id, 'regretted');
    await me.call('deleteMessage', { params: { ...params, messageId: gone.id } });
    const theirs = await other.say(room.id, 'words of another');
    await me.call('react', { params: { ...params, messageId: theirs.id }, body: { emoji: '🌹', on: true } });
    await me.call('star', { params: { ...params, messageId: theirs.id }, body: { on: true } });
    const later = { clientId: randomUUID(), body: 'not yet', sendAt: clock.now() + 86_400_000 };
    await me.call('schedule', { params, body: later });
    const blocked = await server.person();
    await me.call('block', { body: { userId: blocked.id } });
    const target = { type: 'user', userId: blocked.id } as const;
    const reported = await me.call('report', { body: { target, category: 'spam', note: 'rude' } });

    const moderator = await server.person('moderator', 'moderator');
    const body = { type: 'warn', userId: me.id, roomId: null, reason: 'Be kind' } as const;
    const warned = await moderator.call('sanction', { body });

    const answer = await download(me);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="confab-data.zip"');
    const files = unzip(Buffer.from(await answer.arrayBuffer()));
    expect(files['account/profile.json']).toMatchObject([
      { id: me.id, name: 'Ex Porter', bio: 'All mine', email: `${username(me)}@example.com` },
    ]);
    expect(files['account/settings.json']).toMatchObject([{ chat: { clock: '24' } }]);
    expect(files['account/devices.jsonl']).toMatchObject([{ kind: 'fcm' }]);
    expect(files['account/sessions.jsonl']).toMatchObject([{ method: 'sign_up' }]);
    expect(files['account/audit.jsonl']?.map((entry) => entry['action'])).toContain('account.exported');
    expect(files['rooms/memberships.jsonl']).toMatchObject([{ roomId: room.id, role: 'owner', starred: [theirs.id] }]);
    expect(files['rooms/preferences.json']).toEqual([{ shareReads: false, shareLastSeen: true }]);
    expect(files['messages/messages.jsonl']).toMatchObject([
      { id: mine.id, body: 'better words', earlier: [{ body: 'first words' }] },
    ]);
    expect(files['messages/reactions.jsonl']).toEqual([{ roomId: room.id, n: theirs.n, emoji: '🌹' }]);
    expect(files['messages/scheduled.jsonl']).toMatchObject([{ body: 'not yet' }]);
    expect(files['blocks.jsonl']).toEqual([{ userId: blocked.id }]);
    expect(files['safety/reports.jsonl']).toEqual([reported]);
    expect(files['safety/sanctions.jsonl']).toEqual([{ ...warned, by: null }]);
    expect(files['safety/notices.jsonl']).toMatchObject([{ type: 'warned', reason: 'Be kind', sanctionId: warned.id }]);
    const text = JSON.stringify(files);
    expect(text).not.toMatch(/words of another|token-of-my-telephone|argon2|regretted/);
    expect(text).not.toContain(me.signedIn.refreshToken);
  });

  test('holds what waits for approval, which goes with the account', async () => {
    const [me, owner] = [await server.person(), await server.person()];
    const { room } = await owner.call('createRoom', { body: { name: 'Guarded', memberIds: [me.id] } });
    const params = { roomId: room.id };
    await owner.call('moderateRoom', { params, body: { hold: ['all'] } });
    const held = await me.say(room.id, 'may I?');
    const files = unzip(Buffer.from(await (await download(me)).arrayBuffer()));
    expect(files['messages/held.jsonl']).toMatchObject([{ id: held.id, body: 'may I?', status: 'pending' }]);
    expect(JSON.stringify(files['messages/messages.jsonl'] ?? [])).not.toContain('may I?');
    const theirs = unzip(Buffer.from(await (await download(owner)).arrayBuffer()));
    expect(JSON.stringify(theirs)).not.toContain('may I?');
    await me.call('deleteAccount', { body: { username: username(me) } });
    await server.runDueJobs();
    expect((await owner.call('held', { query: params })).messages).toEqual([]);
    const kept = await database.query('select from chat.members where user_id = $1 and held <> $2', [me.id, '[]']);
    expect(kept.rows).toEqual([]);
  });

  test('is complete over many pages', async () => {
    const me = await server.person();
    const { room } = await me.call('createRoom', { body: { name: 'Long', memberIds: [] } });
    await fill(room.id, me.id, 1234, 10);
    const files = unzip(Buffer.from(await (await download(me)).arrayBuffer()));
    const numbers = files['messages/messages.jsonl']?.map((row) => row['n'] as number).toSorted((a, b) => a - b);
    const { rows } = await database.query<{ n: string }>(
      `select n from chat.messages where room_id = $1 and kind = 'text' order by n`,
      [room.id],
    );
    expect(numbers).toEqual(rows.map(({ n }) => Number(n)));
    expect(numbers).toHaveLength(1234);
  });

  test('clients that go away midway, more often than there are connections to the database, take none with them', async () => {
    const me = await server.person();
    const { room } = await me.call('createRoom', { body: { name: 'Large', memberIds: [] } });
    await fill(room.id, me.id, 2000, 6000);
    for (let i = 0; i < 20; i++) {
      const abort = new AbortController();
      const answer = await downloadOnceFree(me, abort.signal);
      await answer.body?.getReader().read();
      abort.abort();
    }
    const busy = async () => {
      const { rows } = await database.query<{ state: string }>(
        `select state from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name = 'confab'
           and state <> 'idle'`,
      );
      return rows;
    };
    await expect.poll(busy).toEqual([]);
    expect((await me.call('profile', {})).id).toBe(me.id);
    const answer = await downloadOnceFree(me);
    // While one is being made there is no other for the same person.
    expect((await download(me)).status).toBe(429);
    const files = unzip(Buffer.from(await answer.arrayBuffer()));
    expect(files['messages/messages.jsonl']).toHaveLength(2000);
  });
});

/** Messages of incompressible text, as if they had been sent. */
async function fill(roomId: string, senderId: string, count: number, characters: number): Promise<void> {
  await database.query(
    `insert into chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, created_at)
     select $1, gen_random_uuid(), 1000000 + i, 1000000 + i, $2, gen_random_uuid()::text, 'text',
       left((select string_agg(md5(i || '.' || j), '') from generate_series(0, $4 / 32) as j), $4), now()
     from generate_series(1, $3) as i`,
    [roomId, senderId, count, characters],
  );
}

/** The JSON lines of each file in an archive whose sizes are told after the data (APPNOTE 4.3.9, 4.3.12). */
function unzip(zip: Buffer): Record<string, Record<string, unknown>[]> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  const files: Record<string, Record<string, unknown>[]> = {};
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const size = zip.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const header = zip.readUInt32LE(at + 42);
    const data = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const text = inflateRawSync(zip.subarray(data, data + size)).toString('utf8');
    files[zip.subarray(at + 46, at + 46 + name).toString('utf8')] = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    at += 46 + name + extra + comment;
  }
  return files;
}
