/** Periodic tasks, one at a time and at once. */
import { expect } from 'vitest';
import type { FakeClock } from '../src/platform/clock.ts';
import type { TestServer } from './server.ts';
import { sql } from './sql.ts';

/** Runs the named task as if it was due, and expects it to succeed. */
export async function runTask(server: TestServer, clock: FakeClock, name: string): Promise<void> {
  const due = await sql(server, 'UPDATE upkeep.tasks SET next_at = $2 WHERE name = $1 RETURNING name', [
    name,
    new Date(clock.now()),
  ]);
  expect(due).toHaveLength(1);
  await server.runDueTasks();
  expect(await sql(server, 'SELECT succeeded, ran_at FROM upkeep.tasks WHERE name = $1', [name])).toEqual([
    { succeeded: true, ran_at: new Date(clock.now()) },
  ]);
}
