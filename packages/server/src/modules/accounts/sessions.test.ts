import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, type Caller, PASSWORD, startAccounts } from '../../../test/accounts.ts';
import type { Frame } from '../../platform/bus/index.ts';
import { FakeClock } from '../../platform/clock.ts';

let world: AccountsWorld;
let caller: Caller;
const frames: Frame[] = [];

beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
  await world.bus.subscribe('sessions', (frame) => void frames.push(frame));
});
afterAll(() => world.close());

let people = 0;
function someone(): Promise<SignedIn & { refreshToken: string }> {
  return caller.signUp(`person${people++}`);
}

function tokenOf(answer: Answer): string {
  expect(answer.status).toBe(200);
  return (answer.body as SignedIn).refreshToken ?? '';
}

function sessionOf({ accessToken }: { accessToken: string }): string {
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  return claims.sid;
}

describe('refresh', () => {
  test('gives a new pair of the same session, and spends the token', async () => {
    const first = await someone();
    const answer = await caller.refresh(first.refreshToken);
    const second = answer.body as SignedIn;
    expect(second.user).toEqual(first.user);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(sessionOf(second)).toBe(sessionOf(first));
    expect((await caller.call('profile', { token: second.accessToken })).status).toBe(200);
  });

  test('20 parallel calls with one token all get the same successor, which works', async () => {
    const { refreshToken } = await someone();
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.refresh(refreshToken)));
    const successors = new Set(answers.map(tokenOf));
    expect(successors.size).toBe(1);
    const [successor = ''] = successors;
    expect((await caller.refresh(successor)).status).toBe(200);
  });

  test('two nodes asked at once give the same successor', async () => {
    const other = await world.node({ clock: world.clock });
    const { refreshToken } = await someone();
    const [one, two] = await Promise.all([caller.refresh(refreshToken), other.caller().refresh(refreshToken)]);
    expect(tokenOf(one)).toBe(tokenOf(two));
  });

  test('a retry within 10 s of a lost answer gets the same successor', async () => {
    const { refreshToken } = await someone();
    const lost = tokenOf(await caller.refresh(refreshToken));
    await world.clock.advance(10_000);
    expect(tokenOf(await caller.refresh(refreshToken))).toBe(lost);
    expect((await caller.refresh(lost)).status).toBe(200);
  });

  test('a spent token after 11 s ends the session: every token of it is refused, access tokens too, and nodes are told', async () => {
    const first = await someone();
    const bystander = await someone();
    const second = (await caller.refresh(first.refreshToken)).body as SignedIn;
    expect((await caller.call('profile', { token: second.accessToken })).status).toBe(200);
    await world.clock.advance(11_000);
    frames.length = 0;
    expect(await caller.refresh(first.refreshToken)).toMatchObject({ status: 401, code: 'session_ended' });
    expect(frames).toEqual([{ event: 'sessions:ended', payload: { sessionIds: [sessionOf(first)], reason: 'reuse' } }]);
    expect((await caller.refresh(second.refreshToken ?? '')).code).toBe('session_ended');
    for (const { accessToken } of [first, second]) {
      expect((await caller.call('profile', { token: accessToken })).code).toBe('session_ended');
    }
    expect(await world.accounts.endedSessions([sessionOf(first), sessionOf(bystander)])).toEqual([sessionOf(first)]);
    expect((await caller.refresh(bystander.refreshToken)).status).toBe(200);
    expect(world.logged()).toContain('a spent refresh token was used again');
  });

  test('reuse that ended a session is in the audit log, once: whose it was and from where, not who did it', async () => {
    const first = await someone();
    await caller.refresh(first.refreshToken);
    await world.clock.advance(11_000);
    const thief = world.caller('192.0.2.7');
    await Promise.all(Array.from({ length: 5 }, () => thief.refresh(first.refreshToken)));
    const { rows } = await world.db.query(
      `select actor_id as actor, ip, details from accounts.audit_log where action = 'session.reused' and target_id = $1`,
      [first.user.id],
    );
    expect(rows).toEqual([{ actor: null, ip: '192.0.2.7', details: { sessionId: sessionOf(first) } }]);
  });

  test('a spent token whose successor has been used is no retry: the session ends, within the 10 s too', async () => {
    const { refreshToken } = await someone();
    const child = tokenOf(await caller.refresh(refreshToken));
    const grandchild = tokenOf(await caller.refresh(child));
    expect((await caller.refresh(refreshToken)).code).toBe('session_ended');
    expect((await caller.refresh(grandchild)).code).toBe('session_ended');
  });

  test('the session ends once, however many replay the spent token at once', async () => {
    const { refreshToken } = await someone();
    await caller.refresh(refreshToken);
    await world.clock.advance(11_000);
    frames.length = 0;
    const answers = await Promise.all(Array.from({ length: 10 }, () => caller.refresh(refreshToken)));
    expect(new Set(answers.map((answer) => answer.code))).toEqual(new Set(['session_ended']));
    expect(frames).toHaveLength(1);
  });

  test('a session lives 30 days from its last use', async () => {
    // Nodes whose clocks stand elsewhere: no time passes.
    const after = async (days: number) =>
      (await world.node({ clock: new FakeClock(world.clock.now() + days * 24 * 3600_000) })).caller();
    const { refreshToken } = await someone();
    const next = tokenOf(await (await after(29)).refresh(refreshToken));
    const last = tokenOf(await (await after(58)).refresh(next));
    expect((await (await after(88)).refresh(last)).status).toBe(401);
  });

  test.each(['', 'A'.repeat(43), 'ä', 'x'.repeat(200)])(
    'the token %j, which nobody was given, is refused',
    async (token) => {
      const answer = await caller.refresh(token);
      expect(answer.code).toBe(token === '' ? 'bad_input' : 'unauthenticated');
    },
  );

  test('neither the stored hash nor an access token is a refresh token', async () => {
    const { accessToken } = await someone();
    const { rows } = await world.db.query<{ hash: Buffer }>('select hash from accounts.refresh_tokens limit 1');
    const hash = rows[0]?.hash ?? Buffer.alloc(0);
    for (const token of [hash.toString('base64url'), hash.toString('hex'), accessToken.slice(0, 200)]) {
      expect((await caller.refresh(token)).code).toBe('unauthenticated');
    }
  });

  test('without any token it is refused', async () => {
    expect((await world.caller().call('refresh')).code).toBe('unauthenticated');
    expect((await world.caller().call('refresh', { body: {} })).code).toBe('unauthenticated');
  });
});

