import { randomUUID } from 'node:crypto';
import type { Role } from '@confab/protocol';
import pg from 'pg';
import { inject } from 'vitest';
import { migrations } from '../src/modules/migrations.ts';
import { migrate } from '../src/platform/db/migrate.ts';
import { migrateJobs } from '../src/platform/jobs/postgres.ts';
import type { Logger } from '../src/platform/log.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of this run, at its maintenance database. */
    postgresUrl: string;
  }
}

const TEMPLATE = 'confab_template';

export interface TestDatabase {
  url: string;
  /** Cuts what is still connected. */
  drop(): Promise<void>;
}

/** A fresh, migrated database of its own, on the PostgreSQL of this run; takes some 30 ms. */
export async function createTestDatabase(server = inject('postgresUrl')): Promise<TestDatabase> {
  return createDatabase(server, `TEMPLATE ${TEMPLATE}`);
}

/** A fresh database without any tables. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase(inject('postgresUrl'), '');
}

async function createDatabase(server: string, options: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, `CREATE DATABASE ${name} ${options}`);
  return { url: databaseUrl(server, name), drop: () => run(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Makes a person of a test what they could not make themselves; before their first call, as servers remember roles. */
export async function giveRole(url: string, userId: string, role: Role): Promise<void> {
  await run(url, 'update accounts.users set role = $2 where id = $1', [userId, role]);
}

/** As `giveRole`. */
export async function giveRoleByName(url: string, username: string, role: Role): Promise<void> {
  await run(url, 'update accounts.users set role = $2 where username = $1', [username, role]);
}

/** Creates what `createTestDatabase` copies. Nobody can connect to it afterwards: a connection would block copying. */
export async function createTemplate(server: string, log: Logger): Promise<void> {
  await run(server, `CREATE DATABASE ${TEMPLATE}`);
  const pool = new pg.Pool({ connectionString: databaseUrl(server, TEMPLATE), max: 1 });
  try {
    await migrate(pool, migrations, log);
  } finally {
    await pool.end();
  }
  await migrateJobs(databaseUrl(server, TEMPLATE), log);
  await run(server, `ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function run(server: string, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}
