import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One embedded PostgreSQL for the whole run; each test file takes a database of its own from it.
    globalSetup: ['packages/server/test/global-setup.ts'],
    // Most of a test's time is spent waiting for sockets and the database, so two fit on the smallest machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    allowOnly: false,
    // Limits for tests that hang, not expectations of speed.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/{src,test}/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'two nodes',
          // Tests that start a `World`, again.
          include: [
            'packages/server/src/modules/messages/{content,counts,held,mentions,messages,open-thread,pins,polls,reactions,search,stars}.test.ts',
            'packages/server/src/modules/rooms/{browse,invites,removal,rooms,settings}.test.ts',
            'packages/server/src/modules/{moderation/{automod,automod-trial,cases,reports,sanctions},presence/typing,safety/blocks}.test.ts',
            'packages/server/test/model.test.ts',
          ],
          provide: { nodes: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Browsers and killed processes need the machine to themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
