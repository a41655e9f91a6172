import { rest } from '@confab/protocol';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';

/** One part the server needs. `detail` is public: it holds nothing of the inside, such as addresses. */
export interface HealthCheck {
  name: string;
  /** The server also serves without it: /health names it, /health/ready does not ask. */
  dispensable?: true;
  check(): Promise<{ status: 'ok' | 'down'; detail?: string }>;
}

export interface HealthOptions {
  checks: readonly HealthCheck[];
  /** True from the moment a stop was asked for. */
  stopping: () => boolean;
  clock: Clock;
  log: Logger;
}

type Health = z.output<typeof rest.health.output>;

/** A check that takes longer counts as down. */
const CHECK_MS = 1000;
/** Probes within this time share one answer, so that they cannot load the parts they ask about. */
const FRESH_MS = 1000;

/** /health, /health/live and /health/ready. Whatever is wrong, the body has the row's shape; the status is 503. */
export function bindHealth(app: FastifyInstance, options: HealthOptions): void {
  const { clock } = options;
  let last: { at: number; components: Promise<Health['components']> } | undefined;

  async function health(): Promise<Health> {
    if (last === undefined || clock.now() - last.at >= FRESH_MS) {
      last = { at: clock.now(), components: checkAll(options) };
    }
    const components = await last.components;
    const down = Object.values(components).some((part) => part.status === 'down');
    const status = options.stopping() ? 'stopping' : down ? 'down' : 'ok';
    return { status, timestamp: new Date(clock.now()).toISOString(), components };
  }

  app.get(rest.health.path, async (_request, reply) => {
    const answer = await health();
    return reply.code(answer.status === 'ok' ? 200 : 503).send(answer);
  });
  app.get(rest.healthReady.path, async (_request, reply) => {
    const { status: whole, components } = await health();
    const needed = options.checks.filter((part) => part.dispensable !== true);
    const down = needed.some((part) => components[part.name]?.status === 'down');
    const status = whole === 'stopping' ? 'stopping' : down ? 'down' : 'ok';
    return reply.code(status === 'ok' ? 200 : 503).send({ status });
  });
  app.get(rest.healthLive.path, (_request, reply) => reply.send({ status: 'ok' }));
}

async function checkAll({ checks, clock, log }: HealthOptions): Promise<Health['components']> {
  const results = await Promise.all(checks.map(async (part) => [part.name, await checkOne(part, clock, log)] as const));
  return Object.fromEntries(results);
}

async function checkOne(part: HealthCheck, clock: Clock, log: Logger): Promise<Health['components'][string]> {
  const late = Promise.withResolvers<Health['components'][string]>();
  const timer = clock.setTimeout(() => late.resolve({ status: 'down', detail: 'no answer in time' }), CHECK_MS);
  try {
    return await Promise.race([part.check(), late.promise]);
  } catch (error) {
    log.warn({ err: error, part: part.name }, 'health check failed');
    return { status: 'down', detail: 'failed' };
  } finally {
    timer.cancel();
  }
}
