/** The audit trail of moderation: its chain holds whatever happens at once, and shows what was done to it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { sql } from '../../../test/sql.ts';
import { systemClock } from '../../platform/clock.ts';
import { openDatabase, type OpenDatabase } from '../../platform/db/database.ts';
import { createLogger } from '../../platform/log.ts';
import { logHead, moderationLog, readLog, verifyLog, wholeLog } from './log.ts';

const PERSON = '00000000-0000-7000-8000-000000000001';
const OTHER = '00000000-0000-7000-8000-000000000002';
const ROOM = '00000000-0000-7000-8000-000000000003';
const ENTRY = { action: 'member.banned', actorId: PERSON, targetId: OTHER, roomId: ROOM, reason: 'spam' } as const;

let database: TestDatabase;
let db: OpenDatabase;
const log = moderationLog({ clock: systemClock });
beforeEach(async () => {
  database = await createTestDatabase();
  const quiet = createLogger({ level: 'fatal', format: 'json' }, { write: () => {} });
  db = await openDatabase({ url: database.url, poolSize: 20, log: quiet });
});
afterEach(async () => {
  await db.close();
  await database.drop();
});

/** What only who owns the database can do. */
const tamper = (text: string) =>
  sql({ databaseUrl: database.url }, `ALTER TABLE safety.log DISABLE TRIGGER USER; ${text}`);
const write = async (count: number) => {
  for (let i = 0; i < count; i += 1) await log.record(db, { ...ENTRY, details: { i } });
};

describe('the chain', () => {
  test('holds what is recorded, in the order of the commits, without a gap, and fits', async () => {
    const fits = { broken: null, headFound: null, unchained: 0, switchedOff: [], switchedSince: false, sanctions: 0 };
    expect(await verifyLog(db)).toEqual({ ...fits, entries: 0, head: null, recorded: 0, begun: 0 });
    const details = { zeta: 1, alpha: { y: [{ b: 1, a: 2 }], x: null }, text: 'ä “quoted” \\ \n 😀', n: 1.5 };
    await log.record(db, { ...ENTRY, details });
    await log.record(db, { action: 'message.hidden', actorId: null });
    const { entries } = await readLog(db, {}, { limit: 10 });
    expect(entries).toMatchObject([
      { seq: 2, action: 'message.hidden', actorId: null, roomId: null, targetId: null, reason: null, details: {} },
      { seq: 1, action: 'member.banned', actorId: PERSON, targetId: OTHER, roomId: ROOM, reason: 'spam', details },
    ]);
    const head = entries[0]?.hash;
    expect(await verifyLog(db)).toEqual({ ...fits, entries: 2, head, recorded: 2, begun: 2 });
    expect(await logHead(db)).toEqual({ seq: 2, hash: head });
  });

  test('is read in pages that are short where entries are large, each entry once', async () => {
    await write(3);
    for (let i = 3; i < 9; i += 1) await log.record(db, { ...ENTRY, details: { i, text: 'x'.repeat(200_000) } });
    await log.record(db, { ...ENTRY, details: { i: 9, text: 'x'.repeat(800_000) } });
    const pages: unknown[][] = [];
    for (let before: number | undefined; ;) {
      const { entries, hasMore } = await readLog(db, {}, { before, limit: 4 });
      pages.push(entries.map(({ details }) => details['i']));
      before = entries.at(-1)?.seq;
      expect(Object.keys(entries[0] ?? {})).not.toContain('place');
      if (!hasMore) break;
    }
    expect(pages).toEqual([[9], [8, 7], [6, 5], [4, 3, 2, 1], [0]]);
  });

  test('holds nothing of a transaction that is rolled back', async () => {
    await write(1);
    const broken = db.transaction(async (tx) => {
      await log.record(tx, ENTRY);
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    await write(1);
    expect(await verifyLog(db)).toMatchObject({ entries: 2, recorded: 2, broken: null });
  });

  test('is one for 50 who record at once, also beside locks taken in any order', async () => {
    await db.query('CREATE TABLE public.things AS SELECT generate_series(1, 5) AS id');
    const lock = 'SELECT FROM public.things WHERE id = $1 FOR UPDATE';
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        db.transaction(async (tx) => {
          // Whoever held the lock of the chain here would wait for whoever waits for it.
          if (i % 2 === 0) await log.record(tx, { ...ENTRY, details: { i } });
          await tx.query(lock, [(i % 5) + 1]);
          if (i % 2 === 1) await log.record(tx, { ...ENTRY, details: { i } });
        }),
      ),
    );
    expect(await verifyLog(db)).toMatchObject({ entries: 50, broken: null });
    expect(await db.query('SELECT FROM safety.log_arrivals')).toMatchObject({ rows: [] });
  });
});