describe('sign-out', () => {
  test('ends the session and tells the nodes; a second time, or with an unknown token, it succeeds and tells nobody', async () => {
    const signedIn = await someone();
    const body = { refreshToken: signedIn.refreshToken };
    expect((await caller.call('profile', { token: signedIn.accessToken })).status).toBe(200);
    frames.length = 0;
    expect((await caller.call('signOut', { body })).status).toBe(204);
    expect(frames).toEqual([
      { event: 'sessions:ended', payload: { sessionIds: [sessionOf(signedIn)], reason: 'signed_out' } },
    ]);
    expect((await caller.call('profile', { token: signedIn.accessToken })).code).toBe('session_ended');
    expect((await caller.refresh(signedIn.refreshToken)).code).toBe('session_ended');
    expect((await caller.call('signOut', { body })).status).toBe(204);
    expect((await caller.call('signOut', { body: { refreshToken: 'unknown' } })).status).toBe(204);
    expect((await caller.call('signOut')).status).toBe(204);
    expect(frames).toHaveLength(1);
  });

  test('a token that is spent ends its session just the same', async () => {
    const { refreshToken } = await someone();
    const successor = tokenOf(await caller.refresh(refreshToken));
    await caller.call('signOut', { body: { refreshToken } });
    expect((await caller.refresh(successor)).code).toBe('session_ended');
  });
});

