/**
 * A model test: random people do random things on devices whose connections break and whose events are lost, doubled and
 * reordered, and whatever happened, everyone ends up with the same. `MODEL_RUNS` sets how many runs
 * (`npm run test:model`: 20,000, from a random seed); a failure prints the seed and path that bring it back with
 * `TEST_SEED` and `MODEL_PATH`.
 */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Command, commands } from './model-commands.ts';
import { createStage, Run, type Stage } from './model-run.ts';
import { step } from './model-steps.ts';
import { verify } from './model-verify.ts';
import { nodeCount, startNodes, type World } from './nodes.ts';
import { SEED } from './seed.ts';
import { startServer } from './server.ts';

// Across nodes each step takes longer, and most of what can go wrong does so on one.
const { MODEL_RUNS = nodeCount() === 1 ? '240' : '40', MODEL_PATH } = process.env;
/** Runs one after the other, beside the other lanes: they share the server, and the commits of its database. */
const LANES = MODEL_PATH === undefined ? 4 : 1;
/** Before their access tokens expire people are replaced. */
const RUNS_OF_A_STAGE = 250;

let server: World;
let urls: readonly [string, ...string[]];
let pool: pg.Pool;
beforeAll(async () => {
  if (nodeCount() === 1) {
    const single = await startServer();
    [server, urls] = [single, [single.url]];
  } else {
    const nodes = await startNodes(nodeCount());
    [server, urls] = [nodes, nodes.urls];
  }
  pool = new pg.Pool({ connectionString: server.databaseUrl, max: LANES });
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const runs = Math.ceil(Number(MODEL_RUNS) / LANES);
const stages = Array.from({ length: LANES * Math.ceil(runs / RUNS_OF_A_STAGE) }, (_, i) => i);

describe.concurrent(`whatever ${MODEL_RUNS} runs of some 30 commands do`, () => {
  test.for(stages)(
    `acknowledged is stored once, numbers are gapless, devices equal fresh ones, unread equals a recount (seed ${SEED} + %i)`,
    { timeout: 3_600_000 },
    async (i) => {
      const stage = await createStage(urls, pool, () => server.person('model'));
      await fc.assert(
        fc.asyncProperty(commands, (list) => holds(stage, list)),
        {
          seed: SEED + i,
          numRuns: Math.min(runs, RUNS_OF_A_STAGE),
          ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
        },
      );
    },
  );
});

async function holds(stage: Stage, list: readonly Command[]): Promise<void> {
  const run = await Run.start(stage);
  try {
    for (const command of list) await step(run, command);
    await verify(run);
  } finally {
    await run.end();
  }
}
