/** Writes a made-up instance straight into the tables, as the server would have. */
import type pg from 'pg';
import { placeOf, termsOf } from '../../packages/server/src/modules/messages/search-index.ts';
import type { MessageRow, Parts } from '../../packages/server/src/modules/messages/rows.ts';
import { pick, uuid, type World } from './world.ts';
import { sentence } from './words.ts';

const BATCH = 5000;
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** Messages are written in the order of their time, across rooms, as they would have been. */
export async function fill(client: pg.Client, world: World, log: (text: string) => void): Promise<void> {
  // The rows are right by construction; checking each reference would double the time.
  await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
  // Indexes are quicker to make than to keep; those of constraints stay.
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = 'chat'::regnamespace AND NOT i.indisunique`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await insertPeople(client, world);
  await insertMessages(client, world, log);
  await insertRooms(client, world);
  log('building indexes');
  await client.query(`SET maintenance_work_mem = '256MB'`);
  for (const { definition } of rows) await client.query(definition);
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}

async function insertPeople(client: pg.Client, { users }: World): Promise<void> {
  await client.query(
    `INSERT INTO accounts.users (id, email, username, name, role, created_at, updated_at)
     SELECT id, username || '@example.com', username, initcap(username), 'user', now(), now()
     FROM unnest($1::uuid[], $2::text[]) AS u (id, username)`,
    [users.map((user) => user.id), users.map((user) => user.username)],
  );
  await client.query(
    `INSERT INTO accounts.sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, ip)
     SELECT id, id, now(), now(), now() + interval '30 days', 'bench', '127.0.0.1' FROM accounts.users`,
  );
}

async function insertRooms(client: pg.Client, { rooms, users, random }: World): Promise<void> {
  await client.query(
    `INSERT INTO chat.rooms (room_id, kind, name, member_count, created_by, created_at, active_at, n, rev)
     SELECT s.room_id, 'group', s.name, s.members, s.created_by, now() - interval '1 year',
            coalesce((SELECT max(created_at) FROM chat.messages m WHERE m.room_id = s.room_id), now()), s.n, s.n + s.members
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::bigint[]) AS s (room_id, name, members, created_by, n)`,
    [
      rooms.map((room) => room.id),
      rooms.map((_, i) => `Room ${i}`),
      rooms.map((room) => room.members.length),
      rooms.map((room) => users[room.members[0] ?? 0]?.id),
      rooms.map((room) => room.messages),
    ],
  );
  for (const room of rooms) {
    // Most have read everything; some are a little behind, a few far.
    const reads = room.members.map(() =>
      random() < 0.7 ? room.messages : Math.max(0, room.messages - Math.floor(2000 * random() ** 4)),
    );
    await client.query(
      `INSERT INTO chat.members (room_id, user_id, role, last_read_n, joined_at, rev)
       SELECT $1, user_id, 'member', n, now() - interval '1 year', rev
       FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS s (user_id, n, rev)`,
      [room.id, room.members.map((u) => users[u]?.id), reads],
    );
  }
}

async function insertMessages(client: pg.Client, world: World, log: (text: string) => void): Promise<void> {
  const { rooms, users, random } = world;
  const order = shuffledRooms(world);
  const said = new Uint32Array(rooms.length);
  const begin = Date.now() - YEAR_MS;
  for (let from = 0; from < order.length; from += BATCH) {
    const batch: MessageRow[] = [];
    for (let i = from; i < Math.min(from + BATCH, order.length); i += 1) {
      const at = order[i] ?? 0;
      const room = rooms[at];
      if (room === undefined) throw new Error('no such room');
      const n = (said[at] = (said[at] ?? 0) + 1);
      const sender = room.members.length === 0 ? 0 : pick(room.members, random);
      const mentioned = random() < 0.01 && room.members.length > 0 ? users[pick(room.members, random)]?.id : undefined;
      const parts: Parts | null =
        mentioned === undefined ? null : { mentions: { userIds: [mentioned], everyone: null } };
      batch.push({
        room_id: room.id,
        message_id: uuid(random),
        n,
        rev: room.members.length + n,
        sender_id: users[sender]?.id ?? '',
        client_id: `bench-${String(n).padStart(8, '0')}`,
        client_hash: null,
        kind: 'text',
        body: sentence(room.script, random),
        reply_to: null,
        parts,
        created_at: begin + Math.floor((i / order.length) * YEAR_MS),
        edited_at: null,
        deleted_at: null,
      });
    }
    await insertBatch(client, batch);
    if ((from / BATCH) % 40 === 0) log(`${from} of ${order.length} messages`);
  }
}

async function insertBatch(client: pg.Client, batch: readonly MessageRow[]): Promise<void> {
  const column = <K extends keyof MessageRow>(key: K) => batch.map((row) => row[key]);
  const times = batch.map((row) => new Date(row.created_at));
  await client.query({
    name: 'bench.messages',
    text: `INSERT INTO chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, parts, created_at)
           SELECT room_id, message_id, n, rev, sender_id, client_id, 'text', body, parts, created_at
           FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
                       $8::jsonb[], $9::timestamptz[])
             AS s (room_id, message_id, n, rev, sender_id, client_id, body, parts, created_at)`,
    values: [
      column('room_id'),
      column('message_id'),
      column('n'),
      column('rev'),
      column('sender_id'),
      column('client_id'),
      column('body'),
      batch.map((row) => (row.parts === null ? null : JSON.stringify(row.parts))),
      times,
    ],
  });
  const places = batch.map((row) => placeOf({ room_id: row.room_id, parent_room_id: null, parent_n: null }, row.n));
  await client.query({
    name: 'bench.search',
    text: `INSERT INTO chat.search (room_id, n, scope_id, bucket, sender_id, created_at, terms)
           SELECT room_id, n, room_id, bucket, sender_id, created_at, terms::tsvector
           FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::uuid[], $5::timestamptz[], $6::text[])
             AS s (room_id, n, bucket, sender_id, created_at, terms) WHERE terms IS NOT NULL`,
    values: [
      column('room_id'),
      column('n'),
      places.map((place) => place.bucket),
      column('sender_id'),
      times,
      batch.map((row, i) => (places[i] === undefined ? null : termsOf(row, places[i]))),
    ],
  });
  const mentions = batch.flatMap((row) => (row.parts?.mentions?.userIds ?? []).map((userId) => ({ row, userId })));
  await client.query(
    `INSERT INTO chat.mentions (room_id, user_id, n, sender_id, created_at)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::timestamptz[])`,
    [
      mentions.map(({ row }) => row.room_id),
      mentions.map(({ userId }) => userId),
      mentions.map(({ row }) => row.n),
      mentions.map(({ row }) => row.sender_id),
      mentions.map(({ row }) => new Date(row.created_at)),
    ],
  );
}

/** Which room speaks when: the index of a room for every message. */
function shuffledRooms({ rooms, random }: World): Uint16Array {
  const order = new Uint16Array(rooms.reduce((sum, room) => sum + room.messages, 0));
  let end = 0;
  for (const [at, room] of rooms.entries()) order.fill(at, end, (end += room.messages));
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const other = order[j] ?? 0;
    order[j] = order[i] ?? 0;
    order[i] = other;
  }
  return order;
}