describe('what is done to it', () => {
  test.each(["UPDATE safety.log SET reason = 'nice'", 'DELETE FROM safety.log', 'TRUNCATE safety.log'])(
    'is refused: %s',
    async (statement) => {
      await write(3);
      await expect(db.query(statement)).rejects.toThrow('append-only');
      expect(await verifyLog(db)).toMatchObject({ entries: 3, broken: null });
    },
  );

  test.each([
    ['a word of an entry', "UPDATE safety.log SET reason = 'nice' WHERE seq = 4", 4],
    ['who did it', `UPDATE safety.log SET actor_id = '${OTHER}' WHERE seq = 4`, 4],
    ['when', "UPDATE safety.log SET at = at + interval '1 ms' WHERE seq = 4", 4],
    ['details', "UPDATE safety.log SET details = '{}' WHERE seq = 4", 4],
    ['a hash', 'UPDATE safety.log SET hash = sha256(hash) WHERE seq = 4', 4],
    ['an entry is gone', 'DELETE FROM safety.log WHERE seq = 4', 5],
    ['the first is gone', 'DELETE FROM safety.log WHERE seq = 1', 2],
    [
      'two are gone, the rest renumbered',
      'DELETE FROM safety.log WHERE seq < 3; UPDATE safety.log SET seq = seq - 2',
      1,
    ],
    [
      'two are exchanged',
      `UPDATE safety.log SET seq = -seq WHERE seq IN (4, 5);
       UPDATE safety.log SET seq = CASE seq WHEN -4 THEN 5 ELSE 4 END WHERE seq < 0`,
      4,
    ],
  ])('is found by whom it is checked: %s', async (_, statement, broken) => {
    await write(8);
    await tamper(statement);
    expect(await verifyLog(db)).toMatchObject({ broken, entries: broken === 5 ? 3 : broken === 2 ? 0 : broken - 1 });
  });

  test('is found by what is counted beside it when entries were taken off its end, or all are gone', async () => {
    await write(8);
    await tamper('DELETE FROM safety.log WHERE seq > 6; ALTER TABLE safety.log ENABLE TRIGGER USER');
    expect(await verifyLog(db)).toMatchObject({ entries: 6, broken: null, recorded: 8, switchedOff: [] });
    await tamper(`TRUNCATE safety.log; TRUNCATE safety.log_length;
      INSERT INTO safety.sanctions (sanction_id, type, user_id, reason, created_at)
      VALUES ('${ROOM}', 'warn', '${OTHER}', 'spam', now())`);
    expect(await verifyLog(db)).toMatchObject({ entries: 0, broken: null, recorded: 0, begun: 8, sanctions: 1 });
  });

  test.each([
    ['ALTER TABLE safety.log_arrivals DISABLE TRIGGER log_chain', 'log_chain'],
    ['DROP TRIGGER log_chain ON safety.log_arrivals', 'log_chain'],
    ['ALTER TABLE safety.log DISABLE TRIGGER USER', 'log_append_only'],
  ])('is found when what keeps it is off: %s', async (statement, name) => {
    await write(2);
    await sql({ databaseUrl: database.url }, statement);
    await write(1);
    const isOff = name === 'log_chain';
    expect(await verifyLog(db)).toMatchObject({
      entries: isOff ? 2 : 3,
      broken: null,
      switchedOff: [name],
      unchained: isOff ? 1 : 0,
    });
  });

  test.each([
    ['a row in the middle', 4, { broken: 5, entries: 3 }],
    ['the last row', 8, { broken: null, entries: 7 }],
    ['the first row', 1, { broken: 2, entries: 0 }],
  ])('is found when %s is deleted while the triggers are off, also after more was recorded', async (_, seq, found) => {
    await write(8);
    const off = 'ALTER TABLE safety.log DISABLE TRIGGER USER; ALTER TABLE safety.log_arrivals DISABLE TRIGGER USER';
    const on = 'ALTER TABLE safety.log ENABLE TRIGGER USER; ALTER TABLE safety.log_arrivals ENABLE TRIGGER USER';
    await sql({ databaseUrl: database.url }, `${off}; DELETE FROM safety.log WHERE seq = ${seq}; ${on}`);
    const told = { recorded: 8, switchedOff: [], switchedSince: true };
    expect(await verifyLog(db)).toMatchObject({ ...found, ...told });
    await write(2);
    const entries = found.broken === null ? 9 : found.entries;
    expect(await verifyLog(db)).toMatchObject({ ...found, ...told, entries, recorded: 10 });
  });

  test.each(['min(arrival)', 'max(arrival)', 'min(arrival) + 1', 'arrival'])(
    'is found when what is recorded while the chain is off is deleted before it is chained: %s',
    async (which) => {
      await write(2);
      const act = (text: string) => sql({ databaseUrl: database.url }, text);
      await act('ALTER TABLE safety.log_arrivals DISABLE TRIGGER log_chain');
      await write(3);
      const arrival = which === 'arrival' ? which : `(SELECT ${which} FROM safety.log_arrivals)`;
      await act(`DELETE FROM safety.log_arrivals WHERE arrival = ${arrival};
        ALTER TABLE safety.log_arrivals ENABLE TRIGGER log_chain`);
      await write(1);
      const unchained = which === 'arrival' ? 0 : 2;
      const fits = { broken: null, entries: 3, recorded: 3, switchedOff: [] };
      expect(await verifyLog(db)).toMatchObject({ ...fits, switchedSince: true, unchained });
    },
  );

  test('is not suspected of it after transactions that were rolled back, upkeep of the database, or where the tables are others', async () => {
    const undone = async () =>
      db
        .transaction(async (tx) => {
          await log.record(tx, ENTRY);
          await log.record(tx, ENTRY);
          throw new Error('no');
        })
        .catch(() => undefined);
    await undone();
    await write(2);
    await Promise.all([undone(), write(2), undone(), write(2)]);
    const fits = { broken: null, unchained: 0, switchedOff: [], switchedSince: false };
    expect(await verifyLog(db)).toMatchObject({ ...fits, entries: 6, recorded: 6, begun: 12 });
    for (const upkeep of [
      'VACUUM FULL pg_catalog.pg_trigger',
      'VACUUM FREEZE pg_catalog.pg_trigger',
      'REINDEX SCHEMA safety',
    ]) {
      await sql({ databaseUrl: database.url }, upkeep);
    }
    expect(await verifyLog(db)).toMatchObject({ ...fits, entries: 6 });
    // As a dump that was restored has them.
    await sql({ databaseUrl: database.url }, "UPDATE safety.log_length SET place = '1/2/17', keepers = 'others'");
    expect(await verifyLog(db)).toMatchObject({ ...fits, entries: 6 });
    await write(1);
    await sql({ databaseUrl: database.url }, 'ALTER TABLE safety.log DISABLE TRIGGER USER');
    expect(await verifyLog(db)).toMatchObject({ entries: 7, switchedSince: true });
  });

  test('is found by a hash noted earlier when entries were taken off its end, or all of it was written anew', async () => {
    await write(8);
    const noted = (await logHead(db))?.hash ?? '';
    await write(1);
    expect(await verifyLog(db, noted)).toMatchObject({ entries: 9, broken: null, headFound: true });
    await tamper('DELETE FROM safety.log WHERE seq > 6');
    expect(await verifyLog(db, noted)).toMatchObject({ entries: 6, broken: null, headFound: false });
    await write(3);
    expect(await verifyLog(db, noted)).toMatchObject({ entries: 9, broken: null, headFound: false });
  });
});

