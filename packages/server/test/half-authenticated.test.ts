/** What somebody gets who has passed the first factor, and not the second. */
import { rest, type RouteName, type RouteSpec } from '@confab/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from './person.ts';
import { shownCode } from './authenticator.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let challenge: string;
beforeAll(async () => {
  server = await startServer();
  const person = await server.person();
  const { secret } = await person.call('startTotp', {});
  await person.call('confirmTotp', { body: { code: await shownCode(secret) } });
  const { username } = person.signedIn.user;
  const answer = await call(server.url, undefined, 'signIn', {
    body: { username, password: 'a good password', transport: 'body' },
  });
  if (!('secondFactor' in answer)) throw new Error('no second factor was asked for');
  challenge = answer.secondFactor.challenge;
});
afterAll(() => server.stop());

const WITH_TOKEN = (Object.keys(rest) as RouteName[]).filter((name) => rest[name].auth === 'user');

test.each(WITH_TOKEN)('%s is refused', async (name) => {
  const { method, path }: RouteSpec = rest[name];
  const url = server.url + path.replaceAll(/:\w+/g, '018f0000-0000-7000-8000-000000000000');
  for (const authorization of [`Bearer ${challenge}`, undefined]) {
    const response = await fetch(url, { method, headers: authorization === undefined ? {} : { authorization } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } });
  }
});

test.each(['websocket', 'polling'] as const)('the socket is refused over %s', async (transport) => {
  const socket = io(server.url, {
    auth: { token: challenge },
    transports: [transport],
    forceNew: true,
    reconnection: false,
  });
  const heard: string[] = [];
  socket.onAny((event: string) => void heard.push(event));
  try {
    const refusal = await new Promise((resolve, reject) => {
      socket.once('connect', () => reject(new Error('was let in')));
      socket.once('connect_error', (error) => resolve((error as Error & { data?: unknown }).data));
    });
    expect(refusal).toMatchObject({ code: 'unauthenticated' });
    expect(heard).toEqual([]);
  } finally {
    socket.disconnect();
  }
});

test('there is nothing to refresh', async () => {
  const refresh = call(server.url, undefined, 'refresh', { body: { refreshToken: challenge } });
  await expect(refresh).rejects.toMatchObject({ body: { code: 'unauthenticated' } });
});
