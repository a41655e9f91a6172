import { rest } from '@confab/protocol';
import { describe, expect, it } from 'vitest';
import { send, startHttp } from '../../../test/http.ts';
import { isAllowedOrigin } from './security.ts';

const get = (path: string) => ({ method: 'GET', path });

describe('health', () => {
  it('P-OPS-1 tells the state of each part, in the shape of its row also when one is down', async () => {
    let database: 'ok' | 'down' = 'ok';
    await using server = await startHttp(
      {},
      {
        healthChecks: [
          { name: 'database', check: () => Promise.resolve({ status: database, detail: 'primary' }) },
          { name: 'disk', check: () => Promise.resolve({ status: 'ok' }) },
        ],
      },
    );
    const up = await send(server.url, get('/health'));
    expect(up.status).toBe(200);
    expect(rest.health.output.parse(up.body)).toEqual({
      status: 'ok',
      timestamp: new Date(server.clock.now()).toISOString(),
      components: { database: { status: 'ok', detail: 'primary' }, disk: { status: 'ok' } },
    });
    expect(await send(server.url, get('/health/ready'))).toMatchObject({ status: 200, body: { status: 'ok' } });

    database = 'down';
    await server.clock.advance(1000);
    const down = await send(server.url, get('/health'));
    expect(down.status).toBe(503);
    expect(rest.health.output.parse(down.body)).toMatchObject({
      status: 'down',
      components: { database: { status: 'down' } },
    });
    expect(await send(server.url, get('/health/ready'))).toMatchObject({ status: 503, body: { status: 'down' } });
    expect(await send(server.url, get('/health/live'))).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('P-OPS-2 probes within a second share one check', async () => {
    let checks = 0;
    await using server = await startHttp(
      {},
      { healthChecks: [{ name: 'database', check: () => Promise.resolve({ status: ++checks > 0 ? 'ok' : 'down' }) }] },
    );
    await Promise.all(Array.from({ length: 20 }, (_, i) => send(server.url, get(i % 2 ? '/health' : '/health/ready'))));
    expect(checks).toBe(1);
    await server.clock.advance(1000);
    await send(server.url, get('/health'));
    expect(checks).toBe(2);
  });

  it('P-OPS-1 a check that fails or does not answer within a second is down, and why is only in the log', async () => {
    const asked = Promise.withResolvers<void>();
    await using server = await startHttp(
      {},
      {
        healthChecks: [
          { name: 'broken', check: () => Promise.reject(new Error('postgres://user:secret@db')) },
          {
            name: 'silent',
            check: () => {
              asked.resolve();
              return new Promise(() => undefined);
            },
          },
        ],
      },
    );
    const answer = send(server.url, get('/health'));
    await asked.promise;
    await server.clock.advance(1000);
    expect((await answer).body).toMatchObject({
      components: {
        broken: { status: 'down', detail: 'failed' },
        silent: { status: 'down', detail: 'no answer in time' },
      },
    });
    expect(server.logged()).toContainEqual(expect.objectContaining({ part: 'broken', msg: 'health check failed' }));
  });

  it('P-OPS-1 is not ready once a stop was asked for, while the process still lives', async () => {
    let stopping = false;
    await using server = await startHttp({}, { stopping: () => stopping });
    expect((await send(server.url, get('/health/ready'))).status).toBe(200);
    stopping = true;
    expect(await send(server.url, get('/health/ready'))).toMatchObject({ status: 503, body: { status: 'stopping' } });
    expect(await send(server.url, get('/health'))).toMatchObject({ status: 503, body: { status: 'stopping' } });
    const live = await send(server.url, get('/health/live'));
    expect(live.status).toBe(200);
    // Nobody keeps a connection that the server waits for.
    expect(live.headers.get('connection')).toBe('close');
  });
});

describe('metrics', () => {
  it('are Prometheus text, with requests by route and errors by code', async () => {
    await using server = await startHttp({ user: () => Promise.reject(new Error('x')) });
    await send(server.url, get('/api/users/01890a5d-ac96-774b-bcce-b302099a8057'), { authorization: 'Bearer good' });
    await send(server.url, get('/api/users/wrong'), { authorization: 'Bearer good' });
    const answer = await send(server.url, get('/metrics'));
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = String(answer.body).split('\n');
    expect(lines).toContain('confab_errors_total{code="internal"} 1');
    expect(lines).toContain('confab_errors_total{code="bad_input"} 1');
    const route = 'method="GET",route="/api/users/:userId"';
    expect(lines).toContain(`confab_http_request_duration_seconds_count{${route},status="5xx"} 1`);
    expect(lines).toContain(`confab_http_request_duration_seconds_count{${route},status="4xx"} 1`);
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'confab_connections']) {
      expect.soft(lines.map((line) => line.split(' ')[0])).toContain(name);
    }
  });

  it('are a few numbers for those who accept JSON', async () => {
    await using server = await startHttp({});
    server.metrics.connections.set(3);
    server.metrics.messagesSent.inc(5);
    server.metrics.errors.inc({ code: 'internal' });
    server.metrics.errors.inc({ code: 'bad_input' }, 2);
    server.metrics.deliveries.inc(7);
    await server.clock.advance(61_000);
    const answer = await send(server.url, get('/metrics'), { accept: 'application/json' });
    const numbers = rest.metrics.output.parse(answer.body);
    expect(numbers).toMatchObject({ connections: 3, messagesSent: 5, errors: 3, deliveries: 7, uptimeSeconds: 61 });
    expect(numbers['rssBytes']).toBeGreaterThan(1_000_000);
    expect(numbers['heapUsedBytes']).toBeGreaterThan(1_000_000);
    expect(numbers['eventLoopDelayP99Ms']).toBeGreaterThanOrEqual(0);
  });

  it('P-OPS-3 ask for the token when one is configured', async () => {
    await using server = await startHttp({}, { metricsToken: 'a-token-of-metrics' });
    for (const authorization of ['', 'Bearer a-token-of-metric', 'Bearer', 'a-token-of-metrics', 'Bearer good']) {
      expect
        .soft((await send(server.url, get('/metrics'), { authorization })).code, authorization)
        .toBe('unauthenticated');
    }
    expect((await send(server.url, get('/metrics'), { authorization: 'Bearer a-token-of-metrics' })).status).toBe(200);
  });
});

