/** For vitest: the world of all who join one, as long as tests on several nodes run. */
import type { TestProject } from 'vitest/node';
import { createTestDatabase } from './database.ts';
import setupPostgres from './global-setup.ts';
import { startNodes } from './nodes.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const endPostgres = await setupPostgres(project);
  const { nodes = 2, postgresUrl } = project.getProvidedContext();
  const world = await startNodes(nodes, {}, createTestDatabase(postgresUrl));
  project.provide('world', { urls: world.urls, databaseUrl: world.databaseUrl });
  return async () => {
    await world.stop();
    await endPostgres();
  };
}
