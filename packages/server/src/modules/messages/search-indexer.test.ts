import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

let database: TestDatabase;
let client: pg.Client;
/** Two nodes whose time stands still: nothing is made findable unless somebody searches. */
let here: TestServer;
let there: TestServer;
const clock = new FakeClock();
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  here = await startServer({}, { clock, databaseUrl: database.url });
  there = await startServer({}, { clock, databaseUrl: database.url });
});
afterAll(async () => {
  await client.end();
  await here.stop();
  await there.stop();
  await database.drop();
});

async function alone(server = here) {
  const person = await server.person();
  const { room } = await person.call('createRoom', { body: { name: 'Room', memberIds: [] } });
  return { person, roomId: room.id };
}

const indexed = async (roomId: string) =>
  (await client.query('SELECT 1 FROM chat.search WHERE room_id = $1', [roomId])).rowCount;
const failures = async () => {
  const text = await (await fetch(`${here.url}/metrics`)).text();
  return Number(/^confab_search_indexing_failures_total (\d+)$/m.exec(text)?.[1]);
};
const found = async (who: Person, q: string) =>
  (await who.call('search', { query: { q } })).hits.map((hit) => hit.message.body);

test('what was just sent is found, on the node it was sent through and on any other', async () => {
  const { person, roomId } = await alone();
  await person.say(roomId, 'first words');
  expect(await indexed(roomId)).toBe(0);
  expect(await found(person.at(there.url), 'words')).toEqual(['first words']);
  await person.say(roomId, 'second words');
  expect(await found(person, 'second')).toEqual(['second words']);
});

test('what is edited or deleted before it could be found leaves none of its words', async () => {
  const { person, roomId } = await alone();
  const edited = await person.say(roomId, 'original wording');
  const deleted = await person.say(roomId, 'regretted wording');
  await person.call('editMessage', { params: { roomId, messageId: edited.id }, body: { body: 'revised wording' } });
  await person.call('deleteMessage', { params: { roomId, messageId: deleted.id } });
  expect(await found(person, 'wording')).toEqual(['revised wording']);
  expect(await found(person, 'original')).toEqual([]);
  expect(await indexed(roomId)).toBe(1);
});

test('a message that is being changed is left to the next time, and then found as it has become', async () => {
  const { person, roomId } = await alone();
  const message = await person.say(roomId, 'held still');
  await client.query('BEGIN');
  await client.query(`UPDATE chat.messages SET rev = rev + 1, body = 'moved on' WHERE room_id = $1 AND n = $2`, [
    roomId,
    message.n,
  ]);
  expect(await found(person, 'held')).toEqual([]);
  await client.query('COMMIT');
  expect(await found(person, 'held')).toEqual([]);
  expect(await found(person, 'moved')).toEqual(['moved on']);
});

test('what a node that is gone left behind is made findable by the next, without anybody searching', async () => {
  const gone = await startServer({}, { clock, databaseUrl: database.url });
  const { person, roomId } = await alone(gone);
  await person.say(roomId, 'left behind');
  await gone.stop();
  expect(await indexed(roomId)).toBe(0);
  const next = await startServer({}, { databaseUrl: database.url });
  await expect.poll(() => indexed(roomId)).toBe(1);
  await next.stop();
  const { rowCount } = await client.query('SELECT 1 FROM chat.unindexed');
  expect(rowCount).toBe(0);
});

test('while messages cannot be made findable, those that are findable are found; the rest once it works again', async () => {
  const { person, roomId } = await alone();
  await person.say(roomId, 'earlier words');
  expect(await found(person, 'words')).toEqual(['earlier words']);
  await person.say(roomId, 'later words');
  const before = await failures();
  await client.query('ALTER TABLE chat.unindexed RENAME TO unindexed_away');
  expect(await found(person, 'words')).toEqual(['earlier words']);
  await client.query('ALTER TABLE chat.unindexed_away RENAME TO unindexed');
  expect(await failures()).toBe(before + 1);
  expect(await found(person, 'words')).toEqual(['later words', 'earlier words']);
});

test('a message that cannot be made findable keeps no other from being found', async () => {
  const { person, roomId } = await alone();
  const poison = await person.say(roomId, 'poison words');
  await client.query(
    `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'string is too long for tsvector' USING ERRCODE = 'program_limit_exceeded'; END $$`,
  );
  await client.query(
    `CREATE TRIGGER refuse_poison BEFORE INSERT ON chat.search FOR EACH ROW
     WHEN (NEW.room_id = '${roomId}' AND NEW.n = ${poison.n}) EXECUTE FUNCTION refuse_poison()`,
  );
  await person.say(roomId, 'wholesome words');
  expect(await found(person, 'words')).toEqual(['wholesome words']);
  expect((await client.query('SELECT 1 FROM chat.unindexed')).rowCount).toBe(0);
  await client.query('DROP TRIGGER refuse_poison ON chat.search');
});