describe('what is asked of it', () => {
  const seqs = async (filter: Parameters<typeof readLog>[1]) =>
    (await readLog(db, filter, { limit: 10 })).entries.map(({ seq }) => seq);

  test('is answered by person, room, action and time, the latest first, a page at a time', async () => {
    await write(2);
    await log.record(db, { action: 'member.muted', actorId: OTHER, targetId: PERSON });
    await log.record(db, { action: 'case.closed', actorId: PERSON });
    const since = systemClock.now() + 60_000;
    expect(await seqs({})).toEqual([4, 3, 2, 1]);
    expect(await seqs({ actorId: PERSON })).toEqual([4, 2, 1]);
    expect(await seqs({ targetId: OTHER })).toEqual([2, 1]);
    expect(await seqs({ roomId: ROOM })).toEqual([2, 1]);
    expect(await seqs({ action: 'member.*' })).toEqual([3, 2, 1]);
    expect(await seqs({ action: 'member.muted' })).toEqual([3]);
    expect(await seqs({ action: 'member' })).toEqual([]);
    expect(await seqs({ since })).toEqual([]);
    const page = await readLog(db, {}, { before: 4, limit: 2 });
    expect(page).toMatchObject({ entries: [{ seq: 3 }, { seq: 2 }], hasMore: true });
  });

  test('is all of it, the oldest first, however long it is', async () => {
    await db.transaction(async (tx) => {
      for (let i = 0; i < 450; i += 1) await log.record(tx, { ...ENTRY, details: { i } });
    });
    const all: number[] = [];
    for await (const { seq } of wholeLog(db)) all.push(seq);
    expect(all).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(await verifyLog(db)).toMatchObject({ entries: 450, broken: null });
  });
});
