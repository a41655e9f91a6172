/** Guests who went away, people who lost an office, and a change that broke off, by a clock of the test's own. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, giveRole, type TestDatabase } from '../../../test/database.ts';
import { call, type Person } from '../../../test/person.ts';
import { heard, joinRoom, languageRoom } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { watchDatabase } from '../../../test/statements.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;
let database: TestDatabase;
let server: TestServer;
let clock: FakeClock;
let db: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  clock = new FakeClock();
  db = new pg.Pool({ connectionString: database.url });
  server = await startServer({}, { clock, databaseUrl: database.url });
});
afterAll(async () => {
  await server.stop();
  await db.end();
  await database.drop();
});

async function minutes(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await clock.advance(MINUTE);
    await server.runDueTasks();
  }
}
// Tokens of before do not live that long.
async function isIn(roomId: string, person: Person): Promise<boolean> {
  const { rows } = await db.query('SELECT FROM chat.members WHERE room_id = $1 AND user_id = $2 AND left_at IS NULL', [
    roomId,
    person.id,
  ]);
  return rows.length === 1;
}

test('a guest is out of their rooms 10 minutes after they went away; who is back before, or became a member, is not', async () => {
  const { roomId } = await languageRoom(server);
  const [gone, back, upgraded, never] = await Promise.all(
    Array.from({ length: 4 }, () => server.person('guest', 'guest')),
  );
  if (gone === undefined || back === undefined || upgraded === undefined || never === undefined) throw new Error();
  const user = await server.person();
  for (const person of [gone, back, upgraded, never, user]) await joinRoom(person, roomId);
  const first = await gone.connect();
  await heard(server, first);
  const username = `member.${randomUUID().slice(0, 8)}`;
  await upgraded.call('upgradeGuest', {
    body: { email: `${username}@example.com`, password: 'a good password', username },
  });
  await minutes(9);
  const again = await back.connect();
  await heard(server, again);
  await minutes(1);
  again.socket.disconnect();
  await minutes(1);
  expect(await isIn(roomId, never)).toBe(false);
  expect(await isIn(roomId, gone)).toBe(true);
  first.socket.disconnect();
  await expect
    .poll(async () => {
      await minutes(1);
      return isIn(roomId, back);
    })
    .toBe(false);
  await minutes(11);
  expect(await isIn(roomId, gone)).toBe(false);
  // Lasting, however long they are away.
  expect(await isIn(roomId, upgraded)).toBe(true);
  expect(await isIn(roomId, user)).toBe(true);
});

test('the membership of a guest ends with their time', async () => {
  const { roomId } = await languageRoom(server);
  const guest = await server.person('guest', 'guest');
  const connected = await guest.connect();
  await joinRoom(guest, roomId);
  await heard(server, connected);
  await clock.advance(25 * 60 * MINUTE);
  await server.runDueTasks();
  await server.runDueJobs();
  expect(await isIn(roomId, guest)).toBe(false);
});

test('who lost the office that a lounge asks for is out of it within a minute', async () => {
  const { roomId } = await languageRoom(server, { lounge: { minRole: 'moderator' } });
  const [stays, demoted] = [await server.person('stays', 'moderator'), await server.person('demoted', 'moderator')];
  for (const person of [stays, demoted]) await joinRoom(person, roomId);
  await giveRole(database.url, demoted.id, 'user');
  await minutes(1);
  expect(await isIn(roomId, demoted)).toBe(false);
  expect(await isIn(roomId, stays)).toBe(true);
});

test('what follows from a change of a lounge is done later, should it break off in between', async () => {
  const { admin, loungeId, roomId } = await languageRoom(server);
  const guest = await server.person('guest', 'guest');
  await joinRoom(guest, roomId);
  const holder = await db.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM chat.rooms WHERE room_id = $1 FOR UPDATE', [roomId]);
  const change = admin.call('updateLounge', { params: { loungeId }, body: { guests: 'none' } });
  const refused = expect(change).rejects.toMatchObject({ status: 503 });
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%chat.rooms%'`;
  await expect.poll(async () => (await db.query(cut)).rows.length).toBe(1);
  await refused;
  await holder.query('ROLLBACK');
  holder.release();
  const shown = async () => {
    const { rooms } = await call(server.url, undefined, 'loungeRooms', { params: { loungeId } });
    return rooms.map(({ room }) => [room.lounge?.guests, room.memberCount]);
  };
  await clock.advance(5000);
  expect(await shown()).toEqual([['write', 1]]);
  await server.runDueJobs();
  expect(await shown()).toEqual([['none', 0]]);
});

test('coming in asks the database nothing twice, and finds what was set before leaving', async () => {
  const { roomId } = await languageRoom(server);
  const guest = await server.person('guest', 'guest');
  await joinRoom(guest, roomId);
  await guest.call('updateMe', { params: { roomId }, body: { notify: 'none' } });
  await guest.call('removeMember', { params: { roomId, userId: guest.id } });
  const asked = watchDatabase();
  const { me } = await joinRoom(guest, roomId);
  vi.restoreAllMocks();
  expect(me.notify).toBe('none');
  const change = asked.slice(asked.indexOf('BEGIN'), asked.indexOf('COMMIT'));
  expect(change).toContain('lounges.remember_guest');
  expect(change.length, change.join('\n')).toBeLessThanOrEqual(10);
  expect(new Set(change).size).toBe(change.length);
});
