import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files of a project run one after the other in the same processes, which load the modules once. What replaces a
 * module (`vi.mock`) needs a process of its own.
 */
const REPLACES_MODULES = ['packages/server/src/modules/accounts/enumeration.test.ts'];

/** They take long for their size, by which the files are put in order when no earlier run has told how long they take. */
const LONG = ['/e2e/kill.test.ts', '/server/test/model.test.ts'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((end) => moduleId.endsWith(end));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // One embedded PostgreSQL for the whole run; each test file takes a database of its own from it.
    globalSetup: ['packages/server/test/global-setup.ts'],
    setupFiles: ['packages/server/test/seed.ts'],
    // Most of a test's time is spent waiting for sockets and the database, so three fit on the smallest machine.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongFirst },
    allowOnly: false,
    // Limits for tests that hang, not expectations of speed.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/{src,test}/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: REPLACES_MODULES,
          alias: { '@node-rs/argon2': join(import.meta.dirname, 'packages/server/test/argon2.ts') },
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'isolated', include: REPLACES_MODULES },
      },
      {
        extends: true,
        test: {
          name: 'two nodes',
          // Tests that start a `World`, again.
          include: [
            'packages/server/src/modules/messages/{content,counts,held,held-decisions,mentions,messages,open-thread,pins,polls,reactions,search,stars}.test.ts',
            'packages/server/src/modules/rooms/{browse,invites,removal,rooms,settings}.test.ts',
            'packages/server/src/modules/{moderation/{automod,automod-trial,cases,kicks-and-bans,mutes,reports,sanctions},presence/typing,safety/blocks}.test.ts',
            'packages/server/test/model.test.ts',
          ],
          provide: { nodes: 2 },
          globalSetup: ['packages/server/test/global-setup-nodes.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          isolate: false,
          // Browsers and killed processes need the machine to themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