describe('isAllowedOrigin', () => {
  const config = { publicUrl: 'https://chat.example', corsOrigins: ['https://a.example', 'http://localhost:5173'] };

  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['no origin: no page', undefined, 'anything', true],
    ['the server’s own host', 'http://10.0.0.1:3000', '10.0.0.1:3000', true],
    ['the own host behind a proxy that ends TLS', 'https://own.example', 'own.example', true],
    ['the own host with its default port', 'https://own.example', 'own.example:443', true],
    ['the own host in another case', 'https://own.example', 'Own.Example', true],
    ['the public address', 'https://chat.example', '10.0.0.1:3000', true],
    ['a configured site', 'http://localhost:5173', 'x', true],
    ['another scheme of a configured site', 'http://a.example', 'x', false],
    ['another port of the own host', 'http://10.0.0.1:3001', '10.0.0.1:3000', false],
    ['another host', 'https://evil.example', 'own.example', false],
    ['a prefix of the own host', 'https://own.example.evil.example', 'own.example', false],
    ['a sandboxed frame', 'null', 'null', false],
    ['an empty one', '', '', false],
    ['one with a path', 'https://chat.example/x', 'x', false],
    ['no host', 'https://evil.example', undefined, false],
    ['nonsense', 'nonsense', 'nonsense', false],
  ])('P-REST-3 %s', (_title, origin, host, allowed) => {
    expect(isAllowedOrigin(origin, host, config)).toBe(allowed);
  });
});
