import type { ErrorCode } from '@confab/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { ConfabError } from './error.ts';
import type { Http } from './http.ts';
import { Session, type SessionEnd, type Transport } from './session.ts';
import { memoryStore } from './store.ts';

const user = { id: 'u', username: 'ann', name: 'Ann', role: 'user', email: 'a@example.com', createdAt: 0 };

/** Tokens come from a counter; `answers` are refusals to give before anything else, by route. */
function setup(transport: Transport = 'body') {
  const clock = new FakeClock();
  const store = memoryStore();
  const calls: string[] = [];
  const refusals: Partial<Record<string, (ErrorCode | 'network')[]>> = {};
  /** What happens on the way to an answer, by route. */
  const meanwhile: Partial<Record<string, () => void>> = {};
  /** What comes with a refusal. */
  const details: { [K in ErrorCode]?: { details: { retryAfter: number } } } = {};
  let issued = 0;
  const ended: SessionEnd[] = [];
  /** Who is signed in by the server's account. */
  const account = { user };
  const http = {
    call(name: string, input: { body?: { refreshToken?: string } }, headers: Record<string, string>) {
      calls.push(
        [name, headers['authorization'] ?? headers['x-csrf-token'] ?? input.body?.refreshToken].join(' ').trim(),
      );
      meanwhile[name]?.();
      const code = refusals[name]?.shift();
      if (code === 'network') return Promise.reject(ConfabError.network('cut'));
      if (code) return Promise.reject(ConfabError.fromBody({ code, message: '', requestId: '', ...details[code] }));
      if (name === 'csrf') return Promise.resolve({ csrfToken: `csrf-${calls.length}` });
      if (name === 'signIn' || name === 'refresh') {
        issued += 1;
        const refreshToken = transport === 'body' ? { refreshToken: `refresh-${issued}` } : {};
        return Promise.resolve({ ...account, accessToken: `access-${issued}`, expiresIn: 900, ...refreshToken });
      }
      if (name === 'upgradeGuest') return Promise.resolve({ ...user, role: 'user' });
      return Promise.resolve({ rooms: [] });
    },
  } as unknown as Http;
  const make = (apiToken?: string) =>
    new Session({ http, store, transport, clock, apiToken, onEnded: (reason) => ended.push(reason) });
  return { clock, store, calls, refusals, meanwhile, details, account, session: make(), make, ended };
}

const who = { email: 'a@example.com', password: 'password123' };

test('a token is used until shortly before it expires; then all who ask share one refresh', async () => {
  const { session, clock, calls } = setup();
  await session.enter('signIn', who);
  await clock.advance(870_000);
  expect(await session.token()).toBe('access-1');
  await clock.advance(15_000);
  expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(Array(3).fill('access-2'));
  expect(calls).toEqual(['signIn', 'refresh refresh-1']);
});

test('a refused access token is renewed once, and the call repeated', async () => {
  const { session, calls, refusals } = setup();
  await session.enter('signIn', who);
  refusals['rooms'] = ['token_expired'];
  await session.call('rooms', {});
  expect(calls.slice(1)).toEqual(['rooms Bearer access-1', 'refresh refresh-1', 'rooms Bearer access-2']);
});

test('a lost refresh is repeated with the same token, and the session goes on', async () => {
  const { session, clock, calls, refusals, ended } = setup();
  await session.enter('signIn', who);
  await clock.advance(900_000);
  refusals['refresh'] = ['network'];
  await expect(session.token()).rejects.toMatchObject({ code: 'network' });
  expect(await session.token()).toBe('access-2');
  expect(calls.slice(1)).toEqual(['refresh refresh-1', 'refresh refresh-1']);
  expect(ended).toEqual([]);
});

test('a refused refresh ends the session, once, and forgets its token', async () => {
  const { session, clock, refusals, ended, store } = setup();
  await session.enter('signIn', who);
  await clock.advance(900_000);
  refusals['refresh'] = ['session_ended'];
  await Promise.allSettled([session.token(), session.token()]);
  expect(ended).toEqual(['expired']);
  expect(session.me).toBeNull();
  expect(await store.list('')).toEqual([]);
});

