/** What the process counts of itself, for Prometheus and, in short, for people. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from './clock.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** A fresh registry: two applications in one process count apart. Names and labels are documented in operations. */
export function createMetrics(clock: Clock) {
  const registry = new Registry();
  const registers = [registry];
  const startedAt = clock.now();
  collectDefaultMetrics({ register: registry });

  const metrics = {
    connections: new Gauge({ name: 'confab_connections', help: 'Open socket connections.', registers }),
    messagesSent: new Counter({ name: 'confab_messages_sent_total', help: 'Messages committed.', registers }),
    errors: new Counter({
      name: 'confab_errors_total',
      help: 'Refused or failed requests and events, by error code.',
      labelNames: ['code'],
      registers,
    }),
    socketEvents: new Counter({
      name: 'confab_socket_events_total',
      help: 'Client events, by name and outcome (ok, or an error code).',
      labelNames: ['event', 'outcome'],
      registers,
    }),
    deliveries: new Counter({ name: 'confab_deliveries_total', help: 'Events written to sockets.', registers }),
    commitBatchSize: new Histogram({
      name: 'confab_commit_batch_size',
      help: 'Sends in one group commit.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'confab_commit_seconds',
      help: 'Duration of one group commit.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    busDropped: new Counter({
      name: 'confab_bus_dropped_total',
      help: 'Frames the bus could not carry; clients repair by sync.',
      registers,
    }),
    indexingFailures: new Counter({
      name: 'confab_search_indexing_failures_total',
      help: 'Attempts to make messages findable that failed; they are tried again.',
      registers,
    }),
    slowConsumersCut: new Counter({
      name: 'confab_slow_consumers_cut_total',
      help: 'Connections cut because they did not keep up with reading.',
      registers,
    }),
    syncs: new Counter({ name: 'confab_sync_total', help: 'Answered sync requests.', registers }),
    matches: new Counter({ name: 'confab_matches_total', help: 'Strangers brought together, in pairs.', registers }),
    matchWaiting: new Gauge({
      name: 'confab_match_waiting',
      help: 'People who wait to meet somebody; told by the node that brings them together.',
      registers,
    }),
    taskLastRun: new Gauge({
      name: 'confab_task_last_run_timestamp_seconds',
      help: 'When a periodic task ended last, on any node.',
      labelNames: ['task'],
      registers,
    }),
    taskSucceeded: new Gauge({
      name: 'confab_task_last_succeeded',
      help: 'Whether the last run of a periodic task succeeded (1) or failed (0).',
      labelNames: ['task'],
      registers,
    }),
    taskSeconds: new Gauge({
      name: 'confab_task_last_duration_seconds',
      help: 'How long the last run of a periodic task took.',
      labelNames: ['task'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'confab_http_request_duration_seconds',
      help: 'Duration of HTTP requests, by route and class of status (2xx).',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };

  return {
    ...metrics,

    /** Everything, in Prometheus' text format, with the content type to send it as. */
    async prometheus(): Promise<{ contentType: string; text: string }> {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },

    /** The few numbers a person looks for. Counters count since the start of the process. */
    async summary(): Promise<Record<string, number>> {
      const all = new Map((await registry.getMetricsAsJSON()).map((metric) => [metric.name, metric.values]));
      const total = (name: string): number => (all.get(name) ?? []).reduce((sum, { value }) => sum + value, 0);
      return {
        connections: total('confab_connections'),
        messagesSent: total('confab_messages_sent_total'),
        errors: total('confab_errors_total'),
        deliveries: total('confab_deliveries_total'),
        syncs: total('confab_sync_total'),
        busDropped: total('confab_bus_dropped_total'),
        uptimeSeconds: Math.round((clock.now() - startedAt) / 1000),
        rssBytes: total('process_resident_memory_bytes'),
        heapUsedBytes: total('nodejs_heap_size_used_bytes'),
        eventLoopDelayP99Ms: total('nodejs_eventloop_lag_p99_seconds') * 1000,
      };
    },
  };
}
