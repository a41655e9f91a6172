/** Replacing the key under which what is kept encrypted about people is sealed. */
import { z } from 'zod';
import type { Database } from '../../platform/db/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import type { Core } from './core.ts';
import { devicePlace } from './devices.ts';
import { phonePlace } from './people.ts';
import { totpPlace } from './second-factor-rows.ts';

const BATCH = 100;
/** By then every node seals under the new key. */
const AGAIN_AFTER_MS = 2 * 60_000;

/** Every sealed column, by the primary key of its table. */
const COLUMNS: readonly { table: string; key: string; column: string; place: (key: string) => string }[] = [
  { table: 'users', key: 'id', column: 'phone', place: phonePlace },
  { table: 'totp', key: 'user_id', column: 'secret', place: totpPlace },
  { table: 'totp', key: 'user_id', column: 'pending_secret', place: totpPlace },
  { table: 'push_devices', key: 'id', column: 'target', place: devicePlace },
];

const kind: JobKind<Record<string, never>> = { name: 'accounts.reseal', payload: z.strictObject({}) };

/**
 * Rotating the data keys: what is sealed from now on is sealed under a new key, then everything older is sealed again.
 * Safe while all nodes run, and at the same time as itself; should it be interrupted, the next one does the rest. Old
 * keys stay, for what other nodes seal within the minute until they have heard of the new one: a job seals that again.
 * @returns how many values were sealed again
 */
export function createDataKeyRotation({
  db,
  clock,
  jobs,
  keyring,
  log,
}: Pick<Core, 'db' | 'clock' | 'jobs' | 'keyring' | 'log'>): () => Promise<number> {
  jobs.handle(kind, async () => {
    await keyring.reload();
    await resealAll();
  });

  async function resealAll(): Promise<number> {
    let resealed = 0;
    for (const column of COLUMNS) resealed += await resealColumn(column);
    return resealed;
  }

  async function resealColumn({ table, key, column, place }: (typeof COLUMNS)[number]): Promise<number> {
    const { current } = keyring;
    let resealed = 0;
    let after: string | null = null;
    for (;;) {
      const batch: readonly Sealed[] = await outdated(db, { table, key, column }, current, after);
      for (const { id, sealed } of batch) {
        const plaintext = await keyring.open(sealed, place(id)).catch((error: unknown) => {
          log.error({ err: error, table, id }, 'a sealed value cannot be opened and was left as it is');
        });
        if (plaintext === undefined) continue;
        // Only what was read: it may have been replaced meanwhile.
        const { rows } = await db.query(
          `update accounts.${table} set ${column} = $3 where ${key} = $1 and ${column} = $2 returning 1`,
          [id, sealed, keyring.seal(plaintext, place(id))],
        );
        resealed += rows.length;
      }
      after = batch.at(-1)?.id ?? null;
      if (after === null) return resealed;
    }
  }

  return async () => {
    await keyring.rotate();
    await jobs.enqueue(db, kind, {}, { runAt: clock.now() + AGAIN_AFTER_MS, key: kind.name });
    return resealAll();
  };
}

interface Sealed {
  id: string;
  sealed: Buffer;
}

// The first byte is the version of the key.
async function outdated(
  db: Database,
  { table, key, column }: { table: string; key: string; column: string },
  version: number,
  after: string | null,
): Promise<readonly Sealed[]> {
  const { rows } = await db.query<Sealed>(
    `select ${key} as id, ${column} as sealed from accounts.${table}
     where get_byte(${column}, 0) <> $1 and ($2::uuid is null or ${key} > $2) order by ${key} limit ${BATCH}`,
    [version, after],
  );
  return rows;
}