test('a ban ends the session as such, and taking it up again says so instead of that there is none', async () => {
  const { session, clock, make, refusals, ended } = setup();
  await session.enter('signIn', who);
  const again = make();
  await clock.advance(900_000);
  refusals['refresh'] = ['account_banned', 'account_banned', 'account_banned', 'session_ended'];
  await expect(again.restore()).rejects.toMatchObject({ code: 'account_banned' });
  await expect(session.token()).rejects.toMatchObject({ code: 'account_banned' });
  expect(ended).toEqual(['banned']);
  expect(session.me).toBeNull();
  await expect(session.restore()).rejects.toMatchObject({ code: 'account_banned' });
  // The ban was lifted: the session stays ended.
  expect(await session.restore()).toBeNull();
});

test('when another person has signed in in the browser, my session is over and theirs is not taken for mine', async () => {
  const { session, clock, account, ended } = setup('cookie');
  await session.enter('signIn', who);
  account.user = { ...user, id: 'other' };
  await clock.advance(900_000);
  await expect(session.token()).rejects.toMatchObject({ code: 'session_ended' });
  expect(ended).toEqual(['replaced']);
  expect(session.me).toBeNull();
  expect(await session.restore()).toMatchObject({ id: 'other' });
});

test('whatever answers my profile changes who I am here', async () => {
  const { session, account } = setup();
  account.user = { ...user, role: 'guest' };
  await session.enter('signIn', who);
  await session.call('rooms', {});
  expect(session.me?.role).toBe('guest');
  const body = { email: 'a@example.com', password: 'a good password', username: 'ann' };
  await session.call('upgradeGuest', { body });
  expect(session.me?.role).toBe('user');
});

test('a session is taken up again from the stored refresh token, and there is none after signing out', async () => {
  const { session, make } = setup();
  expect(await make().restore()).toBeNull();
  await session.enter('signIn', who);
  const again = make();
  expect(await again.restore()).toEqual(user);
  await again.signOut();
  expect(await make().restore()).toBeNull();
});

test('when the server cannot be reached, restoring fails instead of saying that there is no session', async () => {
  const { session, make, refusals } = setup();
  await session.enter('signIn', who);
  refusals['refresh'] = ['network'];
  await expect(make().restore()).rejects.toMatchObject({ code: 'network', retryable: true });
});

test('signing out without a connection changes nothing', async () => {
  const { session, refusals } = setup();
  await session.enter('signIn', who);
  refusals['signOut'] = ['network'];
  await expect(session.signOut()).rejects.toMatchObject({ code: 'network' });
  expect(session.me).toEqual(user);
});

test('signing out is no end by itself, also when the connection is told of it before the answer is here', async () => {
  const { session, meanwhile, refusals, ended } = setup();
  await session.enter('signIn', who);
  let heard: Promise<void> | undefined;
  meanwhile['signOut'] = () => {
    heard = Promise.resolve().then(() => session.end('signed_out'));
  };
  await session.signOut();
  await heard;
  expect(ended).toEqual([]);

  await session.enter('signIn', who);
  refusals['signOut'] = ['network'];
  await expect(session.signOut()).rejects.toMatchObject({ code: 'network' });
  await heard;
  expect(ended).toEqual(['signed_out']);
});

test('by cookie, refreshing carries a CSRF token, which is replaced when it is no longer taken', async () => {
  const { session, refusals, calls, store } = setup('cookie');
  refusals['refresh'] = ['csrf'];
  expect(await session.restore()).toEqual(user);
  expect(calls).toEqual(['csrf', 'refresh csrf-1', 'csrf', 'refresh csrf-3']);
  expect(await store.list('')).toEqual([]);
});

test('what is read too often is read once more when it may be, if that is soon; nothing else is repeated', async () => {
  const { session, clock, calls, refusals, details } = setup();
  await session.enter('signIn', { email: 'a@example.com', password: 'x' });
  const attempt = async (name: 'rooms' | 'createRoom', retryAfter: number, refused: number) => {
    calls.length = 0;
    refusals[name] = Array<ErrorCode>(refused).fill('too_many_requests');
    details.too_many_requests = { details: { retryAfter } };
    const call = session.call(name, { body: { name: 'x' } }).then(
      () => 'answered',
      (error: ConfabError) => error.code,
    );
    await clock.advance(retryAfter * 1000 - 1);
    const before = calls.length;
    await clock.advance(1);
    return [await call, before, calls.length];
  };
  expect(await attempt('rooms', 10, 1)).toEqual(['answered', 1, 2]);
  expect(await attempt('rooms', 10, 2)).toEqual(['too_many_requests', 1, 2]);
  expect(await attempt('rooms', 11, 1)).toEqual(['too_many_requests', 1, 1]);
  expect(await attempt('createRoom', 1, 1)).toEqual(['too_many_requests', 1, 1]);
});
