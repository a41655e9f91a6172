/** A PostgreSQL with people in rooms, for servers that are measured one after the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadSigningKeys } from '../../packages/server/src/modules/accounts/keys.ts';
import { createAccessTokens } from '../../packages/server/src/modules/accounts/tokens.ts';
import { migrations } from '../../packages/server/src/modules/migrations.ts';
import { systemClock } from '../../packages/server/src/platform/clock.ts';
import { openDatabase } from '../../packages/server/src/platform/db/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/platform/db/embedded.ts';
import { migrate } from '../../packages/server/src/platform/db/migrate.ts';
import { createIds } from '../../packages/server/src/platform/ids.ts';
import { createLogger } from '../../packages/server/src/platform/log.ts';
import { type Measured, parentOf, startMeasured, treeCpuUs } from './process.ts';

const SECRET = 'a secret of measurements, 32 characters';

export interface Instance {
  databaseUrl: string;
  /** Microseconds of CPU time of PostgreSQL so far, with all its processes. */
  postgresCpuUs(): number;
  /** How many messages are yet to be made findable. */
  unindexed(): Promise<number>;
  /** Everyone, with an access token good for 15 minutes from now. */
  people(): Promise<{ id: string; token: string }[]>;
  /** A group of the people from index `from` on. */
  room(from: number, count: number): Promise<string>;
  /** Confab on it, in a process of its own. */
  start(env?: Record<string, string>, nodeArgs?: readonly string[]): Promise<Measured>;
  stop(): Promise<void>;
}

export async function makeInstance(people: number): Promise<Instance> {
  const dir = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const log = createLogger({ level: 'warn', format: 'auto' });
  const ids = createIds(systemClock);
  const postgres = await startEmbeddedPostgres({ dataDir: dir, log });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  // What is idle when PostgreSQL ends.
  pool.on('error', () => undefined);
  await migrate(pool, migrations, log);
  const { rows: backend } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const postmaster = parentOf(backend[0]?.pid ?? 0);
  const userIds = Array.from({ length: people }, () => ids.uuid());
  await pool.query(
    `INSERT INTO accounts.users (id, email, username, name, role, created_at, updated_at)
     SELECT id, 'member' || i || '@example.com', 'member' || i, 'Member ' || i, 'user', now(), now()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, i)`,
    [userIds],
  );
  await pool.query(
    `INSERT INTO accounts.sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, ip)
     SELECT id, id, now(), now(), now() + interval '30 days', 'bench', '127.0.0.1' FROM accounts.users`,
  );

  return {
    databaseUrl: postgres.url,
    postgresCpuUs: () => treeCpuUs(postmaster),
    async unindexed() {
      const { rows } = await pool.query<{ count: number }>(
        'SELECT coalesce(sum(cardinality(ns)), 0)::int AS count FROM chat.unindexed',
      );
      return rows[0]?.count ?? 0;
    },
    async people() {
      const db = await openDatabase({ url: postgres.url, poolSize: 1, log });
      const tokens = createAccessTokens(
        await loadSigningKeys(db, systemClock, Buffer.from(SECRET, 'utf8')),
        systemClock,
      );
      await db.close();
      const signed = userIds.map(async (id) => ({
        id,
        token: await tokens.issue({ userId: id, sessionId: id, role: 'user' }),
      }));
      return Promise.all(signed);
    },
    async room(from, count) {
      const id = ids.uuid();
      const members = userIds.slice(from, from + count);
      await pool.query(
        `INSERT INTO chat.rooms (room_id, kind, name, member_count, created_by, created_at, active_at, n, rev)
         VALUES ($1, 'group', 'Measured', $2::int, $3, now(), now(), 0, $2::int)`,
        [id, count, members[0]],
      );
      await pool.query(
        `INSERT INTO chat.members (room_id, user_id, role, last_read_n, joined_at, rev)
         SELECT $1, user_id, 'member', 0, now(), rev FROM unnest($2::uuid[]) WITH ORDINALITY AS s (user_id, rev)`,
        [id, members],
      );
      return id;
    },
    start: (env = {}, nodeArgs = []) =>
      startMeasured(
        join(import.meta.dirname, '../peers/confab.ts'),
        {
          LOG_LEVEL: 'warn',
          PORT: '0',
          DATA_DIR: join(dir, 'server'),
          DATABASE_URL: postgres.url,
          SECRET_KEY: SECRET,
          MAX_CONNECTIONS: '100000',
          ...env,
        },
        nodeArgs,
      ),
    async stop() {
      await pool.end();
      await postgres.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
