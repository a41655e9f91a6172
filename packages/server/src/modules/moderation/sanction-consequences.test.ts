/** What automod does to people, through the whole server. */
import type { AutomodAction } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, room } from '../../../test/rooms.ts';
import { actionsOn, trail } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;

let server: TestServer;
let clock: FakeClock;
let db: pg.Client;
beforeAll(async () => {
  clock = new FakeClock();
  server = await startServer({}, { clock });
  db = new pg.Client({ connectionString: server.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

async function rule(by: Person, roomId: string, word: string, ...actions: AutomodAction[]): Promise<string> {
  const trigger = { type: 'words' as const, lists: [], words: [word], spare: [] };
  const body = { roomId, name: word, trigger, actions, reason: `No ${word} here`, enabled: true };
  return (await by.call('createAutomodRule', { body })).id;
}

test('a rule that warns, mutes and alerts does so: the person is told by the place, moderators that there is something', async () => {
  const { owner, member, roomId } = await room(server);
  const ruleId = await rule(
    owner,
    roomId,
    'badger',
    { type: 'warn' },
    { type: 'mute', seconds: 600 },
    { type: 'alert' },
  );
  const [device, theirs] = [await member.connect(), await owner.connect()];
  const { id } = await member.say(roomId, 'a badger');
  await server.runDueJobs();
  await theirs.until(({ event }) => event === 'moderation');
  await heard(server, device);
  const until = clock.now() + 600_000;
  expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
    { payload: { notice: { type: 'warned', reason: 'No badger here', roomId } } },
    { payload: { notice: { type: 'muted', until } } },
  ]);
  expect(device.events).toContainEqual(
    expect.objectContaining({
      event: 'me',
      payload: expect.objectContaining({ me: expect.objectContaining({ silencedUntil: until }) }),
    }),
  );
  expect(theirs.events.filter(({ event }) => event === 'moderation')).toEqual([
    { event: 'moderation', payload: { what: 'alert', roomId } },
  ]);
  expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  const { sanctions } = await owner.call('moderatedUser', { params: { userId: member.id } });
  expect(sanctions.map(({ type, by }) => [type, by])).toEqual(
    expect.arrayContaining([
      ['mute', null],
      ['warn', null],
    ]),
  );
  expect(await trail(server, member.id)).toMatchObject(
    ['member.warned', 'member.muted', 'automod.alerted'].map((action) => ({
      action,
      actor_id: null,
      message_id: id,
      details: { ruleId },
    })),
  );
});

test('its sanctions are appealed against and decided like any other', async () => {
  const { owner, member, roomId } = await room(server);
  await rule(owner, roomId, 'badger', { type: 'mute', seconds: 600 });
  await member.say(roomId, 'a badger');
  await server.runDueJobs();
  const [muted] = (await member.call('sanctions', {})).sanctions;
  const params = { sanctionId: muted?.id ?? '' };
  await member.call('appeal', { params, body: { text: 'It is about animals' } });
  await owner.call('decideAppeal', { params, body: { granted: true, note: 'So it is' } });
  expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
});

test('a job that runs again changes nothing', async () => {
  const { owner, member, roomId } = await room(server);
  await rule(owner, roomId, 'badger', { type: 'warn' }, { type: 'alert' });
  await member.say(roomId, 'a badger');
  await db.query(
    `CREATE TEMP TABLE again AS SELECT * FROM jobs._private_jobs WHERE payload->>'userId' = '${member.id}'`,
  );
  await server.runDueJobs();
  await clock.advance(2 * MINUTE);
  const { rows } = await db.query<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns
     WHERE table_schema = 'jobs' AND table_name = '_private_jobs' AND is_generated = 'NEVER'`,
  );
  const columns = rows.map((row) => `"${row.column_name}"`).join(', ');
  const repeated = await db.query(
    `INSERT INTO jobs._private_jobs (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM again`,
  );
  expect(repeated.rowCount).toBe(1);
  await server.runDueJobs();
  expect(await actionsOn(server, member.id)).toEqual(['member.warned', 'automod.alerted']);
  expect((await member.call('sanctions', {})).sanctions).toHaveLength(1);
});

test('much at once is one warning and one mute, which later ones do not shorten or lengthen', async () => {
  const { owner, member, roomId } = await room(server);
  await rule(owner, roomId, 'badger', { type: 'warn' });
  await rule(owner, roomId, 'otter', { type: 'mute', seconds: 600 });
  for (let i = 0; i < 10; i++) await member.say(roomId, `badger and otter ${i}`);
  await server.runDueJobs();
  expect((await actionsOn(server, member.id)).toSorted()).toEqual(['member.muted', 'member.warned']);
  await clock.advance(10 * MINUTE);
  await member.say(roomId, 'badger');
  await server.runDueJobs();
  expect((await actionsOn(server, member.id)).filter((action) => action === 'member.warned')).toHaveLength(2);
});

test('whoever has left before is muted when they come back; a room that is gone concerns nobody', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  await rule(owner, roomId, 'badger', { type: 'mute', seconds: 600 });
  await member.say(roomId, 'a badger');
  await member.call('removeMember', { params: { roomId, userId: member.id } });
  await server.runDueJobs();
  await member.call('joinRoom', { params: { roomId } });
  expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  await other.say(roomId, 'a badger');
  await owner.call('deleteRoom', { params: { roomId } });
  await server.runDueJobs();
  expect(await actionsOn(server, other.id)).toEqual([]);
});

test('however many rules a message breaks, the trail has one entry of it, which names them all', async () => {
  const { owner, member, roomId } = await room(server);
  const ids: string[] = [];
  for (const word of ['otter', 'stoat', 'weasel']) ids.push(await rule(owner, roomId, word, { type: 'alert' }));
  const { id } = await member.say(roomId, 'otter, stoat and weasel');
  await server.runDueJobs();
  const entries = await trail(server, member.id);
  expect(entries).toMatchObject([{ action: 'automod.alerted', message_id: id }]);
  const [named] = entries.map(({ details }) => details as { ruleId: string; alsoBroken: string[] });
  expect(new Set([named?.ruleId, ...(named?.alsoBroken ?? [])])).toEqual(new Set(ids));
});
