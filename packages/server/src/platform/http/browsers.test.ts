/** What browsers get: whose pages may call, the web client, and the headers of every answer. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PUBLIC_ADA, send, startHttp } from '../../../test/http.ts';

const USER = PUBLIC_ADA;
const bearer = { authorization: 'Bearer good' };
const get = (path: string) => ({ method: 'GET', path });
const user = get(`/api/users/${USER.id}`);

describe('origins', () => {
  it('P-REST-3 pages of other sites are refused, and those of configured sites may call and read', async () => {
    await using server = await startHttp(
      { user: () => Promise.resolve(USER) },
      { publicUrl: 'https://chat.example', corsOrigins: ['https://other.example'] },
    );
    for (const [origin, status, readable] of [
      ['https://evil.example', 403, null],
      ['null', 403, null],
      ['https://other.example.evil.example', 403, null],
      ['https://other.example', 200, 'https://other.example'],
      ['https://chat.example', 200, null],
      [server.url, 200, null],
    ] as const) {
      const answer = await send(server.url, user, { ...bearer, origin });
      expect
        .soft([answer.status, answer.headers.get('access-control-allow-origin')], origin)
        .toEqual([status, readable]);
    }
    const encoded = await send(
      server.url,
      { ...user, path: user.path.replace('api', '%61pi') },
      { ...bearer, origin: 'https://evil.example' },
    );
    expect([encoded.status, encoded.headers.get('cache-control')]).toEqual([403, 'no-store']);
    const preflight = { origin: 'https://other.example', 'access-control-request-method': 'PATCH' };
    const answer = await send(server.url, { method: 'OPTIONS', path: user.path }, preflight);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });
});

describe('the web client', () => {
  it('is served with caching by name and its page for every address of its own', async () => {
    await using server = await startHttp({});
    await mkdir(join(server.webRoot, 'assets'));
    await writeFile(join(server.webRoot, 'index.html'), '<!doctype html><title>Client</title>');
    await writeFile(join(server.webRoot, 'assets/app-3f2a.js'), 'x');
    const html = { accept: 'text/html,application/xhtml+xml' };

    for (const [path, headers] of [
      ['/', {}],
      ['/', html],
      ['/rooms/1', html],
      ['/index.html', {}],
    ] as const) {
      const page = await send(server.url, get(path), headers);
      expect.soft([page.status, page.headers.get('cache-control')], path).toEqual([200, 'no-cache']);
      expect.soft(page.body, path).toContain('<title>Client</title>');
    }
    const asset = await send(server.url, get('/assets/app-3f2a.js'));
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/api/x', '/assets/gone.js', '/health/x', '/.well-known/x', '/socket.io/x', '/metrics/x']) {
      expect.soft((await send(server.url, get(path), html)).code, path).toBe('not_found');
    }
    expect((await send(server.url, get('/rooms/1'))).code).toBe('not_found');
    for (const path of [
      '/%2e%2e/package.json',
      '/assets/..%2f..%2fx',
      '/%00',
      '//x',
      '/a%5c..%5cx',
      '/.env',
      '/assets',
      '/assets/',
    ]) {
      expect.soft(['not_found', 'malformed'], path).toContain((await send(server.url, get(path))).code);
    }
  });

  it('says what to do when it has not been built', async () => {
    await using server = await startHttp({});
    const page = await send(server.url, get('/'), { accept: 'text/html' });
    expect(page.status).toBe(503);
    expect(page.body).toContain('npm run build');
  });
});

describe('headers', () => {
  it('of security are on every answer', async () => {
    await using server = await startHttp({ user: () => Promise.resolve(USER) }, { publicUrl: 'https://chat.example' });
    await writeFile(join(server.webRoot, 'index.html'), 'x');
    for (const path of [user.path, '/api/nothing', '/', '/index.html', '/health/live', '/api/users/%zz', '/metrics']) {
      const { headers } = await send(server.url, get(path), bearer);
      const csp = headers.get('content-security-policy') ?? '';
      expect.soft(csp, path).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect.soft(csp, path).toContain("connect-src 'self' wss://chat.example;");
      expect.soft(csp, path).not.toContain('unsafe');
      expect.soft(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect.soft(headers.get('strict-transport-security'), path).toBe('max-age=31536000');
    }
  });
});
