/** Rules that a node remembers. That a change holds at once by a hint is shown in moderation/automod.test.ts. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { room } from '../../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { FakeClock } from '../../../platform/clock.ts';

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

test('a change whose hint was lost holds five seconds later', async () => {
  const { owner, member, roomId } = await room(server);
  await member.say(roomId, 'badger');
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO safety.automod_rules
     VALUES (gen_random_uuid(), $1, 'x', $3, '[{"type":"hold"}]', 'x', true, $2, now())`,
    [roomId, owner.id, JSON.stringify({ type: 'words', lists: [], words: ['badger'], spare: [] })],
  );
  await client.end();
  await clock.advance(4999);
  expect(await member.say(roomId, 'badger')).not.toHaveProperty('status');
  await clock.advance(1);
  expect(await member.say(roomId, 'badger')).toMatchObject({ status: 'pending' });
});
