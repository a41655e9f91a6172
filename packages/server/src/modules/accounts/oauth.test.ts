import type { SignedIn } from '@confab/protocol';
import { decodeJwt, type JWTPayload } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountsWorld,
  type Answer,
  type Caller,
  type Node,
  PASSWORD,
  startAccounts,
} from '../../../test/accounts.ts';
import { closeServer, type OidcPeer, startOidcPeer } from '../../../test/oidc-peer.ts';

const BASE = 'https://chat.example';
const callback = (provider: string) => `${BASE}/api/auth/oauth/${provider}/callback`;
const MINUTE = 60_000;

let world: AccountsWorld;
let node: Node;
let peer: OidcPeer;
let silent: ReturnType<typeof createServer>;
let heard: () => void = () => undefined;

beforeAll(async () => {
  world = await startAccounts();
  peer = await startOidcPeer('example', callback('example'));
  silent = createServer(() => heard());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const common = { kind: 'oidc', clientId: 'c', clientSecret: 's' } as const;
  const { port } = silent.address() as AddressInfo;
  node = await world.node({
    config: {
      providers: [
        peer.config,
        { ...peer.config, id: 'other', name: 'Other' },
        { ...common, id: 'away', name: 'Away', url: 'http://127.0.0.1:9' },
        { ...common, id: 'silent', name: 'Silent', url: `http://127.0.0.1:${port}` },
        { ...common, id: 'insecure', name: 'Insecure', url: 'http://issuer.example' },
      ],
    },
  });
});
afterEach(() => {
  peer.spoil = undefined;
  peer.onRequest = undefined;
});
afterAll(async () => {
  await Promise.all([peer.close(), closeServer(silent), world.close()]);
});

/** Seen on the way: none of it is to be logged. */
const secrets: string[] = [];
let people = 0;

/** Someone at the provider. */
function someone(about: Parameters<typeof peer.people.set>[1] = {}): string {
  const sub = `sub-${++people}`;
  peer.people.set(sub, about);
  return sub;
}

async function start(browser: Caller, query?: Record<string, string>, provider = 'example'): Promise<string> {
  const answer = await browser.call('oauthStart', { params: { provider }, ...(query && { query }) });
  expect(answer.status).toBe(302);
  return String(answer.headers.location);
}

/** As the browser is led back. */
async function come(browser: Caller, back: URL, provider = 'example'): Promise<string> {
  const query = Object.fromEntries(back.searchParams);
  const answer = await browser.call('oauthCallback', { params: { provider }, query });
  expect(answer.status).toBe(302);
  const location = String(answer.headers.location);
  secrets.push(...back.searchParams.getAll('state'), ...back.searchParams.getAll('code'), ...browser.cookies.values());
  expect(location.startsWith(`${BASE}/`)).toBe(true);
  return location.slice(BASE.length);
}

/** All of it; where it ends. */
async function signIn(sub: string, browser = node.caller(), query?: Record<string, string>): Promise<string> {
  return come(browser, await peer.browse(await start(browser, query), sub));
}

function ticketIn(landing: string): string {
  return /^\/welcome#ticket=([\w-]{43})$/.exec(landing)?.[1] ?? expect.fail(`no ticket: ${landing}`);
}

function complete(browser: Caller, ticket: string, username: string, more: object = {}): Promise<Answer> {
  return browser.call('oauthComplete', { body: { ticket, username, transport: 'body', ...more } });
}

/** A new account of `sub`. */
async function join(sub: string, username: string): Promise<SignedIn> {
  const browser = node.caller();
  const answer = await complete(browser, ticketIn(await signIn(sub, browser)), username);
  expect(answer.status).toBe(201);
  return answer.body as SignedIn;
}

/** Whose session the browser holds. */
async function holder(browser: Caller): Promise<string> {
  const answer = await browser.call('refresh', { body: {}, headers: await browser.csrf() });
  return (answer.body as SignedIn).user.username;
}

async function verifiedPerson(username: string): Promise<SignedIn> {
  const signedIn = await node.caller().signUp(username);
  await world.db.query('update accounts.users set email_verified_at = now() where id = $1', [signedIn.user.id]);
  return signedIn;
}

