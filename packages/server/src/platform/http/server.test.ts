import { errors, ProtocolError } from '@confab/protocol';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ACTOR, ADA, PUBLIC_ADA, send, startHttp } from '../../../test/http.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import type { Call, RestHandlers } from './index.ts';

const USER = PUBLIC_ADA;
const bearer = { authorization: 'Bearer good' };
const get = (path: string) => ({ method: 'GET', path });
const user = get(`/api/users/${USER.id}`);

function refusing(error: unknown): Pick<RestHandlers, 'user'> {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what a library might throw
  return { user: () => Promise.reject(error) };
}

describe('errors', () => {
  it('P-ERR-1 an error of the table is answered with its status, code, message, details and the request id', async () => {
    await using server = await startHttp(refusing(new ProtocolError('too_many_requests', { retryAfter: 7 })));
    const answer = await send(server.url, user, { ...bearer, 'x-request-id': 'r-1' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      error: {
        code: 'too_many_requests',
        message: errors.too_many_requests.message,
        requestId: 'r-1',
        details: { retryAfter: 7 },
      },
    });
  });

  it.each<[string, unknown]>([
    ['an error', new Error('secret inside')],
    ['a text', 'secret inside'],
    ['nothing', undefined],
    [
      'a look-alike of a framework’s refusal',
      Object.assign(new Error('secret inside'), { statusCode: 400, code: 'X' }),
    ],
  ])(
    'P-ERR-2 %s that is thrown becomes internal; the log has it under the answer’s request id',
    async (_title, thrown) => {
      await using server = await startHttp(refusing(thrown));
      const answer = await send(server.url, user, bearer);
      expect([answer.status, answer.code]).toEqual([500, 'internal']);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
      const { requestId } = (answer.body as { error: { requestId: string } }).error;
      expect(requestId).toBe(answer.headers.get('x-request-id'));
      expect(server.logged().filter((line) => line['level'] === 'error')).toMatchObject([
        { requestId, msg: 'request failed' },
      ]);
    },
  );

  it('P-ERR-5 a lost database is unavailable', async () => {
    await using server = await startHttp(refusing(Object.assign(new Error('x'), { code: '57P01' })));
    const answer = await send(server.url, user, bearer);
    expect([answer.status, answer.code]).toEqual([503, 'unavailable']);
  });

  it.each<[string, string, string, string | undefined, Record<string, string>, keyof typeof errors]>([
    ['an unknown path of the API', 'GET', '/api/nothing', undefined, {}, 'not_found'],
    ['an unknown path', 'GET', '/nothing', undefined, {}, 'not_found'],
    ['an unknown method of an unknown path', 'PUT', '/nothing', undefined, {}, 'not_found'],
    ['a broken escape in the path', 'GET', '/api/users/%zz', undefined, {}, 'malformed'],
    [
      'text instead of JSON',
      'POST',
      '/api/rooms',
      'name=x',
      { 'content-type': 'text/plain' },
      'unsupported_media_type',
    ],
    [
      'a form',
      'POST',
      '/api/rooms',
      'name=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'unsupported_media_type',
    ],
    ['JSON that is cut off', 'POST', '/api/rooms', '{"name"', {}, 'malformed'],
    ['more than 64 KB', 'POST', '/api/rooms', JSON.stringify({ name: 'x'.repeat(65_536) }), {}, 'payload_too_large'],
    ['four megabytes', 'POST', '/api/rooms', 'x'.repeat(4 << 20), {}, 'payload_too_large'],
    ['no body where one is needed', 'POST', '/api/rooms', '', {}, 'bad_input'],
  ])('P-ERR-1 %s', async (_title, method, path, body, headers, code) => {
    await using server = await startHttp({
      ...refusing(new Error('reached')),
      createRoom: () => Promise.reject(new Error('reached')),
    });
    const answer = await send(server.url, { method, path, body }, { ...bearer, ...headers });
    expect([answer.status, answer.code]).toEqual([errors[code].status, code]);
  });

  it('P-ERR-1 bytes that are not UTF-8 are malformed', async () => {
    await using server = await startHttp({ createRoom: () => Promise.reject(new Error('reached')) });
    const answer = await fetch(`${server.url}/api/rooms`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(await answer.json()).toMatchObject({ error: { code: 'malformed' } });
  });

  it('P-ERR-1 a known path with another method says which are allowed', async () => {
    await using server = await startHttp({
      ...refusing(new Error('x')),
      createRoom: () => Promise.reject(new Error('x')),
    });
    for (const [method, path, allow] of [
      ['DELETE', user.path, 'GET, HEAD'],
      ['GET', '/api/rooms', 'POST'],
      ['PUT', '/health/live', 'GET, HEAD'],
      ['PROPFIND', '/api/rooms', 'POST'],
    ] as const) {
      const answer = await send(server.url, { method, path });
      expect.soft([answer.code, answer.headers.get('allow')], path).toEqual(['method_not_allowed', allow]);
    }
  });

  it.each([
    ['what is not HTTP', 'nonsense\r\n\r\n', 'malformed'],
    ['too many header bytes', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 'payload_too_large'],
  ])('P-ERR-1 %s is answered in the same form', async (_title, bytes, code) => {
    await using server = await startHttp({});
    const socket = connect(server.port, '127.0.0.1');
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({ error: { code } });
    expect(head).toContain(`x-request-id: ${(JSON.parse(body) as { error: { requestId: string } }).error.requestId}`);
    expect(head).toContain('content-security-policy: ');
  });

  it('P-ERR-1 a client that reads only after it has sent four megabytes still gets its answer', async () => {
    await using server = await startHttp({});
    const socket = connect(server.port, '127.0.0.1');
    socket.pause();
    const length = 4 << 20;
    socket.write(
      `POST /api/rooms HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
    );
    await new Promise<void>((resolve, reject) =>
      socket.write('x'.repeat(length), (error) => (error ? reject(error) : resolve())),
    );
    expect(await text(socket)).toContain('payload_too_large');
  });

  it('a client that leaves in the middle of a body harms nobody', async () => {
    await using server = await startHttp({ createRoom: () => Promise.reject(new Error('reached')) });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      'POST /api/rooms HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a',
    );
    await once(socket, 'connect');
    socket.destroy();
    expect((await send(server.url, get('/health/live'))).status).toBe(200);
  });
});

describe('handlers', () => {
  it('P-REST-1 receive the actor of the token and parsed input, and what their row does not declare is not sent', async () => {
    const seen: unknown[] = [];
    await using server = await startHttp({
      user: ({ actor, params }) => {
        seen.push(actor, params);
        return Promise.resolve({ ...USER, passwordHash: 'secret' });
      },
    });
    const answer = await send(server.url, user, bearer);
    expect([answer.status, answer.body]).toEqual([200, USER]);
    expect(seen).toEqual([ACTOR, { userId: USER.id }]);
  });

  it('P-ERR-2 an answer that is not what the row declares is internal', async () => {
    await using server = await startHttp({ user: () => Promise.resolve({ ...USER, name: null as unknown as string }) });
    expect((await send(server.url, user, bearer)).code).toBe('internal');
    expect(JSON.stringify(server.logged())).toContain('the answer of user is not what its row declares');
  });

  it('P-REST-2 a route for users asks for a token before it looks at the input', async () => {
    await using server = await startHttp(refusing(new Error('reached')));
    for (const [authorization, code] of [
      [undefined, 'unauthenticated'],
      ['', 'unauthenticated'],
      ['Basic good', 'unauthenticated'],
      ['Bearer', 'unauthenticated'],
      ['Bearer good good', 'unauthenticated'],
      ['Bearer other', 'unauthenticated'],
      ['Bearer expired', 'token_expired'],
    ] as const) {
      const answer = await send(
        server.url,
        get('/api/users/wrong'),
        authorization === undefined ? {} : { authorization },
      );
      expect.soft([answer.status, answer.code], authorization).toEqual([401, code]);
      expect.soft(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await send(server.url, get('/api/users/wrong'), { authorization: 'bearer good' })).code).toBe('bad_input');
  });

  it('a file for good is answered however often it is asked for; what is not there counts as a call', async () => {
    const there = 'a'.repeat(64);
    await using server = await startHttp(
      {
        loungePicture: ({ params }) =>
          params.hash === there
            ? Promise.resolve({ name: 'lounge.webp', content: Buffer.from('bytes') })
            : Promise.reject(new ProtocolError('not_found')),
      },
      { limits: { ...NO_LIMITS, api: { count: 2, seconds: 60 } } },
    );
    const ask = async (hash: string) =>
      (await send(server.url, get(`/api/lounges/${USER.id}/pictures/${hash}`))).status;
    const ten = Array.from({ length: 10 }, () => ask(there));
    expect(new Set(await Promise.all(ten))).toEqual(new Set([200]));
    const missing = 'b'.repeat(64);
    expect([await ask(missing), await ask(missing), await ask(missing)]).toEqual([404, 404, 429]);
    expect(await ask(there)).toBe(200);
  });

  it('P-REST-1 a route without output answers 204 and one that creates 201', async () => {
    await using server = await startHttp({
      signOut: () => Promise.resolve(),
      signUp: () =>
        Promise.resolve({
          user: ADA,
          accessToken: 'a',
          expiresIn: 900,
        }),
    });
    expect((await send(server.url, { method: 'POST', path: '/api/auth/signout' })).status).toBe(204);
    const body = JSON.stringify({ email: ' Ada@Example.com ', password: 'password', username: 'ada' });
    expect((await send(server.url, { method: 'POST', path: '/api/auth/signup', body })).status).toBe(201);
  });

  it('see the call’s address, agent, cookies and CSRF header, and set cookies out of reach of scripts', async () => {
    let call: Call | undefined;
    const handlers: Pick<RestHandlers, 'csrf'> = {
      csrf: (request) => {
        ({ call } = request);
        call.setCookie('a', 'b', { path: '/api/auth', maxAge: 60 });
        return Promise.resolve({ csrfToken: 't' });
      },
    };
    const headers = { cookie: 'x=1; y=2', 'user-agent': 'test', 'x-csrf-token': 'c', 'x-forwarded-for': '203.0.113.9' };
    {
      await using server = await startHttp(handlers);
      const answer = await send(server.url, get('/api/auth/csrf'), headers);
      expect(answer.headers.get('set-cookie')).toBe('a=b; Max-Age=60; Path=/api/auth; HttpOnly; SameSite=Lax');
      expect(call).toMatchObject({ ip: '127.0.0.1', userAgent: 'test', csrfToken: 'c', cookies: { x: '1', y: '2' } });
      expect(call?.requestId).toBe(answer.headers.get('x-request-id'));
    }
    for (const trustProxy of [true, 1, ['127.0.0.0/8']]) {
      await using server = await startHttp(handlers, { trustProxy, publicUrl: 'https://chat.example' });
      const answer = await send(server.url, get('/api/auth/csrf'), headers);
      expect(answer.headers.get('set-cookie')).toContain('; Secure');
      expect(call?.ip).toBe('203.0.113.9');
    }
  });
});

describe('request ids', () => {
  it('P-ID-2 one of the client comes back, another is replaced, on every kind of answer', async () => {
    await using server = await startHttp(refusing(new Error('x')), { corsOrigins: ['https://other.example'] });
    await writeFile(join(server.webRoot, 'robots.txt'), 'x');
    for (const path of [user.path, '/api/nothing', '/health/live', '/robots.txt', '/api/users/%zz', '/nothing']) {
      expect
        .soft((await send(server.url, get(path), { 'x-request-id': 'mine-1' })).headers.get('x-request-id'), path)
        .toBe('mine-1');
      expect
        .soft((await send(server.url, get(path), { 'x-request-id': 'm i n e' })).headers.get('x-request-id'), path)
        .toMatch(/^[0-9a-f-]{36}$/);
    }
    const preflight = {
      origin: 'https://other.example',
      'access-control-request-method': 'GET',
      'x-request-id': 'mine-2',
    };
    const answer = await send(server.url, { method: 'OPTIONS', path: user.path }, preflight);
    expect(answer.headers.get('x-request-id')).toBe('mine-2');
  });

  it('P-ID-2 are in the log lines a handler causes, and each request is logged once without its query', async () => {
    await using server = await startHttp({
      findUsers: async () => {
        await Promise.resolve();
        throw new Error('x');
      },
    });
    await send(server.url, get('/api/users?q=private'), { ...bearer, 'x-request-id': 'mine-3' });
    const lines = server.logged().filter((line) => line['requestId'] === 'mine-3');
    expect(lines.map((line) => line['msg'])).toEqual(['request failed', 'request']);
    expect(JSON.stringify(lines)).not.toContain('private');
  });
});
