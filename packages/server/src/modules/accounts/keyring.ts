/** The keys of what is kept encrypted about people: numbered, so that they can be replaced while the old ones still open. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import { StartupError } from '../../platform/lifecycle.ts';
import { deriveKey, open, seal } from './secrets.ts';

/**
 * Sealed columns: each value begins with its key's version and is bound to its place, so that it opens in no other row
 * or column.
 */
export interface Keyring {
  /** @param place such as `totp:<userId>` */
  seal(plaintext: string, place: string): Buffer;
  /** @throws Error when it was sealed for another place, by an unknown key, or changed since */
  open(sealed: Buffer, place: string): Promise<string>;
  /** A keyed hash: equal values of one kind have equal ones, and nothing else can be told from it. */
  index(kind: 'phone' | 'push' | 'recovery_code', value: string): Buffer;
  /** The version that seals. */
  readonly current: number;
  /** Adds a key and seals with it from now on; other nodes do so within a minute. */
  rotate(): Promise<number>;
  /** Takes up keys that other nodes added. */
  reload(): Promise<void>;
}

const KEY_BYTES = 32;

/**
 * The first start makes the first key.
 * @throws StartupError when the keys were sealed under another master secret
 */
export async function loadKeyring(db: Database, clock: Clock, master: Buffer): Promise<Keyring> {
  const sealingKey = deriveKey(master, 'data-keys');
  const indexKey = deriveKey(master, 'indexes');
  const keys = new Map<number, Buffer>();
  let current = 0;

  async function reload(within: Queryable = db): Promise<void> {
    const { rows } = await within.query<{ version: number; sealed: Buffer }>(
      'select version, sealed from accounts.data_keys order by version',
    );
    for (const { version, sealed } of rows) {
      if (keys.has(version)) continue;
      const key = open(sealingKey, sealed, context(version));
      if (key === undefined) {
        throw new StartupError(
          'The secret is not the one this database was set up with: its data keys cannot be opened. Start with the original secret.',
        );
      }
      keys.set(version, Buffer.from(key, 'base64url'));
      current = version;
    }
  }

  // Nodes that do so at the same time take turns.
  async function add(wanted: (newest: number) => boolean): Promise<void> {
    await db.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.data_keys', 0))`);
      await reload(tx);
      if (!wanted(current)) return;
      const version = current + 1;
      const sealed = seal(sealingKey, randomBytes(KEY_BYTES).toString('base64url'), context(version));
      await tx.query('insert into accounts.data_keys (version, sealed, created_at) values ($1, $2, $3)', [
        version,
        sealed,
        new Date(clock.now()),
      ]);
    });
    await reload();
  }

  await add((newest) => newest === 0);

  function keyOf(version: number): Buffer {
    const key = keys.get(version);
    if (key === undefined) throw new Error(`there is no data key ${version}`);
    return key;
  }

  return {
    seal: (plaintext, place) => Buffer.concat([Buffer.of(current), seal(keyOf(current), plaintext, place)]),
    async open(sealed, place) {
      const version = sealed[0] ?? 0;
      // Another node may have added it a moment ago.
      if (!keys.has(version)) await reload();
      const plaintext = open(keyOf(version), sealed.subarray(1), place);
      if (plaintext === undefined) throw new Error(`what is sealed at ${place.split(':')[0]} cannot be opened`);
      return plaintext;
    },
    index: (kind, value) => createHmac('sha256', indexKey).update(`${kind}:${value}`).digest(),
    get current() {
      return current;
    },
    async rotate() {
      await add(() => true);
      return current;
    },
    reload: () => reload(),
  };
}

/** Whether `master` opens the data keys of this database; true where there are none yet. Changes nothing. */
export async function opensDataKeys(db: Queryable, master: Buffer): Promise<boolean> {
  const sealingKey = deriveKey(master, 'data-keys');
  const { rows } = await db.query<{ version: number; sealed: Buffer }>(
    'select version, sealed from accounts.data_keys order by version',
  );
  return rows.every(({ version, sealed }) => open(sealingKey, sealed, context(version)) !== undefined);
}

function context(version: number): string {
  return `data-key:${version}`;
}