describe('the cookie', () => {
  test('carries the refresh token, HttpOnly, SameSite and for /api/auth alone, and the body does not', async () => {
    const browser = world.caller();
    const answer = await browser.call('signUp', {
      body: { email: 'cookie@example.com', username: 'cookie', password: 'a long password' },
    });
    expect((answer.body as SignedIn).refreshToken).toBeUndefined();
    const header = String(answer.headers['set-cookie']);
    for (const part of ['confab_refresh=', 'HttpOnly', 'SameSite=Lax', 'Path=/api/auth', 'Max-Age=2592000']) {
      expect(header).toContain(part);
    }
    const before = browser.cookies.get('confab_refresh');
    const refreshed = await browser.call('refresh', { headers: await browser.csrf() });
    expect(refreshed.status).toBe(200);
    expect((refreshed.body as SignedIn).refreshToken).toBeUndefined();
    expect(browser.cookies.get('confab_refresh')).not.toBe(before);
  });

  test('two tabs that refresh at once stay signed in', async () => {
    const browser = world.caller();
    await browser.signUp('tabs', 'cookie');
    const headers = await browser.csrf();
    const answers = await Promise.all([browser.call('refresh', { headers }), browser.call('refresh', { headers })]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect((await browser.call('refresh', { headers })).status).toBe(200);
  });

  test('of one session ends with the next: signing in again, as whoever, ends the one the browser had', async () => {
    const browser = world.caller();
    const guest = (await browser.call('guest', { body: {} })).body as SignedIn;
    const first = await browser.signUp('switcher', 'cookie');
    const other = await caller.signUp('switched');
    frames.length = 0;
    const answer = await browser.call('signIn', { body: { username: 'switched', password: PASSWORD } });
    const { accessToken } = answer.body as SignedIn;
    for (const ended of [guest, first]) {
      expect((await caller.call('profile', { token: ended.accessToken })).code).toBe('session_ended');
    }
    expect(frames).toEqual([
      { event: 'sessions:ended', payload: { sessionIds: [sessionOf(first)], reason: 'signed_out' } },
    ]);
    // The session of the same person elsewhere, and the new one as it goes on, stay.
    expect((await caller.refresh(other.refreshToken)).status).toBe(200);
    expect((await browser.call('refresh', { headers: await browser.csrf() })).status).toBe(200);
    expect((await caller.call('profile', { token: accessToken })).status).toBe(200);
  });

  test('and its session stay as they are when signing in fails', async () => {
    const browser = world.caller();
    const { accessToken } = await browser.signUp('staying', 'cookie');
    const cookie = browser.cookies.get('confab_refresh');
    const body = { username: 'staying', password: 'a wrong password' };
    expect((await browser.call('signIn', { body })).code).toBe('invalid_credentials');
    expect(browser.cookies.get('confab_refresh')).toBe(cookie);
    expect((await caller.call('profile', { token: accessToken })).status).toBe(200);
  });

  test('is removed by sign-out', async () => {
    const browser = world.caller();
    const { accessToken } = await browser.signUp('leaver', 'cookie');
    expect((await browser.call('signOut', { headers: await browser.csrf() })).status).toBe(204);
    expect(browser.cookies.has('confab_refresh')).toBe(false);
    expect((await browser.call('profile', { token: accessToken })).code).toBe('session_ended');
  });

  test('counts only beside the CSRF token of the same browser', async () => {
    const browser = world.caller();
    await browser.signUp('victim', 'cookie');
    const own = await browser.csrf();
    const foreign = await world.caller().csrf();
    const cookie = browser.cookies.get('confab_csrf') ?? '';
    const flipped = (own['x-csrf-token'] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const token of [undefined, '', 'x', flipped, foreign['x-csrf-token'], cookie, '\u00e9'.repeat(43)]) {
      const headers: Record<string, string> = token === undefined ? {} : { 'x-csrf-token': token };
      for (const name of ['refresh', 'signOut'] as const) {
        expect(await browser.call(name, { headers })).toMatchObject({ status: 403, code: 'csrf' });
      }
    }
    browser.cookies.delete('confab_csrf');
    expect((await browser.call('refresh', { headers: own })).code).toBe('csrf');
    browser.cookies.set('confab_csrf', 'A'.repeat(43));
    expect((await browser.call('refresh', { headers: own })).code).toBe('csrf');
    browser.cookies.set('confab_csrf', cookie);
    expect((await browser.call('refresh', { headers: own })).status).toBe(200);
  });

  test('the CSRF token stays the same for a browser, so that one tab does not spoil another’s; a made-up cookie is replaced', async () => {
    const browser = world.caller();
    expect(await browser.csrf()).toEqual(await browser.csrf());
    browser.cookies.set('confab_csrf', 'short');
    await browser.csrf();
    expect(browser.cookies.get('confab_csrf')).toMatch(/^[\w-]{43}$/);
  });

  test('a token in the body needs no CSRF token, and is the one that counts', async () => {
    const browser = world.caller();
    await browser.signUp('both', 'cookie');
    const cookie = browser.cookies.get('confab_refresh');
    const { refreshToken, user } = await someone();
    const answer = await browser.refresh(refreshToken);
    expect((answer.body as SignedIn).user).toEqual(user);
    expect(browser.cookies.get('confab_refresh')).toBe(cookie);
  });
});

describe('expired sessions', () => {
  test('are removed by the hourly cleaning; what lives and what was spent stays', async () => {
    const fresh = await startAccounts();
    const one = fresh.caller();
    await one.signUp('expired');
    await fresh.clock.advance(29 * 24 * 3600_000);
    const { refreshToken } = await one.signUp('alive');
    await one.refresh(refreshToken);
    await fresh.clock.advance(2 * 24 * 3600_000);
    await fresh.accounts.stop();
    const { rows } = await fresh.db.query<{ username: string; tokens: number }>(
      `select u.username, (select count(*)::int from accounts.refresh_tokens) as tokens
       from accounts.sessions s join accounts.users u on u.id = s.user_id`,
    );
    expect(rows).toEqual([{ username: 'alive', tokens: 2 }]);
    await fresh.close();
  });
});
