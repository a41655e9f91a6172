import { errors, ProtocolError, rest, type RouteName } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequests, validRequests } from '../../../test/bad-input.ts';
import { type HttpTest, send, startHttp } from '../../../test/http.ts';
import type { RestHandlers } from './index.ts';

// `forbidden` is how the test sees that a handler was reached.
const names = (Object.keys(rest) as RouteName[]).filter((name) => rest[name].group !== 'Operations');
const reached = () => Promise.reject(new ProtocolError('forbidden'));
const handlers = Object.fromEntries(names.map((name) => [name, reached])) as unknown as RestHandlers;
const bearer = { authorization: 'Bearer good' };
let server: HttpTest;

beforeAll(async () => {
  server = await startHttp(handlers);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('valid input', () => {
  it.each(validRequests().filter(({ route }) => rest[route].group !== 'Operations'))(
    'reaches the handler of $route',
    async (request) => {
      expect((await send(server.url, request, bearer)).code).toBe('forbidden');
    },
  );
});

describe('bad input', () => {
  const cases = badRequests();
  const routes = [...new Set(cases.map(({ route }) => route))];

  it('is made for every route that takes input', () => {
    const taking = names.filter((name) => 'body' in rest[name] || 'query' in rest[name] || 'params' in rest[name]);
    expect(routes.toSorted()).toEqual(taking.toSorted());
    expect(cases.length).toBeGreaterThan(500);
  });

  it.each(routes)('P-ERR-3 %s: each gives its code and field, no handler runs, the server lives', async (route) => {
    for (const one of cases.filter((c) => c.route === route)) {
      const answer = await send(server.url, one, bearer);
      if (one.expected === 'any') {
        expect.soft(answer.status, one.title).toBeLessThan(500);
        continue;
      }
      const { code, field } = one.expected;
      expect.soft([answer.status, answer.code], one.title).toEqual([errors[code].status, code]);
      if (field !== undefined) expect.soft(answer.fields, one.title).toContain(field);
    }
    expect((await send(server.url, { method: 'GET', path: '/health/live' })).status).toBe(200);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
