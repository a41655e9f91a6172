/** For vitest: one PostgreSQL for the whole run, with a migrated template that test databases are copied from. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/platform/db/embedded.ts';
import { createLogger } from '../src/platform/log.ts';
import { createTemplate } from './database.ts';
import { databaseDirectory } from './scratch.ts';

/** For all projects, by the one that is set up first: the one of them all is the last. Resolves to what ends it. */
export default async function setup({ vitest }: TestProject): Promise<() => Promise<void>> {
  const project = vitest.getRootProject();
  if ('postgresUrl' in project.getProvidedContext()) return async () => undefined;
  const dataDir = await mkdtemp(join(databaseDirectory(), 'confab-test-'));
  const log = createLogger({ level: 'warn', format: 'auto' });
  const postgres = await startEmbeddedPostgres({ dataDir, log, maxConnections: 300 });
  await createTemplate(postgres.url, log);
  project.provide('postgresUrl', postgres.url);
  const { TEST_SEED = '1' } = process.env;
  project.provide('seed', TEST_SEED === 'random' ? randomInt(2 ** 31) : Number(TEST_SEED));
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  };
}