async function identitiesOf(userId: string): Promise<string[]> {
  const { rows } = await world.db.query<{ subject: string }>(
    'select subject from accounts.identities where user_id = $1',
    [userId],
  );
  return rows.map(({ subject }) => subject);
}

describe('leading to the provider', () => {
  test('asks for a code with PKCE, state and nonce, and tells the provider none of the secrets', async () => {
    const browser = node.caller();
    const answer = await browser.call('oauthStart', { params: { provider: 'example' } });
    const url = new URL(String(answer.headers.location));
    const asked = Object.fromEntries(url.searchParams);
    expect(url.origin).toBe(peer.config.url);
    expect(asked).toEqual({
      client_id: 'confab',
      response_type: 'code',
      redirect_uri: callback('example'),
      scope: 'openid email profile',
      state: browser.cookies.get('confab_oauth'),
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toContain('Max-Age=600; Path=/api/auth/oauth; HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
  });

  test('to an unknown one is not enabled; one that is away, or not to be reached safely, is told so', async () => {
    const lead = async (provider: string) => (await node.caller().call('oauthStart', { params: { provider } })).code;
    expect(await lead('nowhere')).toBe('not_enabled');
    expect(await lead('away')).toBe('unavailable');
    expect(await lead('insecure')).toBe('provider_refused');
  });

  test('is refused to a page of another site; our own pages, links that were typed and clients that do not say may', async () => {
    const lead = (site?: string) =>
      node.caller().call('oauthStart', {
        params: { provider: 'example' },
        ...(site !== undefined && { headers: { 'sec-fetch-site': site } }),
      });
    const refused = await lead('cross-site');
    expect([refused.status, refused.code, refused.headers['set-cookie']]).toEqual([403, 'origin_refused', undefined]);
    for (const site of ['same-origin', 'same-site', 'none', undefined]) expect((await lead(site)).status).toBe(302);
  });

  test('waits 10 seconds for a provider that says nothing', async () => {
    const asked = new Promise<void>((resolve) => (heard = resolve));
    const answer = node.caller().call('oauthStart', { params: { provider: 'silent' } });
    await asked;
    await node.clock.advance(10_000);
    expect((await answer).code).toBe('unavailable');
  });

  test.each([
    '//evil.example',
    String.raw`/\evil.example`,
    String.raw`\\evil.example`,
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'evil',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\r\nset-cookie: a=b',
    ' //evil.example',
    '',
  ])('refuses to end at %j', async (returnTo) => {
    const answer = await node.caller().call('oauthStart', { params: { provider: 'example' }, query: { returnTo } });
    expect(answer.code).toBe('bad_input');
  });
});

describe('coming back', () => {
  test.each([
    ['/rooms/1?a=b#c', '/rooms/1?a=b#c'],
    ['/%2F%2Fevil.example', '/%2F%2Fevil.example'],
    ['/%0d%0aset-cookie:%20a=b', '/%0d%0aset-cookie:%20a=b'],
    ['/..//evil.example', '//evil.example'],
    ['/@evil.example', '/@evil.example'],
    ['/räume', '/r%C3%A4ume'],
  ])('ends on this site at %s', async (returnTo, expected) => {
    const sub = someone();
    await join(sub, `returner${people}`);
    expect(await signIn(sub, node.caller(), { returnTo })).toBe(expected);
  });

  test('starts a session, which the cookie keeps', async () => {
    const sub = someone();
    await join(sub, 'ada');
    const browser = node.caller();
    expect(await signIn(sub, browser)).toBe('/');
    expect(await holder(browser)).toBe('ada');
    const { rows } = await world.db.query(
      `select from accounts.audit_log where action = 'sign_in.succeeded' and details->>'method' = 'oauth'`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  test('ends the session that the browser had', async () => {
    const sub = someone();
    await join(sub, 'newcomer');
    const browser = node.caller();
    const before = await browser.signUp('predecessor', 'cookie');
    await signIn(sub, browser);
    expect(await holder(browser)).toBe('newcomer');
    expect((await browser.call('profile', { token: before.accessToken })).code).toBe('session_ended');
  });

  test.each<[string, (back: URL, browser: Caller) => void]>([
    ['without state', (back) => back.searchParams.delete('state')],
    ['with another state', (back) => back.searchParams.set('state', 'A'.repeat(43))],
    ['with an empty state', (back) => back.searchParams.set('state', '')],
    ['in a browser that began nothing', (_back, browser) => void browser.cookies.delete('confab_oauth')],
    ['in a browser that began another attempt', (_back, browser) => void browser.cookies.set('confab_oauth', 'x')],
    ['with nothing', (back) => (back.search = '')],
  ])('%s is refused', async (_what, change) => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    change(back, browser);
    expect(await come(browser, back)).toBe('/signin#error=invalid_link');
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('with the state of someone else’s browser is refused, and does not use it up', async () => {
    const [attacker, victim] = [node.caller(), node.caller()];
    const back = await peer.browse(await start(attacker), someone());
    await start(victim);
    expect(await come(victim, back)).toBe('/signin#error=invalid_link');
    ticketIn(await come(attacker, back));
  });

  test('works once a state, also for 20 at the same time', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    const cookie = browser.cookies.get('confab_oauth') ?? '';
    const browsers = Array.from({ length: 20 }, () => {
      const each = node.caller();
      each.cookies.set('confab_oauth', cookie);
      return each;
    });
    const landings = await Promise.all(browsers.map((each) => come(each, back)));
    expect(landings.filter((landing) => landing.startsWith('/welcome#ticket='))).toHaveLength(1);
    expect(landings.filter((landing) => landing === '/signin#error=invalid_link')).toHaveLength(19);
  });

  test('is too late after 10 minutes', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    await node.clock.advance(10 * MINUTE);
    expect(await come(browser, back)).toBe('/signin#error=invalid_link');
  });

  test('to another provider than it began with is refused (mix-up)', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    expect(await come(browser, back, 'other')).toBe('/signin#error=invalid_link');
    expect(await come(browser, back, 'nowhere')).toBe('/signin#error=invalid_link');
  });

  test('with a code of another attempt is refused (code injection)', async () => {
    const [one, other] = [node.caller(), node.caller()];
    const sub = someone();
    const stolen = (await peer.browse(await start(one), sub)).searchParams.get('code') ?? '';
    const back = await peer.browse(await start(other), sub);
    back.searchParams.set('code', stolen);
    expect(await come(other, back)).toBe('/signin#error=provider_refused');
  });

  test('with a code that was used is refused', async () => {
    const sub = someone();
    const [one, other] = [node.caller(), node.caller()];
    const used = await peer.browse(await start(one), sub);
    await come(one, used);
    const back = await peer.browse(await start(other), sub);
    back.searchParams.set('code', used.searchParams.get('code') ?? '');
    expect(await come(other, back)).toBe('/signin#error=provider_refused');
  });

  test('with a refusal leads to signing in, and says whether it was the person’s own', async () => {
    expect(await signIn('')).toBe('/signin#error=access_denied');
    const browser = node.caller();
    const back = new URL(callback('example'));
    back.searchParams.set('state', new URL(await start(browser)).searchParams.get('state') ?? '');
    back.searchParams.set('error', 'server_error');
    back.searchParams.set('error_description', '<script>');
    back.searchParams.set('iss', peer.config.url);
    expect(await come(browser, back)).toBe('/signin#error=provider_refused');
  });

  test('with another issuer is refused', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    back.searchParams.set('iss', 'https://evil.example');
    expect(await come(browser, back)).toBe('/signin#error=provider_refused');
  });

  test('with everything twice is refused', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    const state = browser.cookies.get('confab_oauth') ?? '';
    const twice = await browser.call('oauthCallback', {
      params: { provider: 'example' },
      query: new URLSearchParams([...back.searchParams, ['code', 'x']]),
    });
    expect(twice.headers.location).toBe(`${BASE}/signin#error=provider_refused`);
    const states = await browser.call('oauthCallback', {
      params: { provider: 'example' },
      query: new URLSearchParams([
        ['state', state],
        ['state', state],
      ]),
    });
    expect(states.headers.location).toBe(`${BASE}/signin#error=invalid_link`);
  });

  test('while the provider is away is told so', async () => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    peer.onRequest = async (path) => {
      if (path !== '/token') return;
      // It fell silent.
      void node.clock.advance(10_000);
      await new Promise(() => undefined);
    };
    expect(await come(browser, back)).toBe('/signin#error=unavailable');
  });

  const claimed = (change: (claims: JWTPayload) => JWTPayload, by?: 'stranger') => (idToken: string) =>
    peer.sign({ ...change(decodeJwt(idToken)), email: 'claimed@example.org' }, by);
  test.each<[string, (idToken: string) => string | Promise<string>]>([
    ['with another nonce', claimed((claims) => ({ ...claims, nonce: 'x' }))],
    ['without nonce', claimed(({ nonce: _nonce, ...claims }) => claims)],
    ['of another issuer', claimed((claims) => ({ ...claims, iss: 'https://evil.example' }))],
    ['for another client', claimed((claims) => ({ ...claims, aud: 'other' }))],
    ['for several clients, given to another', claimed((c) => ({ ...c, aud: ['confab', 'other'], azp: 'other' }))],
    ['that has expired', claimed((claims) => ({ ...claims, exp: (claims.iat ?? 0) - 3600 }))],
    ['without subject', claimed(({ sub: _sub, ...claims }) => claims)],
    ['signed by someone else', claimed((claims) => claims, 'stranger')],
    ['with a broken signature', (idToken) => idToken.slice(0, -8) + 'AAAAAAAA'],
    ['without signature', (idToken) => `${idToken.split('.').slice(0, 2).join('.')}.`],
    [
      'signed with nothing',
      (idToken) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${idToken.split('.')[1] ?? ''}.`,
    ],
    ['that is none', () => 'x'],
  ])('an ID token %s is refused', async (_what, spoil) => {
    const browser = node.caller();
    const back = await peer.browse(await start(browser), someone());
    peer.spoil = spoil;
    expect(await come(browser, back)).toBe('/signin#error=provider_refused');
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('as someone else than the provider’s userinfo speaks of is refused', async () => {
    const browser = node.caller();
    const [sub, other] = [someone({ email: 'x@example.org', email_verified: true }), someone()];
    const back = await peer.browse(await start(browser), sub);
    peer.spoil = (idToken) => peer.sign({ ...decodeJwt(idToken), sub: other });
    expect(await come(browser, back)).toBe('/signin#error=provider_refused');
  });
});

describe('whose account it is', () => {
  test('a new one is created with the username one chooses, and the address the provider vouches for', async () => {
    const sub = someone({ email: 'Grace@Example.org', email_verified: true, name: 'Grace Hopper' });
    const { user } = await join(sub, 'grace');
    expect(user).toMatchObject({ name: 'Grace Hopper', role: 'user', email: 'grace@example.org', emailVerified: true });
    expect(await identitiesOf(user.id)).toEqual([sub]);
    const { rows } = await world.db.query('select from accounts.sessions where user_id = $1', [user.id]);
    expect(rows).toHaveLength(1);
  });

  test('a name that rules do not allow is not taken over from there, and not accepted here', async () => {
    const browser = node.caller();
    const ticket = ticketIn(await signIn(someone({ name: 'Unspeakable' }), browser));
    const refused = await complete(browser, ticket, 'sam.spoken', { name: 'Unspeakable' });
    expect([refused.status, refused.code]).toEqual([403, 'text_rejected']);
    const answer = await complete(browser, ticket, 'sam.spoken');
    expect((answer.body as SignedIn).user).toMatchObject({ username: 'sam.spoken', name: 'sam.spoken' });
  });

  test('an address the provider does not vouch for stays a claim', async () => {
    for (const verified of [false, 'false', undefined]) {
      const about = {
        email: `claim${people}@example.org`,
        ...(verified !== undefined && { email_verified: verified }),
      };
      const { user } = await join(someone(about), `claimant${people}`);
      expect(user).toMatchObject({ email: about.email, emailVerified: false });
    }
  });

  test('an account with the same address, proven on both sides, is entered and linked, and its owner told', async () => {
    const { user } = await verifiedPerson('proven');
    const sub = someone({ email: 'proven@example.com', email_verified: true });
    const browser = node.caller();
    expect(await signIn(sub, browser)).toBe('/');
    expect(await holder(browser)).toBe('proven');
    expect(await identitiesOf(user.id)).toEqual([sub]);
    expect((await node.mails()).filter(({ to }) => to === 'proven@example.com').at(-1)?.text).toContain('Example');
  });

  test('an account is never linked by an address that the provider does not vouch for', async () => {
    const { user } = await verifiedPerson('cautious');
    ticketIn(await signIn(someone({ email: 'cautious@example.com', email_verified: false })));
    ticketIn(await signIn(someone({ email: 'cautious@example.com' })));
    const intruder = await join(someone({ email: 'cautious@example.com', email_verified: false }), 'intruder');
    expect(intruder.user.id).not.toBe(user.id);
    expect(intruder.user.emailVerified).toBe(false);
    expect(await identitiesOf(user.id)).toEqual([]);
  });

  test('an account is never linked by an address that is only claimed here, and loses it to who proves it', async () => {
    const squatter = (await node.caller().signUp('squatter')).user;
    const { user } = await join(someone({ email: 'squatter@example.com', email_verified: true }), 'rightful');
    expect(user).toMatchObject({ email: 'squatter@example.com', emailVerified: true });
    expect(await identitiesOf(squatter.id)).toEqual([]);
    // The password that was set by whoever came first opens nothing of it.
    const body = { email: 'squatter@example.com', password: PASSWORD };
    expect((await node.caller().call('signIn', { body })).code).toBe('invalid_credentials');
  });

  test('is told by who they are there, not by the address they have now', async () => {
    const sub = someone({ email: 'before@example.org', email_verified: true });
    await join(sub, 'mover');
    await verifiedPerson('unrelated');
    peer.people.set(sub, { email: 'unrelated@example.com', email_verified: true });
    const browser = node.caller();
    await signIn(sub, browser);
    expect(await holder(browser)).toBe('mover');
  });

  test('another one of the same provider is not linked by address', async () => {
    const about = { email: 'double@example.org', email_verified: true };
    await join(someone(about), 'double');
    expect(await signIn(someone(about))).toBe('/signin#error=limit_reached');
  });

  test('two first sign-ins of one person at the same time are linked once, and both let in', async () => {
    const { user } = await verifiedPerson('hasty');
    const sub = someone({ email: 'hasty@example.com', email_verified: true });
    const begun: [Caller, URL][] = [];
    for (const browser of [node.caller(), node.caller()]) {
      begun.push([browser, await peer.browse(await start(browser), sub)]);
    }
    expect(await Promise.all(begun.map(([browser, back]) => come(browser, back)))).toEqual(['/', '/']);
    expect(await identitiesOf(user.id)).toEqual([sub]);
  });

  test('a second factor is asked for, and nothing is linked before it is shown', async () => {
    const { user } = await verifiedPerson('careful');
    await world.db.query(`insert into accounts.totp (user_id, secret, confirmed_at) values ($1, '\\x00', now())`, [
      user.id,
    ]);
    const browser = node.caller();
    const sub = someone({ email: 'careful@example.com', email_verified: true });
    expect(await signIn(sub, browser)).toMatch(/^\/second-factor#challenge=[\w-]{43}$/);
    expect(browser.cookies.has('confab_refresh')).toBe(false);
    expect(await identitiesOf(user.id)).toEqual([]);
    // Nor is it skipped for one that was linked before.
    await world.db.query(
      `insert into accounts.identities (provider, subject, user_id, created_at) values ('example', $1, $2, now())`,
      [sub, user.id],
    );
    expect(await signIn(sub, browser)).toMatch(/^\/second-factor#challenge=[\w-]{43}$/);
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('who is kept out stays out, and is linked to nothing', async () => {
    const sub = someone();
    const { user } = await join(sub, 'unwanted');
    const other = await verifiedPerson('unwanted.too');
    const unlinked = someone({ email: 'unwanted.too@example.com', email_verified: true });
    const set = (sql: string) =>
      world.db.query(`update accounts.users set ${sql} where id = any($1)`, [[user.id, other.user.id]]);
    const both = async (landing: string, appealed = false) => {
      const browser = node.caller();
      for (const [as, userId] of [
        [sub, user.id],
        [unlinked, other.user.id],
      ] as const) {
        const [where, appeal] = (await signIn(as, browser)).split('&appeal=');
        expect(where).toBe(landing);
        // Whoever has no other way in can appeal against a ban as well.
        expect(appeal && node.accounts.bans.appellant(appeal)).toBe(appealed ? userId : undefined);
      }
      expect(browser.cookies.has('confab_refresh')).toBe(false);
    };
    await set(`banned_at = now(), ban_reason = 'spam'`);
    await both('/signin#error=account_banned', true);
    await set(`banned_at = null, state = 'disabled'`);
    await both('/signin#error=account_disabled');
    await set(`state = 'deleted'`);
    await both('/signin#error=account_disabled');
    expect(await identitiesOf(other.user.id)).toEqual([]);
  });
});

describe('choosing a username', () => {
  async function ticket(about = {}) {
    const browser = node.caller();
    return { browser, ticket: ticketIn(await signIn(someone(about), browser)) };
  }

  test('a taken or reserved one leaves the ticket as it is', async () => {
    await node.caller().signUp('occupied');
    const { browser, ticket: mine } = await ticket();
    expect((await complete(browser, mine, 'occupied')).code).toBe('username_taken');
    expect((await complete(browser, mine, 'admin')).code).toBe('username_taken');
    expect((await complete(browser, mine, 'unoccupied', { name: 'Me' })).status).toBe(201);
    expect((await complete(browser, mine, 'unoccupied2')).code).toBe('invalid_link');
  });

  test('of 20 at the same time with one ticket, one creates an account', async () => {
    const { browser, ticket: mine } = await ticket();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_each, i) => {
        const each = node.caller();
        each.cookies.set('confab_oauth', browser.cookies.get('confab_oauth') ?? '');
        return complete(each, mine, `twin${i}`);
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'invalid_link')).toHaveLength(19);
  });

  test('with two tickets of one person, one creates an account', async () => {
    const sub = someone();
    const [one, other] = [node.caller(), node.caller()];
    const tickets = [ticketIn(await signIn(sub, one)), ticketIn(await signIn(sub, other))] as const;
    expect((await complete(one, tickets[0], 'early.bird')).status).toBe(201);
    expect((await complete(other, tickets[1], 'late.bird')).code).toBe('identity_taken');
    const { rows } = await world.db.query(`select from accounts.users where username = 'late.bird'`);
    expect(rows).toEqual([]);
  });

  test('needs the browser that signed in there: a ticket that somebody sends is refused', async () => {
    const { ticket: sent } = await ticket();
    expect((await complete(node.caller(), sent, 'victim')).code).toBe('invalid_link');
  });

  test('is too late after 15 minutes', async () => {
    const { browser, ticket: late } = await ticket();
    await node.clock.advance(15 * MINUTE);
    expect((await complete(browser, late, 'too.late')).code).toBe('invalid_link');
  });

  test('an address that someone proved here meanwhile stays a claim', async () => {
    const { browser, ticket: mine } = await ticket({ email: 'meanwhile@example.com', email_verified: true });
    await verifiedPerson('meanwhile');
    const { user } = (await complete(browser, mine, 'second')).body as SignedIn;
    expect(user.emailVerified).toBe(false);
  });
});

describe('linking an account elsewhere', () => {
  const params = { provider: 'example' };

  async function beginLink(browser: Caller, token: string): Promise<string> {
    const answer = await browser.call('linkIdentity', { token, params });
    expect(answer.status).toBe(200);
    return (answer.body as { location: string }).location;
  }

  async function link(browser: Caller, token: string, sub: string): Promise<string> {
    return come(browser, await peer.browse(await beginLink(browser, token), sub));
  }

  test('makes it a way in, told by mail, listed, and unlinked again', async () => {
    const { user, accessToken: token } = await verifiedPerson('linker');
    const sub = someone({ email: 'elsewhere@example.org' });
    expect(await link(node.caller(), token, sub)).toBe('/settings/security#linked=example');
    const browser = node.caller();
    await signIn(sub, browser);
    expect(await holder(browser)).toBe('linker');
    expect((await node.mails()).filter(({ to }) => to === user.email).at(-1)?.text).toContain('Example');
    expect((await browser.call('identities', { token })).body).toEqual({
      identities: [{ provider: 'example', name: 'elsewhere@example.org', createdAt: node.clock.now() }],
    });
    // The same again changes nothing.
    expect(await link(node.caller(), token, sub)).toBe('/settings/security#linked=example');
    expect((await browser.call('unlinkIdentity', { token, params })).status).toBe(204);
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('not_found');
    ticketIn(await signIn(sub));
  });

  test('is refused when it is someone else’s, or one has another one there', async () => {
    const [mine, theirs] = [someone(), someone()];
    const one = await join(mine, 'has.one');
    await join(theirs, 'has.other');
    expect(await link(node.caller(), one.accessToken, theirs)).toBe('/settings/security#error=identity_taken');
    expect(await link(node.caller(), one.accessToken, someone())).toBe('/settings/security#error=limit_reached');
    expect(await identitiesOf(one.user.id)).toEqual([mine]);
  });

  test('fails when the session that began it has ended meanwhile', async () => {
    const { user, accessToken: token } = await verifiedPerson('leaver');
    const browser = node.caller();
    const back = await peer.browse(await beginLink(browser, token), someone());
    await world.db.query('update accounts.sessions set ended_at = now() where user_id = $1', [user.id]);
    expect(await come(browser, back)).toBe('/settings/security#error=session_ended');
    expect(await identitiesOf(user.id)).toEqual([]);
  });

  test('is finished in the browser that began it, and nowhere else', async () => {
    const { user, accessToken: token } = await verifiedPerson('tricked');
    const back = await peer.browse(await beginLink(node.caller(), token), someone());
    expect(await come(node.caller(), back)).toBe('/signin#error=invalid_link');
    expect(await identitiesOf(user.id)).toEqual([]);
  });

  test('takes a proof of who one is a short while ago, and an account of one’s own', async () => {
    const { accessToken: token } = await verifiedPerson('idler');
    await node.clock.advance(10 * MINUTE);
    const browser = node.caller();
    expect((await browser.call('linkIdentity', { token, params })).code).toBe('step_up_required');
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('step_up_required');
    expect((await browser.call('linkIdentity', { params })).code).toBe('unauthenticated');
    const guest = (await browser.call('guest', { body: { transport: 'body' } })).body as SignedIn;
    expect((await browser.call('linkIdentity', { token: guest.accessToken, params })).code).toBe('members_only');
  });

  test('unlinked while it signs in, it signs in nobody', async () => {
    const sub = someone();
    const { user } = await join(sub, 'overtaken');
    let landing: Promise<string> | undefined;
    await world.db.transaction(async (tx) => {
      await tx.query('select from accounts.users where id = $1 for update', [user.id]);
      landing = signIn(sub);
      await expect
        .poll(async () => {
          const { rows } = await world.db.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          );
          return rows.length;
        })
        .toBeGreaterThan(0);
      await tx.query('delete from accounts.identities where user_id = $1', [user.id]);
    });
    expect(await landing).toBe('/signin#error=provider_refused');
    const { rows } = await world.db.query('select from accounts.sessions where user_id = $1', [user.id]);
    expect(rows).toHaveLength(1);
  });

  test('unlinking leaves the last way in', async () => {
    const sub = someone();
    const { user, accessToken: token } = await join(sub, 'only.way');
    const browser = node.caller();
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('last_way_in');
    expect(await identitiesOf(user.id)).toEqual([sub]);
    await world.db.query(`update accounts.users set password_hash = 'x' where id = $1`, [user.id]);
    expect((await browser.call('unlinkIdentity', { token, params })).status).toBe(204);
  });
});

test('no state, code, ticket, refresh token or client secret stands in the log, nor what a provider says of people', () => {
  const logged = node.logged();
  const found = [...secrets, peer.config.clientSecret].filter((secret) => secret.length > 8 && logged.includes(secret));
  expect(secrets.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
  expect(logged).not.toContain('@example.org');
});
