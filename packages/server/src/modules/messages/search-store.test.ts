/** Search over more than one bucket and one round: rows are written as the server would have, which is faster. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { placeOf, termsOf } from './search-index.ts';

let server: TestServer;
let client: pg.Client;
beforeAll(async () => {
  server = await startServer();
  client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

/** Messages 1 to n of a new room, one a second, the last one at `end` (epoch ms). */
async function roomWith(owner: Person, bodies: readonly string[], end: number): Promise<string> {
  const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [] } });
  const rows = bodies.map((body, i) => ({
    room_id: room.id,
    message_id: randomUUID(),
    n: i + 1,
    rev: room.rev + i + 1,
    sender_id: owner.id,
    client_id: randomUUID(),
    client_hash: null,
    kind: 'text' as const,
    body,
    reply_to: null,
    parts: null,
    created_at: end - (bodies.length - 1 - i) * 1000,
    edited_at: null,
    deleted_at: null,
  }));
  const places = rows.map((row) => placeOf({ room_id: room.id, parent_room_id: null, parent_n: null }, row.n));
  const values = [
    room.id,
    owner.id,
    rows.map((row) => row.message_id),
    rows.map((row) => row.n),
    rows.map((row) => row.rev),
    rows.map((row) => row.client_id),
    rows.map((row) => row.body),
    rows.map((row) => new Date(row.created_at)),
  ];
  await client.query(
    `INSERT INTO chat.messages (room_id, sender_id, message_id, n, rev, client_id, body, created_at, kind)
     SELECT $1, $2, s.*, 'text' FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[]) s`,
    values,
  );
  await client.query(
    `INSERT INTO chat.search (room_id, scope_id, sender_id, n, bucket, created_at, terms)
     SELECT $1, $1, $2, s.n, s.bucket, s.created_at, s.terms::tsvector
     FROM unnest($3::bigint[], $4::int[], $5::timestamptz[], $6::text[]) AS s (n, bucket, created_at, terms)`,
    [
      room.id,
      owner.id,
      rows.map((row) => row.n),
      places.map((place) => place.bucket),
      rows.map((row) => new Date(row.created_at)),
      rows.map((row, i) => (places[i] === undefined ? null : termsOf(row, places[i]))),
    ],
  );
  await client.query('UPDATE chat.rooms SET n = $2, rev = rev + $2 WHERE room_id = $1', [room.id, rows.length]);
  return room.id;
}

async function all(who: Person, q: string, more: Record<string, string> = {}) {
  const found: { roomId: string; n: number }[] = [];
  let cursor: string | null = null;
  do {
    const at: Record<string, string> = cursor === null ? {} : { cursor };
    const page = await who.call('search', { query: { q, limit: '50', ...more, ...at } });
    found.push(...page.hits.map(({ message }) => ({ roomId: message.roomId, n: message.n })));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

test('a word is found in the oldest bucket of a room as in the newest', async () => {
  const owner = await server.person();
  const bodies = Array.from({ length: 9000 }, (_, i) => (i === 0 || i === 4100 || i === 8999 ? 'needle' : `hay ${i}`));
  const roomId = await roomWith(owner, bodies, Date.now() - 1000);
  const ns = async (more?: Record<string, string>) => (await all(owner, 'needle', more)).map((hit) => hit.n);
  expect(await ns()).toEqual([9000, 4101, 1]);
  expect(await ns({ roomId })).toEqual([9000, 4101, 1]);
  expect(await ns({ before: String(Date.now() - 1_000_000) })).toEqual([4101, 1]);
  expect(await ns({ after: String(Date.now() - 1_000_000) })).toEqual([9000]);
});

test('of more than a thousand matches the newest are ranked, each on one page only, whichever rooms they are in', async () => {
  const owner = await server.person();
  const end = Date.now() - 1000;
  const lively = await roomWith(owner, Array<string>(1500).fill('word'), end);
  // More rooms than the first round reads; the last was quiet since long before.
  const others: string[] = [];
  for (let i = 0; i < 20; i += 1) others.push(await roomWith(owner, ['word'], end - i * 2000));
  const quiet = await roomWith(owner, ['word', 'rarity'], end - 10_000_000);
  const found = await all(owner, 'word');
  expect(found).toHaveLength(1000);
  expect(new Set(found.map(({ roomId, n }) => `${roomId} ${n}`)).size).toBe(1000);
  // Of one a second the newest thousand go back 980 seconds, in which the others have said theirs.
  for (const roomId of others) expect(found).toContainEqual({ roomId, n: 1 });
  expect(Math.min(...found.filter((hit) => hit.roomId === lively).map((hit) => hit.n))).toBe(521);
  expect(await all(owner, 'rarity')).toEqual([{ roomId: quiet, n: 2 }]);
});

test('words that stand near to each other rank higher, but in long messages, where it is how often they stand there', async () => {
  const owner = await server.person();
  const filling = (words: number) => Array.from({ length: words }, (_, i) => `hay${i}`).join(' ');
  const near = (words: number) => `red fox ${filling(words - 2)}`;
  const apart = (words: number) => `red ${filling(words - 2)} fox`;
  const order = async (...bodies: string[]) => {
    const roomId = await roomWith(owner, bodies, Date.now() - 1000);
    return (await all(owner, 'red fox', { roomId })).map(({ n }) => n);
  };
  // Of what ranks the same the newest comes first.
  expect(await order(near(250), apart(250))).toEqual([1, 2]);
  expect(await order(near(251), apart(251))).toEqual([2, 1]);
  expect(await order(`${apart(251)} red fox`, near(253))).toEqual([1, 2]);
});

test('many letters are found in long texts that repeat them all', async () => {
  const owner = await server.person();
  const letters = 'a b c d e f g h i j k l m n o p q r s t u v w x y z';
  // PostgreSQL would compare each place of each letter with each place of each other: minutes, which are refused.
  const long = `${letters} `.repeat(150).trim();
  const roomId = await roomWith(owner, [letters, 'a b c', ...Array<string>(200).fill(long)], Date.now() - 1000);
  const { hits } = await owner.call('search', { query: { q: letters, roomId, limit: '1' } });
  expect(hits.map(({ message }) => message.n)).toEqual([1]);
}, 60_000);
