/** How a match ends: one leaves, goes on to the next, or vanishes. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { outcome } from '../../../test/person.ts';
import { refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { ended, find, last, Lobby, match, partner, stateOf, type Stranger, write } from '../../../test/strangers.ts';
import { FakeClock } from '../../platform/clock.ts';

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

describe('parting', () => {
  test.each(['match:stop', 'match:next', 'match:find'] as const)(
    'after %s the other is told, and nothing is written any more',
    async (event) => {
      const [a, b, roomId] = await lobby.couple();
      await a.at.ask(event, {});
      await ended(b);
      expect(last(b.at)).toEqual({ state: 'ended', roomId, reason: 'left' });
      expect(await stateOf(b)).toEqual(last(b.at));
      expect(await outcome(write(b, roomId))).toBe('room_archived');
      expect(await outcome(write(a, roomId))).toBe('not_found');
      expect((await stateOf(a)).state).toBe(event === 'match:stop' ? 'idle' : 'waiting');
      const { room } = await b.person.call('room', { params: { roomId } });
      expect(room).toMatchObject({ archivedAt: clock.now(), memberCount: 1 });
      expect(await b.at.ask('match:stop', {})).toEqual({ state: 'idle' });
      expect(await outcome(b.person.call('room', { params: { roomId } }))).toBe('not_found');
    },
  );

  test('whoever leaves the room has left the match', async () => {
    const [a, b, roomId] = await lobby.couple();
    const { person } = a;
    await expectConverges(roomId, [b.person], () =>
      person.call('removeMember', { params: { roomId, userId: person.id } }),
    );
    await ended(b);
    expect([await stateOf(a), await stateOf(b)]).toMatchObject([{ state: 'idle' }, { state: 'ended', reason: 'left' }]);
    expect(await outcome(b.person.call('removeMember', { params: { roomId, userId: a.person.id } }))).toBe('not_found');
  });

  test('neither of the two moderates the other, nor changes, nor extends the room', async () => {
    const [a, b, roomId] = await lobby.couple('user');
    const params = { roomId, userId: b.person.id };
    const third = await server.person();
    const refused = await Promise.all([
      outcome(a.person.call('removeMember', { params })),
      outcome(a.person.call('updateMember', { params, body: { role: 'moderator' } })),
      outcome(a.person.call('addMembers', { params, body: { userIds: [third.id] } })),
      outcome(a.person.call('updateRoom', { params, body: { topic: 'Mine' } })),
      outcome(a.person.call('deleteRoom', { params })),
      outcome(a.person.call('createInvite', { params, body: {} })),
    ]);
    expect(new Set(refused)).toEqual(new Set(['forbidden']));
    expect(await outcome(third.call('joinRoom', { params }))).toBe('not_found');
    const [moderator, owner] = [await server.person('mod', 'moderator'), await server.person('owner', 'owner')];
    for (const official of [moderator, owner]) {
      expect(await outcome(official.call('messages', { params, query: {} }))).toBe('not_found');
    }
  });

  test('both may leave at once', async () => {
    const [a, b, roomId] = await lobby.couple();
    expect(await Promise.all([a.at.ask('match:stop', {}), b.at.ask('match:stop', {})])).toEqual([
      { state: 'idle' },
      { state: 'idle' },
    ]);
    expect([await stateOf(a), await stateOf(b)]).toEqual([{ state: 'idle' }, { state: 'idle' }]);
    const rows = await sql(server, 'SELECT member_count, archived_at FROM chat.rooms WHERE room_id = $1', [roomId]);
    expect(rows).toEqual([{ member_count: 0, archived_at: expect.any(Date) as Date }]);
  });

  test('match:next without anything to leave is refused', async () => {
    const a = await lobby.stranger();
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('not_found'));
    await find(a);
    const waiting = await stateOf(a);
    expect(await a.at.ask('match:next', {})).toEqual(waiting);
    await a.at.ask('match:stop', {});
    await expect(a.at.ask('match:next', {})).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('match:next looks with the same wishes', async () => {
    const [a, b] = await lobby.couple();
    await find(a, { languages: ['is'], interests: ['geysers'], meetGuests: true });
    await find(b, { languages: ['is'], interests: ['geysers'] });
    await a.at.ask('match:stop', {});
    const c = await lobby.stranger('user');
    await find(c, { languages: ['is'], interests: ['geysers'], meetGuests: true });
    await lobby.until(() => partner(c.at) === b.person.id);
    await c.at.ask('match:next', {});
    const d = await lobby.stranger();
    await find(d, { languages: ['is'], interests: ['geysers'] });
    await lobby.until(() => partner(c.at) === d.person.id);
    expect(match(d.at).common).toEqual(['is', 'geysers']);
  });

  test('rooms that both have left are deleted later, others stay', async () => {
    const [a, b, gone] = await lobby.couple();
    const [c, d, half] = await lobby.couple();
    const [, , open] = await lobby.couple();
    for (const { at } of [a, b, c]) await at.ask('match:stop', {});
    await ended(d);
    await clock.advance(600_000);
    await server.runDueTasks();
    const rows = await sql<{ room_id: string; deleted: boolean }>(
      server,
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

describe('people who vanish', () => {
  const left = async (one: Stranger) => {
    const rows = await sql(server, 'SELECT 1 FROM chat.seekers WHERE user_id = $1', [one.person.id]);
    return rows.length === 0;
  };

  test('wait no more after 15 seconds without a connection', async () => {
    const a = await lobby.stranger();
    await find(a);
    a.at.socket.disconnect();
    await lobby.until(() => left(a), 5000);
    const b = await lobby.stranger();
    await find(b);
    await lobby.aRound();
    expect(partner(b.at)).toBeNull();
  });

  test('are given to nobody meanwhile', async () => {
    const [a, b] = await lobby.two();
    await find(a, { languages: ['de'] });
    a.at.socket.disconnect();
    await find(b, { languages: ['de'] });
    await lobby.aRound();
    expect(partner(b.at)).toBeNull();
    const back = await a.person.connect();
    expect(await back.ask('match:state', {})).toMatchObject({ state: 'waiting' });
    await lobby.until(() => partner(b.at) === a.person.id);
  });

  test('stay in their match over a short cut', async () => {
    const [a, b] = await lobby.couple();
    a.at.socket.disconnect();
    await clock.advance(30_000);
    await lobby.aRound();
    const back = await a.person.connect();
    expect(await back.ask('match:state', {})).toMatchObject({ state: 'matched', user: { id: b.person.id } });
    await clock.advance(60_000);
    await lobby.aRound();
    expect((await stateOf(b)).state).toBe('matched');
  });

  test('leave their match after a minute, and the other is told', async () => {
    const [a, b] = await lobby.couple();
    a.at.socket.disconnect();
    await lobby.until(() => last(b.at)?.state === 'ended', 5000);
    expect(last(b.at)).toMatchObject({ reason: 'idle' });
    expect(await left(a)).toBe(true);
  });
});
