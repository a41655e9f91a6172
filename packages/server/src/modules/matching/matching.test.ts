/** Strangers who look for somebody: who meets whom, and who never does. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { outcome } from '../../../test/person.ts';
import { refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import {
  ended,
  find,
  last,
  Lobby,
  match,
  partner,
  stateOf,
  type Stranger,
  told,
  write,
} from '../../../test/strangers.ts';
import { FakeClock } from '../../platform/clock.ts';
import { INTEREST_MS, LANGUAGE_MS } from './matcher.ts';

const clock = new FakeClock();
let server: TestServer;
let lobby: Lobby;
beforeAll(async () => {
  server = await startServer({}, { clock });
  lobby = new Lobby(server, clock);
});
// Nobody is left for the next test to meet.
afterEach(() => lobby.empty());
afterAll(() => server.stop());

const strangers = (count: number) => Promise.all(Array.from({ length: count }, () => lobby.stranger()));

describe('meeting', () => {
  test('two who look find each other, in a private room where both write and nobody else comes', async () => {
    const [a, b, outsider] = await strangers(3);
    if (a === undefined || b === undefined || outsider === undefined) throw new Error('nobody');
    const wishes = { languages: ['de-AT'], interests: ['Chess', 'tea'] };
    const since = clock.now();
    expect(await find(a, wishes)).toEqual({ state: 'waiting', since });
    expect(await stateOf(a)).toEqual({ state: 'waiting', since });
    await find(b, { languages: ['fr', 'de'], interests: ['chess'] });
    await lobby.until(() => partner(a.at) !== null && partner(b.at) !== null);
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
    expect(await outcome(write(outsider, roomId))).toBe('not_found');
    expect(await outcome(outsider.at.ask('room:join', { roomId }))).toBe('not_found');
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
    const [a, b] = await lobby.couple();
    const waits = await lobby.stranger();
    await find(waits, { languages: ['fi'] });
    const silenced = [a.person.id, waits.person.id];
    await sql(server, 'INSERT INTO safety.silences SELECT unnest($1::uuid[]), NULL', [silenced]);
    await lobby.until(() => last(b.at)?.state === 'ended' && [a, waits].every(({ at }) => last(at)?.state === 'idle'));
    expect(last(b.at)).toMatchObject({ state: 'ended', reason: 'moderated' });
    expect(last(a.at)).toEqual({ state: 'idle' });
    await expect(find(a)).rejects.toMatchObject(refusedWith('silenced'));
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('silenced'));
    await sql(server, 'DELETE FROM safety.silences');
  });

  test('guests meet members only if those choose so', async () => {
    const [guest, shy, open] = [await lobby.stranger(), await lobby.stranger('user'), await lobby.stranger('user')];
    await find(guest);
    await find(shy);
    await clock.advance(LANGUAGE_MS);
    await lobby.aRound();
    expect([await stateOf(guest), await stateOf(shy)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    await open.at.ask('match:find', { meetGuests: true });
    await lobby.until(() => partner(open.at) !== null);
    // Who waits longest goes first.
    expect(partner(open.at)).toBe(guest.person.id);
  });

  test('a common interest is insisted on for five seconds, a common language for fifteen', async () => {
    const [a, b, c] = await strangers(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('nobody');
    await find(a, { languages: ['de'], interests: ['chess'] });
    await find(b, { languages: ['de'], interests: ['tea'] });
    await find(c, { languages: ['fr'], interests: ['tea'] });
    await lobby.aRound();
    expect([partner(a.at), partner(b.at), partner(c.at)]).toEqual([null, null, null]);
    await clock.advance(INTEREST_MS);
    await lobby.until(() => partner(a.at) === b.person.id);
    expect(match(b.at).common).toEqual(['de']);
    await b.at.ask('match:next', {});
    await clock.advance(LANGUAGE_MS);
    await lobby.until(() => partner(b.at) === c.person.id);
    expect(match(b.at).common).toEqual(['tea']);
  });

  test('a person waits once and is in one match, whatever devices they have; all are told', async () => {
    const [a, b] = await lobby.two();
    const devices = [a.at, await a.person.connect(), await a.person.connect()];
    const asked = await Promise.all(devices.map((at) => at.ask('match:find', { languages: ['de'] })));
    expect(new Set(asked.map((state) => JSON.stringify(state))).size).toBe(1);
    await find(b, { languages: ['de'] });
    await lobby.until(() => devices.every((at) => partner(at) === b.person.id));
    expect(new Set(devices.map((at) => match(at).roomId)).size).toBe(1);
    await devices[1]?.ask('match:stop', {});
    await lobby.until(() => devices.every((at) => last(at)?.state === 'idle') && last(b.at)?.state === 'ended');
  });

  test('of 50 finds at once by one person comes one match', async () => {
    const [a, b] = await lobby.two();
    await Promise.all(Array.from({ length: 50 }, () => find(a)));
    await find(b);
    await lobby.until(() => partner(a.at) === b.person.id);
    await lobby.aRound();
    expect(told(a.at).filter(({ state }) => state === 'matched')).toHaveLength(1);
    const rows = await sql(server, 'SELECT 1 FROM chat.members WHERE user_id = $1', [a.person.id]);
    expect(rows).toHaveLength(1);
  });
});

describe('people who do not meet', () => {
  /** Both look, for as long as it takes to take anybody, and some rounds go by. */
  async function look(a: Stranger, b: Stranger): Promise<void> {
    await Promise.all([find(a), find(b)]);
    await clock.advance(LANGUAGE_MS);
    await lobby.aRound();
  }

  test.each(['the one who looks first', 'the other'])('blocked by %s', async (who) => {
    const [a, b] = await lobby.two();
    const [by, whom] = who === 'the other' ? [b, a] : [a, b];
    await by.person.call('block', { body: { userId: whom.person.id } });
    await look(a, b);
    expect([await stateOf(a), await stateOf(b)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    const c = await lobby.stranger();
    await find(c);
    await lobby.until(() => partner(c.at) !== null);
  });

  test('blocking ends the match they are in', async () => {
    const [a, b, roomId] = await lobby.couple();
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
    const [a, b, roomId] = await lobby.couple();
    const body = { target: { type: 'user' as const, userId: b.person.id }, category: 'harassment' as const, block };
    await a.person.call('report', { body });
    if (block) await ended(b);
    else expect((await stateOf(b)).state).toBe('matched');
    await a.at.ask('match:stop', {});
    await ended(b);
    expect(await outcome(write(b, roomId))).toBe('room_archived');
    await a.person.call('unblock', { params: { userId: b.person.id } });
    await sql(server, 'DELETE FROM chat.meetings');
    await look(b, a);
    expect([partner(a.at), partner(b.at)]).toEqual([null, null]);
  });

  test('blocking somebody else ends nothing', async () => {
    const [a, b] = await lobby.couple();
    const c = await lobby.stranger();
    await a.person.call('block', { body: { userId: c.person.id } });
    await a.person.call('unblock', { params: { userId: c.person.id } });
    expect((await stateOf(b)).state).toBe('matched');
  });

  test('who met within the hour does not meet again; who met within the day, once they take anybody', async () => {
    const wishes = { languages: ['is'], interests: ['lava'] };
    const [a, b] = await lobby.couple();
    const metAgo = (ms: number) =>
      sql(server, 'UPDATE chat.meetings SET met_at = $2 WHERE low = $1 OR high = $1', [
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
    await lobby.aRound();
    expect([partner(a.at), partner(b.at)]).toEqual([null, null]);
    await clock.advance(LANGUAGE_MS);
    await lobby.until(() => partner(a.at) === b.person.id);
    await apart();

    await metAgo(24 * 3_600_000);
    const since = clock.now();
    await Promise.all([find(a, wishes), find(b, wishes)]);
    await lobby.until(() => partner(a.at) === b.person.id);
    expect(clock.now() - since).toBeLessThan(LANGUAGE_MS);
  });

  test('whoever deletes their account is out at once, and the other is told', async () => {
    const [a, b, roomId] = await lobby.couple('user');
    await a.person.call('deleteAccount', { body: { username: a.person.signedIn.user.username } });
    await ended(b);
    expect(last(b.at)).toEqual({ state: 'ended', roomId, reason: 'left' });
    await server.runDueJobs();
    const rows = await sql(server, 'SELECT 1 FROM chat.meetings WHERE low = $1 OR high = $1', [a.person.id]);
    expect(rows).toEqual([]);
    lobby.gone(a);
  });

  test('whoever is banned is out at once, and the other is told', async () => {
    const [a, b] = await lobby.couple('user');
    const owner = await server.person('owner', 'owner');
    await owner.call('ban', { params: { userId: a.person.id }, body: { reason: 'Spam', until: null } });
    await ended(b);
    expect(last(b.at)).toMatchObject({ state: 'ended', reason: 'moderated' });
    lobby.gone(a);
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
      if (event !== null && event !== undefined) await outcome(one.at.ask(event, {}));
    });
    // Each may meet each again.
    await Promise.all([...deeds, clock.advance(250), sql(server, 'DELETE FROM chat.meetings')]);
  }
  await lobby.aRound();
  const states = new Map(await Promise.all(people.map(async (one) => [one.person.id, await stateOf(one)] as const)));
  for (const [userId, state] of states) {
    if (state.state !== 'matched') continue;
    expect(states.get(state.user.id)).toMatchObject({ state: 'matched', roomId: state.roomId, user: { id: userId } });
  }
  const rows = await sql(
    server,
    `SELECT user_id FROM chat.members JOIN chat.rooms USING (room_id)
     WHERE kind = 'match' AND archived_at IS NULL AND left_at IS NULL GROUP BY user_id HAVING count(*) > 1`,
  );
  expect(rows).toEqual([]);
  // Nobody is left waiting while there is somebody else to meet.
  await sql(server, 'DELETE FROM chat.meetings');
  await Promise.all(people.map((one) => find(one)));
  await lobby.until(() => people.every(({ at }) => partner(at) !== null));
});

test('a guest who becomes a member while they wait is a member in the queue from then on', async () => {
  const [guest, member] = [await lobby.stranger('guest'), await lobby.stranger('user')];
  const wishes = { languages: ['is'], interests: ['upgrades'] };
  await find(guest, wishes);
  await find(member, { ...wishes, meetGuests: false });
  await lobby.aRound();
  expect((await stateOf(member)).state).toBe('waiting');
  const username = `upgraded${randomUUID().slice(0, 8)}`;
  const body = { email: `${username}@example.com`, password: 'a good password', username, name: 'Ann' };
  await guest.person.call('upgradeGuest', { body });
  await lobby.until(() => partner(member.at) === guest.person.id);
});
