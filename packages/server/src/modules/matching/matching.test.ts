import { randomUUID } from 'node:crypto';
import type { MatchState } from '@confab/protocol';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Connected, Person } from '../../../test/person.ts';
import { refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { last, match, partner, ready, told } from '../../../test/strangers.ts';
import { FakeClock } from '../../platform/clock.ts';
import { INTEREST_MS, LANGUAGE_MS } from './matcher.ts';

const clock = new FakeClock();
let server: TestServer;
let db: pg.Pool;
beforeAll(async () => {
  server = await startServer({}, { clock });
  db = new pg.Pool({ connectionString: server.databaseUrl, max: 1 });
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

interface Stranger {
  person: Person;
  at: Connected;
}
let present: Stranger[] = [];
// Nobody is left for the next test to meet.
afterEach(async () => {
  await Promise.all(present.map(async ({ person }) => (await person.connect()).ask('match:stop', {})));
  present = [];
});

async function stranger(role: 'guest' | 'user' = 'guest'): Promise<Stranger> {
  const one = await ready(await server.person('stranger', role));
  present.push(one);
  return one;
}
const strangers = (count: number, role?: 'guest' | 'user') =>
  Promise.all(Array.from({ length: count }, () => stranger(role)));
async function two(role?: 'guest' | 'user'): Promise<[Stranger, Stranger]> {
  return [await stranger(role), await stranger(role)];
}
const find = ({ at }: Stranger, wishes: Parameters<typeof at.ask<'match:find'>>[1] = {}) =>
  at.ask('match:find', wishes);
const stateOf = ({ at }: Stranger) => at.ask('match:state', {});
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'ok',
    (error: { body: { code: string } }) => error.body.code,
  );

/** Lets rounds go by until it is so. */
const until = (test: () => boolean | Promise<boolean>, step = 250) =>
  expect
    .poll(
      async () => {
        await clock.advance(step);
        return test();
      },
      { interval: 5 },
    )
    .toBe(true);

/** Lets one round at least go by for everyone: two who want only each other come, and meet. */
async function aRound(): Promise<void> {
  const [a, b] = await two();
  const wishes = { languages: ['eo'], interests: [randomUUID().slice(0, 30)] };
  await Promise.all([find(a, wishes), find(b, wishes)]);
  await until(() => partner(a.at) === b.person.id && partner(b.at) === a.person.id);
  await Promise.all([a.at.ask('match:stop', {}), b.at.ask('match:stop', {})]);
}

/** Two in a match. */
async function couple(role?: 'guest' | 'user'): Promise<[Stranger, Stranger, roomId: string]> {
  const [a, b] = await two(role);
  await Promise.all([find(a), find(b)]);
  await until(() => partner(a.at) === b.person.id && partner(b.at) === a.person.id);
  return [a, b, match(a.at).roomId];
}
const ended = ({ at }: Stranger) =>
  at.until(
    ({ event, payload }: { event: string; payload: MatchState }) => event === 'match' && payload.state === 'ended',
  );
const write = ({ at }: Stranger, roomId: string) =>
  at.ask('message:send', { roomId, clientId: randomUUID(), body: 'Hello' });

describe('meeting', () => {
  test('two who look find each other, in a private room where both write and nobody else comes', async () => {
    const [a, b, outsider] = await strangers(3);
    if (a === undefined || b === undefined || outsider === undefined) throw new Error('nobody');
    const wishes = { languages: ['de-AT'], interests: ['Chess', 'tea'] };
    const since = clock.now();
    expect(await find(a, wishes)).toEqual({ state: 'waiting', since });
    expect(await stateOf(a)).toEqual({ state: 'waiting', since });
    await find(b, { languages: ['fr', 'de'], interests: ['chess'] });
    await until(() => partner(a.at) !== null && partner(b.at) !== null);
    const { roomId } = match(a.at);
    expect(match(a.at)).toMatchObject({ user: { id: b.person.id, role: 'guest' }, common: ['de', 'chess'] });
    expect(match(b.at)).toMatchObject({ roomId, user: { id: a.person.id } });
    expect(await stateOf(a)).toEqual(match(a.at));
    const { room, members } = await a.person.call('room', { params: { roomId } });
    expect(room).toMatchObject({ kind: 'match', name: null, memberCount: 2, createdBy: null, archivedAt: null });
    const seats = new Map(members?.map(({ userId, role }) => [userId, role]));
    expect(seats).toEqual(new Map([a, b].map(({ person }) => [person.id, 'member'])));
    await write(a, roomId);
    await write(b, roomId);
    expect(await codeOf(write(outsider, roomId))).toBe('not_found');
    expect(await codeOf(outsider.at.ask('room:join', { roomId }))).toBe('not_found');
  });

  test('whoever has not confirmed their age is told so first, and does not wait', async () => {
    const person = await server.person('young', 'guest');
    const at = await person.connect();
    await expect(at.ask('match:find', {})).rejects.toMatchObject(refusedWith('age_confirmation_required'));
    await expect(at.ask('match:next', {})).rejects.toMatchObject(refusedWith('age_confirmation_required'));
    expect(await at.ask('match:state', {})).toEqual({ state: 'idle' });
    expect(await at.ask('match:stop', {})).toEqual({ state: 'idle' });
  });

  test('whoever is silenced does not meet anybody: not when they ask, not while they wait, not any more', async () => {
    const [a, b] = await couple();
    const waits = await stranger();
    await find(waits, { languages: ['fi'] });
    const silenced = [a.person.id, waits.person.id];
    await db.query('INSERT INTO safety.silences SELECT unnest($1::uuid[]), NULL', [silenced]);
    await until(() => last(b.at)?.state === 'ended' && [a, waits].every(({ at }) => last(at)?.state === 'idle'));
    expect(last(b.at)).toMatchObject({ state: 'ended', reason: 'moderated' });
    expect(last(a.at)).toEqual({ state: 'idle' });
    await expect(find(a)).rejects.toMatchObject(refusedWith('silenced'));
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('silenced'));
    await db.query('DELETE FROM safety.silences');
  });

  test('guests meet members only if those choose so', async () => {
    const [guest, shy, open] = [await stranger(), await stranger('user'), await stranger('user')];
    await find(guest);
    await find(shy);
    await clock.advance(LANGUAGE_MS);
    await aRound();
    expect([await stateOf(guest), await stateOf(shy)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    await open.at.ask('match:find', { meetGuests: true });
    await until(() => partner(open.at) !== null);
    // Who waits longest goes first.
    expect(partner(open.at)).toBe(guest.person.id);
  });

  test('a common interest is insisted on for five seconds, a common language for fifteen', async () => {
    const [a, b, c] = await strangers(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('nobody');
    await find(a, { languages: ['de'], interests: ['chess'] });
    await find(b, { languages: ['de'], interests: ['tea'] });
    await find(c, { languages: ['fr'], interests: ['tea'] });
    await aRound();
    expect([partner(a.at), partner(b.at), partner(c.at)]).toEqual([null, null, null]);
    await clock.advance(INTEREST_MS);
    await until(() => partner(a.at) === b.person.id);
    expect(match(b.at).common).toEqual(['de']);
    await b.at.ask('match:next', {});
    await clock.advance(LANGUAGE_MS);
    await until(() => partner(b.at) === c.person.id);
    expect(match(b.at).common).toEqual(['tea']);
  });

  test('a person waits once and is in one match, whatever devices they have; all are told', async () => {
    const [a, b] = await two();
    const devices = [a.at, await a.person.connect(), await a.person.connect()];
    const asked = await Promise.all(devices.map((at) => at.ask('match:find', { languages: ['de'] })));
    expect(new Set(asked.map((state) => JSON.stringify(state))).size).toBe(1);
    await find(b, { languages: ['de'] });
    await until(() => devices.every((at) => partner(at) === b.person.id));
    expect(new Set(devices.map((at) => match(at).roomId)).size).toBe(1);
    await devices[1]?.ask('match:stop', {});
    await until(() => devices.every((at) => last(at)?.state === 'idle') && last(b.at)?.state === 'ended');
  });

  test('of 50 finds at once by one person comes one match', async () => {
    const [a, b] = await two();
    await Promise.all(Array.from({ length: 50 }, () => find(a)));
    await find(b);
    await until(() => partner(a.at) === b.person.id);
    await aRound();
    expect(told(a.at).filter(({ state }) => state === 'matched')).toHaveLength(1);
    const { rows } = await db.query('SELECT 1 FROM chat.members WHERE user_id = $1', [a.person.id]);
    expect(rows).toHaveLength(1);
  });
});

describe('parting', () => {
  test.each(['match:stop', 'match:next', 'match:find'] as const)(
    'after %s the other is told, and nothing is written any more',
    async (event) => {
      const [a, b, roomId] = await couple();
      await a.at.ask(event, {});
      await ended(b);
      expect(last(b.at)).toEqual({ state: 'ended', roomId, reason: 'left' });
      expect(await stateOf(b)).toEqual(last(b.at));
      expect(await codeOf(write(b, roomId))).toBe('room_archived');
      expect(await codeOf(write(a, roomId))).toBe('not_found');
      expect((await stateOf(a)).state).toBe(event === 'match:stop' ? 'idle' : 'waiting');
      const { room } = await b.person.call('room', { params: { roomId } });
      expect(room).toMatchObject({ archivedAt: clock.now(), memberCount: 1 });
      expect(await b.at.ask('match:stop', {})).toEqual({ state: 'idle' });
      expect(await codeOf(b.person.call('room', { params: { roomId } }))).toBe('not_found');
    },
  );

  test('whoever leaves the room has left the match', async () => {
    const [a, b, roomId] = await couple();
    const { person } = a;
    await expectConverges(roomId, [b.person], () =>
      person.call('removeMember', { params: { roomId, userId: person.id } }),
    );
    await ended(b);
    expect([await stateOf(a), await stateOf(b)]).toMatchObject([{ state: 'idle' }, { state: 'ended', reason: 'left' }]);
    expect(await codeOf(b.person.call('removeMember', { params: { roomId, userId: a.person.id } }))).toBe('not_found');
  });

  test('neither of the two moderates the other, nor changes, nor extends the room', async () => {
    const [a, b, roomId] = await couple('user');
    const params = { roomId, userId: b.person.id };
    const third = await server.person();
    const refused = await Promise.all([
      codeOf(a.person.call('removeMember', { params })),
      codeOf(a.person.call('updateMember', { params, body: { role: 'moderator' } })),
      codeOf(a.person.call('addMembers', { params, body: { userIds: [third.id] } })),
      codeOf(a.person.call('updateRoom', { params, body: { topic: 'Mine' } })),
      codeOf(a.person.call('deleteRoom', { params })),
      codeOf(a.person.call('createInvite', { params, body: {} })),
    ]);
    expect(new Set(refused)).toEqual(new Set(['forbidden']));
    expect(await codeOf(third.call('joinRoom', { params }))).toBe('not_found');
    const [moderator, owner] = [await server.person('mod', 'moderator'), await server.person('owner', 'owner')];
    for (const official of [moderator, owner]) {
      expect(await codeOf(official.call('messages', { params, query: {} }))).toBe('not_found');
    }
  });

  test('both may leave at once', async () => {
    const [a, b, roomId] = await couple();
    expect(await Promise.all([a.at.ask('match:stop', {}), b.at.ask('match:stop', {})])).toEqual([
      { state: 'idle' },
      { state: 'idle' },
    ]);
    expect([await stateOf(a), await stateOf(b)]).toEqual([{ state: 'idle' }, { state: 'idle' }]);
    const { rows } = await db.query('SELECT member_count, archived_at FROM chat.rooms WHERE room_id = $1', [roomId]);
    expect(rows).toEqual([{ member_count: 0, archived_at: expect.any(Date) as Date }]);
  });

  test('match:next without anything to leave is refused', async () => {
    const a = await stranger();
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('not_found'));
    await find(a);
    const waiting = await stateOf(a);
    expect(await a.at.ask('match:next', {})).toEqual(waiting);
    await a.at.ask('match:stop', {});
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('match:next looks with the same wishes', async () => {
    const [a, b] = await couple();
    await find(a, { languages: ['is'], interests: ['geysers'], meetGuests: true });
    await find(b, { languages: ['is'], interests: ['geysers'] });
    await a.at.ask('match:stop', {});
    const c = await stranger('user');
    await find(c, { languages: ['is'], interests: ['geysers'], meetGuests: true });
    await until(() => partner(c.at) === b.person.id);
    await c.at.ask('match:next', {});
    const d = await stranger();
    await find(d, { languages: ['is'], interests: ['geysers'] });
    await until(() => partner(c.at) === d.person.id);
    expect(match(d.at).common).toEqual(['is', 'geysers']);
  });

  test('rooms that both have left are deleted later, others stay', async () => {
    const [a, b, gone] = await couple();
    const [c, d, half] = await couple();
    const [, , open] = await couple();
    for (const { at } of [a, b, c]) await at.ask('match:stop', {});
    await ended(d);
    await clock.advance(600_000);
    await server.runDueTasks();
    const { rows } = await db.query<{ room_id: string; deleted: boolean }>(
      'SELECT room_id, deleted_at IS NOT NULL AS deleted FROM chat.rooms WHERE room_id = ANY($1::uuid[])',
      [[gone, half, open]],
    );
    expect(new Map(rows.map((row) => [row.room_id, row.deleted]))).toEqual(
      new Map([
        [gone, true],
        [half, false],
        [open, false],
      ]),
    );
  });
});

describe('people who do not meet', () => {
  /** Both look, for as long as it takes to take anybody, and some rounds go by. */
  async function look(a: Stranger, b: Stranger): Promise<void> {
    await Promise.all([find(a), find(b)]);
    await clock.advance(LANGUAGE_MS);
    await aRound();
  }

  test.each(['the one who looks first', 'the other'])('blocked by %s', async (who) => {
    const [a, b] = await two();
    const [by, whom] = who === 'the other' ? [b, a] : [a, b];
    await by.person.call('block', { body: { userId: whom.person.id } });
    await look(a, b);
    expect([await stateOf(a), await stateOf(b)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    const c = await stranger();
    await find(c);
    await until(() => partner(c.at) !== null);
  });

  test('blocking ends the match they are in', async () => {
    const [a, b, roomId] = await couple();
    await a.person.call('block', { body: { userId: b.person.id } });
    await ended(b);
    expect([await stateOf(a), await stateOf(b)]).toEqual([
      { state: 'idle' },
      { state: 'ended', roomId, reason: 'left' },
    ]);
    await look(a, b);
    expect(partner(a.at)).toBeNull();
  });

  test.each([true, false])('a report ends the match if it blocks (%s); the two meet no more', async (block) => {
    const [a, b, roomId] = await couple();
    const body = { target: { type: 'user' as const, userId: b.person.id }, category: 'harassment' as const, block };
    await a.person.call('report', { body });
    if (block) await ended(b);
    else expect((await stateOf(b)).state).toBe('matched');
    await a.at.ask('match:stop', {});
    await ended(b);
    expect(await codeOf(write(b, roomId))).toBe('room_archived');
    await a.person.call('unblock', { params: { userId: b.person.id } });
    await db.query('DELETE FROM chat.meetings');
    await look(b, a);
    expect([partner(a.at), partner(b.at)]).toEqual([null, null]);
  });

  test('blocking somebody else ends nothing', async () => {
    const [a, b] = await couple();
    const c = await stranger();
    await a.person.call('block', { body: { userId: c.person.id } });
    await a.person.call('unblock', { params: { userId: c.person.id } });
    expect((await stateOf(b)).state).toBe('matched');
  });

  test('who met within the hour does not meet again; who met within the day, once they take anybody', async () => {
    const wishes = { languages: ['is'], interests: ['lava'] };
    const [a, b] = await couple();
    const metAgo = (ms: number) =>
      db.query('UPDATE chat.meetings SET met_at = $2 WHERE low = $1 OR high = $1', [
        a.person.id,
        new Date(clock.now() - ms),
      ]);
    const apart = () => Promise.all([a, b].map(({ at }) => at.ask('match:stop', {})));
    await apart();
    await look(a, b);
    expect([partner(a.at), partner(b.at)]).toEqual([null, null]);
    await apart();

    await metAgo(3_600_000);
    await Promise.all([find(a, wishes), find(b, wishes)]);
    await aRound();
    expect([partner(a.at), partner(b.at)]).toEqual([null, null]);
    await clock.advance(LANGUAGE_MS);
    await until(() => partner(a.at) === b.person.id);
    await apart();

    await metAgo(24 * 3_600_000);
    const since = clock.now();
    await Promise.all([find(a, wishes), find(b, wishes)]);
    await until(() => partner(a.at) === b.person.id);
    expect(clock.now() - since).toBeLessThan(LANGUAGE_MS);
  });

  test('whoever deletes their account is out at once, and the other is told', async () => {
    const [a, b, roomId] = await couple('user');
    await a.person.call('deleteAccount', { body: { username: a.person.signedIn.user.username } });
    await ended(b);
    expect(last(b.at)).toEqual({ state: 'ended', roomId, reason: 'left' });
    await server.runDueJobs();
    const { rows } = await db.query('SELECT 1 FROM chat.meetings WHERE low = $1 OR high = $1', [a.person.id]);
    expect(rows).toEqual([]);
    present = present.filter((one) => one !== a);
  });

  test('whoever is banned is out at once, and the other is told', async () => {
    const [a, b] = await couple('user');
    const owner = await server.person('owner', 'owner');
    await owner.call('ban', { params: { userId: a.person.id }, body: { reason: 'Spam', until: null } });
    await ended(b);
    expect(last(b.at)).toMatchObject({ state: 'ended', reason: 'moderated' });
    present = present.filter((one) => one !== a);
  });
});

describe('people who vanish', () => {
  const left = async (one: Stranger) => {
    const { rows } = await db.query('SELECT 1 FROM chat.seekers WHERE user_id = $1', [one.person.id]);
    return rows.length === 0;
  };

  test('wait no more after 15 seconds without a connection', async () => {
    const a = await stranger();
    await find(a);
    a.at.socket.disconnect();
    await until(() => left(a), 5000);
    const b = await stranger();
    await find(b);
    await aRound();
    expect(partner(b.at)).toBeNull();
  });

  test('are given to nobody meanwhile', async () => {
    const [a, b] = await two();
    await find(a, { languages: ['de'] });
    a.at.socket.disconnect();
    await find(b, { languages: ['de'] });
    await aRound();
    expect(partner(b.at)).toBeNull();
    const back = await a.person.connect();
    expect(await back.ask('match:state', {})).toMatchObject({ state: 'waiting' });
    await until(() => partner(b.at) === a.person.id);
  });

  test('stay in their match over a short cut', async () => {
    const [a, b] = await couple();
    a.at.socket.disconnect();
    await clock.advance(30_000);
    await aRound();
    const back = await a.person.connect();
    expect(await back.ask('match:state', {})).toMatchObject({ state: 'matched', user: { id: b.person.id } });
    await clock.advance(60_000);
    await aRound();
    expect((await stateOf(b)).state).toBe('matched');
  });

  test('leave their match after a minute, and the other is told', async () => {
    const [a, b] = await couple();
    a.at.socket.disconnect();
    await until(() => last(b.at)?.state === 'ended', 5000);
    expect(last(b.at)).toMatchObject({ reason: 'idle' });
    expect(await left(a)).toBe(true);
  });
});

test('whatever many do at once, everyone is in one match at most, with somebody who is in the same', async () => {
  const people = await strangers(16);
  let seed = 42;
  const draw = (n: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 16) % n;
  };
  for (let i = 0; i < 25; i += 1) {
    const deeds = people.map(async (one) => {
      const event = (['match:find', 'match:find', 'match:next', 'match:stop', null] as const)[draw(5)];
      if (event !== null && event !== undefined) await codeOf(one.at.ask(event, {}));
    });
    // Each may meet each again.
    await Promise.all([...deeds, clock.advance(250), db.query('DELETE FROM chat.meetings')]);
  }
  await aRound();
  const states = new Map(await Promise.all(people.map(async (one) => [one.person.id, await stateOf(one)] as const)));
  for (const [userId, state] of states) {
    if (state.state !== 'matched') continue;
    expect(states.get(state.user.id)).toMatchObject({ state: 'matched', roomId: state.roomId, user: { id: userId } });
  }
  const { rows } = await db.query(
    `SELECT user_id FROM chat.members JOIN chat.rooms USING (room_id)
     WHERE kind = 'match' AND archived_at IS NULL AND left_at IS NULL GROUP BY user_id HAVING count(*) > 1`,
  );
  expect(rows).toEqual([]);
  // Nobody is left waiting while there is somebody else to meet.
  await db.query('DELETE FROM chat.meetings');
  await Promise.all(people.map((one) => find(one)));
  await until(() => people.every(({ at }) => partner(at) !== null));
});

test('a guest who becomes a member while they wait is a member in the queue from then on', async () => {
  const [guest, member] = [await stranger('guest'), await stranger('user')];
  const wishes = { languages: ['is'], interests: ['upgrades'] };
  await find(guest, wishes);
  await find(member, { ...wishes, meetGuests: false });
  await aRound();
  expect((await stateOf(member)).state).toBe('waiting');
  const username = `upgraded${randomUUID().slice(0, 8)}`;
  const body = { email: `${username}@example.com`, password: 'a good password', username, name: 'Ann' };
  await guest.person.call('upgradeGuest', { body });
  await until(() => partner(member.at) === guest.person.id);
});
