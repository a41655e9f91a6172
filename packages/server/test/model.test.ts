/**
 * A model test: random people do random things on devices whose connections break and whose events are lost, doubled and
 * reordered, and whatever happened, everyone ends up with the same. `MODEL_RUNS` sets how many runs; a failure prints
 * the seed and path that bring it back with `MODEL_SEED` and `MODEL_PATH`.
 */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { commands } from './model-commands.ts';
import { createStage, run } from './model-run.ts';
import { startServer, type TestServer } from './server.ts';

const { MODEL_RUNS = '1000', MODEL_SEED, MODEL_PATH } = process.env;
const seed = MODEL_SEED === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(MODEL_SEED);
/** Runs one after the other, beside the other lanes: they share the server, and the commits of its database. */
const LANES = MODEL_PATH === undefined ? 4 : 1;
/** Before their access tokens expire people are replaced. */
const RUNS_OF_A_STAGE = 1000;

let server: TestServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startServer();
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
    `acknowledged is stored once, numbers are gapless, devices equal fresh ones, unread equals a recount (seed ${seed} + %i)`,
    { timeout: 3_600_000 },
    async (i) => {
      const stage = await createStage([server.url], pool, () => server.person('model'));
      await fc.assert(
        fc.asyncProperty(commands, (list) => run(stage, list)),
        {
          seed: seed + i,
          numRuns: Math.min(runs, RUNS_OF_A_STAGE),
          ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
        },
      );
    },
  );
});
