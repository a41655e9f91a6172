import { errors, rest, type RouteName, type RouteSpec } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequests } from './bad-input.ts';
import { send } from './http.ts';
import type { Person } from './person.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let person: Person;

beforeAll(async () => {
  server = await startServer();
  // Whose calls are refused for their input, and for nothing before that.
  person = await server.person('owner', 'owner');
});
afterAll(() => server.stop());

function bearer(): Record<string, string> {
  return { authorization: `Bearer ${person.signedIn.accessToken}` };
}

describe('the whole server', () => {
  it('P-DOC-2 answers every route of the OpenAPI document it serves', async () => {
    const { body } = await send(server.url, { method: 'GET', path: '/api/openapi.json' });
    const { paths } = body as { paths: Record<string, Record<string, { operationId: string }>> };
    const served = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
    );
    expect(served.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(rest).toSorted());
    for (const { path, method, operationId } of served) {
      const row: RouteSpec = rest[operationId as RouteName];
      const answer = await send(server.url, { method, path: path.replaceAll(/\{\w+\}/g, 'x') });
      // Without a token or body a route refuses in its own way; one that is not bound is not found.
      expect.soft(['not_found', 'method_not_allowed', 'internal'], operationId).not.toContain(answer.code);
      if (row.auth === 'user') expect.soft(answer.code, operationId).toBe('unauthenticated');
    }
  });
});

describe('bad input', () => {
  const cases = badRequests();
  const routes = [...new Set(cases.map(({ route }) => route))];

  it.each(routes)('P-ERR-3 %s: each gives its code and field, and nothing is written', async (route) => {
    const state = async () => [await person.call('rooms', { query: {} }), await person.call('profile', {})];
    const before = await state();
    for (const one of cases.filter((c) => c.route === route)) {
      const answer = await send(server.url, one, bearer());
      if (one.expected === 'any') {
        expect.soft(answer.status, one.title).toBeLessThan(500);
        continue;
      }
      const { code, field } = one.expected;
      expect.soft([answer.status, answer.code], one.title).toEqual([errors[code].status, code]);
      if (field !== undefined) expect.soft(answer.fields, one.title).toContain(field);
    }
    expect(await state()).toEqual(before);
  });
});
