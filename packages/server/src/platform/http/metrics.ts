import { ProtocolError, rest } from '@confab/protocol';
import type { FastifyInstance } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metrics } from '../metrics.ts';

/** /metrics for Prometheus, and as JSON for those who ask for it. With a `token`, only for bearers of it. */
export function bindMetrics(app: FastifyInstance, metrics: Metrics, token: string | undefined): void {
  app.get(rest.metrics.path, async (request, reply) => {
    if (token !== undefined && !isBearer(token, request.headers.authorization))
      throw new ProtocolError('unauthenticated');
    void reply.header('cache-control', 'no-store');
    if (request.headers.accept?.includes('application/json') === true) return reply.send(await metrics.summary());
    const { contentType, text } = await metrics.prometheus();
    return reply.type(contentType).send(text);
  });
}

function isBearer(token: string, authorization: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''));
}
