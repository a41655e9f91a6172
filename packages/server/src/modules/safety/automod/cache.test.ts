/** What automod remembers, of rules and of people. That a change holds at once is shown in moderation/automod.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { room } from '../../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { FakeClock } from '../../../platform/clock.ts';
import { sql } from '../../../../test/sql.ts';

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());
const postersOf = async (roomId: string) =>
  (await sql<{ user_id: string }>(server, 'SELECT user_id FROM safety.link_posters WHERE room_id = $1', [roomId])).map(
    ({ user_id }) => user_id,
  );

test('where somebody has posted links is forgotten with their account', async () => {
  const { owner, member, roomId } = await room(server);
  const trigger = { type: 'links' as const, mode: 'first' as const, hosts: ['known.example'] };
  const rule = { name: 'First', trigger, actions: [{ type: 'alert' as const }], reason: 'x', enabled: true };
  await owner.call('createAutomodRule', { body: { ...rule, roomId } });
  await member.say(roomId, 'https://other.example');
  expect(await postersOf(roomId)).toEqual([member.id]);
  await member.call('deleteAccount', { body: { username: member.signedIn.user.username } });
  await server.runDueJobs();
  expect(await postersOf(roomId)).toEqual([]);
});

test('a change whose hint was lost holds five seconds later', async () => {
  const { owner, member, roomId } = await room(server);
  await member.say(roomId, 'badger');
  await sql(
    server,
    `INSERT INTO safety.automod_rules
     VALUES (gen_random_uuid(), $1, 'x', $3, '[{"type":"hold"}]', 'x', true, $2, now())`,
    [roomId, owner.id, JSON.stringify({ type: 'words', lists: [], words: ['badger'], spare: [] })],
  );
  await clock.advance(4999);
  expect(await member.say(roomId, 'badger')).not.toHaveProperty('status');
  await clock.advance(1);
  expect(await member.say(roomId, 'badger')).toMatchObject({ status: 'pending' });
});
