/** What automod remembers, of rules and of people. That a change holds at once is shown in moderation/automod.test.ts. */
import { hash, randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { room } from '../../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { memoryBursts } from '../../../platform/bursts/memory.ts';
import { memoryBus } from '../../../platform/bus/memory.ts';
import { FakeClock } from '../../../platform/clock.ts';
import { openDatabase } from '../../../platform/db/database.ts';
import { createLogger } from '../../../platform/log.ts';
import { sql } from '../../../../test/sql.ts';
import { AutomodService } from './index.ts';

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

const WRITER = { id: randomUUID(), username: 'ann', name: 'Ann', role: 'user' } as const;
const rooms = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Rules that hold these words, in each of the rooms. */
async function addRules(roomIds: string[], words: string[]): Promise<void> {
  await sql(
    server,
    `INSERT INTO safety.automod_rules
     SELECT gen_random_uuid(), r, 'x', $3, '[{"type":"hold"}]', 'x', true, $2, now() FROM unnest($1::uuid[]) AS r`,
    [roomIds, WRITER.id, JSON.stringify({ type: 'words', lists: [], words, spare: [] })],
  );
}

/** One that remembers nothing yet, and what it asks of the database. */
async function service() {
  const log = createLogger({ level: 'silent', format: 'json' });
  const db = await openDatabase({ url: server.databaseUrl, poolSize: 1, log });
  onTestFinished(() => db.close());
  const automod = new AutomodService({ db, bus: memoryBus(), bursts: memoryBursts(), clock: new FakeClock() });
  return { automod, query: vi.spyOn(db, 'query') };
}

test('rules of many rooms are remembered, and only so much of large ones: those of other rooms go first', async () => {
  const { automod, query } = await service();
  const readAgain = async (roomIds: string[]) => {
    for (const roomId of roomIds) await automod.judgeFor([{ roomId, userId: WRITER.id }]);
    query.mockClear();
    for (const roomId of roomIds.toReversed()) await automod.judgeFor([{ roomId, userId: WRITER.id }]);
    return query.mock.calls.length;
  };
  const [small, large, dense] = [rooms(30), rooms(30), rooms(12)];
  await addRules(small, ['badger']);
  await addRules(
    large,
    Array.from({ length: 1000 }, (_, i) => `badger${i}`.padEnd(40, 'x')),
  );
  expect(await readAgain(small)).toBe(0);
  const again = await readAgain(large);
  expect(again).toBeGreaterThanOrEqual(20);
  // Those that were asked for last are still known.
  expect(again).toBeLessThan(29);
  // Each character may be meant for one of several letters.
  await addRules(
    dense,
    Array.from({ length: 300 }, (_, i) => `${i}Η1æ`.padEnd(40, 'ßŒΗ')),
  );
  expect(await readAgain(dense)).toBeGreaterThanOrEqual(4);
});

test('full rooms that are written in at once are judged one after the other, in the memory of a few', async () => {
  const ROOMS = 12;
  const letters = (text: string) =>
    hash('sha256', text)
      .slice(0, 40)
      .replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
  const full = rooms(ROOMS);
  for (const roomId of full) {
    await addRules(
      [roomId],
      Array.from({ length: 2300 }, (_, i) => letters(`${roomId} ${i}`)),
    );
  }
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const { automod } = await service();
  const before = used();
  const judge = await automod.judgeFor(full.map((roomId) => ({ roomId, userId: WRITER.id })));
  const held = [used()];
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 0);
  const bodies = full.map((roomId, i) => (i === 5 ? 'nothing of it' : letters(`${roomId} 2299`)));
  const verdicts = await judge.verdicts(
    full.map((roomId, i) => ({
      id: roomId,
      roomId,
      kind: 'group',
      sender: WRITER,
      joinedAt: 0,
      body: bodies[i] ?? '',
      mentions: 0,
      now: 0,
    })),
  );
  clearInterval(turn);
  held.push(used());
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(full.map((_, i) => (i === 5 ? 'allow' : 'hold')));
  // Each takes some 24 MB.
  for (const bytes of held) expect((bytes - before) / 2 ** 20).toBeLessThan(150);
  // Others are served between them.
  expect(turns).toBeGreaterThanOrEqual(ROOMS / 2);
});
