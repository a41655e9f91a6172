/** What operators and their tools ask. */
import { z } from 'zod';
import { route } from './route.ts';

const PlainMetrics = z.record(z.string(), z.number());

export const operationsRoutes = {
  health: route({
    method: 'GET',
    path: '/health',
    auth: 'none',
    group: 'Operations',
    summary: 'State of the server and of each part; 503 when one is down.',
    output: z.object({
      status: z.enum(['ok', 'down', 'stopping']),
      timestamp: z.string(),
      components: z.record(z.string(), z.object({ status: z.enum(['ok', 'down']), detail: z.string().optional() })),
    }),
    otherStatus: 503,
  }),
  healthLive: route({
    method: 'GET',
    path: '/health/live',
    auth: 'none',
    group: 'Operations',
    summary: 'The process runs.',
    output: z.object({ status: z.literal('ok') }),
  }),
  healthReady: route({
    method: 'GET',
    path: '/health/ready',
    auth: 'none',
    group: 'Operations',
    summary: 'Send traffic here: 503 while starting, stopping or without a database.',
    output: z.object({ status: z.enum(['ok', 'down', 'stopping']) }),
    otherStatus: 503,
  }),
  metrics: route({
    method: 'GET',
    path: '/metrics',
    auth: 'none',
    group: 'Operations',
    summary: 'Prometheus text; with `Accept: application/json` a few numbers as JSON.',
    output: PlainMetrics,
    errors: ['unauthenticated'],
  }),
} as const;
