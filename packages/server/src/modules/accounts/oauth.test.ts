/** Going to a provider and coming back: what is refused on the way, and what session comes of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AccountsWorld, Caller, Node } from '../../../test/accounts.ts';
import { BASE, callback, holder, type OauthWorld, startOauth, ticketIn } from '../../../test/oauth.ts';
import { closeServer, type OidcPeer } from '../../../test/oidc-peer.ts';

const MINUTE = 60_000;

let oauth: OauthWorld;
let world: AccountsWorld;
let node: Node;
let peer: OidcPeer;
let silent: ReturnType<typeof createServer>;
let heard: () => void = () => undefined;

beforeAll(async () => {
  silent = createServer(() => heard());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const common = { kind: 'oidc', clientId: 'c', clientSecret: 's' } as const;
  const { port } = silent.address() as AddressInfo;
  oauth = await startOauth(({ config }) => [
    { ...config, id: 'other', name: 'Other' },
    { ...common, id: 'away', name: 'Away', url: 'http://127.0.0.1:9' },
    { ...common, id: 'silent', name: 'Silent', url: `http://127.0.0.1:${port}` },
    { ...common, id: 'insecure', name: 'Insecure', url: 'http://issuer.example' },
  ]);
  ({ world, node, peer } = oauth);
});
afterEach(() => {
  peer.spoil = undefined;
  peer.onRequest = undefined;
});
afterAll(async () => {
  await Promise.all([oauth.close(), closeServer(silent)]);
});

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
    const sub = oauth.someone();
    await oauth.join(sub, sub.replace('sub-', 'returner'));
    expect(await oauth.signIn(sub, node.caller(), { returnTo })).toBe(expected);
  });

  test('starts a session, which the cookie keeps', async () => {
    const sub = oauth.someone();
    await oauth.join(sub, 'ada');
    const browser = node.caller();
    expect(await oauth.signIn(sub, browser)).toBe('/');
    expect(await holder(browser)).toBe('ada');
    const { rows } = await world.db.query(
      `select from accounts.audit_log where action = 'sign_in.succeeded' and details->>'method' = 'oauth'`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  test('ends the session that the browser had', async () => {
    const sub = oauth.someone();
    await oauth.join(sub, 'newcomer');
    const browser = node.caller();
    const before = await browser.signUp('predecessor', 'cookie');
    await oauth.signIn(sub, browser);
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
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    change(back, browser);
    expect(await oauth.come(browser, back)).toBe('/signin#error=invalid_link');
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('with the state of someone else’s browser is refused, and does not use it up', async () => {
    const [attacker, victim] = [node.caller(), node.caller()];
    const back = await peer.browse(await oauth.start(attacker), oauth.someone());
    await oauth.start(victim);
    expect(await oauth.come(victim, back)).toBe('/signin#error=invalid_link');
    ticketIn(await oauth.come(attacker, back));
  });

  test('works once a state, also for 20 at the same time', async () => {
    const browser = node.caller();
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    const cookie = browser.cookies.get('confab_oauth') ?? '';
    const browsers = Array.from({ length: 20 }, () => {
      const each = node.caller();
      each.cookies.set('confab_oauth', cookie);
      return each;
    });
    const landings = await Promise.all(browsers.map((each) => oauth.come(each, back)));
    expect(landings.filter((landing) => landing.startsWith('/welcome#ticket='))).toHaveLength(1);
    expect(landings.filter((landing) => landing === '/signin#error=invalid_link')).toHaveLength(19);
  });

  test('is too late after 10 minutes', async () => {
    const browser = node.caller();
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    await node.clock.advance(10 * MINUTE);
    expect(await oauth.come(browser, back)).toBe('/signin#error=invalid_link');
  });

  test('to another provider than it began with is refused (mix-up)', async () => {
    const browser = node.caller();
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    expect(await oauth.come(browser, back, 'other')).toBe('/signin#error=invalid_link');
    expect(await oauth.come(browser, back, 'nowhere')).toBe('/signin#error=invalid_link');
  });

  test('with a code of another attempt is refused (code injection)', async () => {
    const [one, other] = [node.caller(), node.caller()];
    const sub = oauth.someone();
    const stolen = (await peer.browse(await oauth.start(one), sub)).searchParams.get('code') ?? '';
    const back = await peer.browse(await oauth.start(other), sub);
    back.searchParams.set('code', stolen);
    expect(await oauth.come(other, back)).toBe('/signin#error=provider_refused');
  });

  test('with a code that was used is refused', async () => {
    const sub = oauth.someone();
    const [one, other] = [node.caller(), node.caller()];
    const used = await peer.browse(await oauth.start(one), sub);
    await oauth.come(one, used);
    const back = await peer.browse(await oauth.start(other), sub);
    back.searchParams.set('code', used.searchParams.get('code') ?? '');
    expect(await oauth.come(other, back)).toBe('/signin#error=provider_refused');
  });

  test('with a refusal leads to signing in, and says whether it was the person’s own', async () => {
    expect(await oauth.signIn('')).toBe('/signin#error=access_denied');
    const browser = node.caller();
    const back = new URL(callback('example'));
    back.searchParams.set('state', new URL(await oauth.start(browser)).searchParams.get('state') ?? '');
    back.searchParams.set('error', 'server_error');
    back.searchParams.set('error_description', '<script>');
    back.searchParams.set('iss', peer.config.url);
    expect(await oauth.come(browser, back)).toBe('/signin#error=provider_refused');
  });

  test('with another issuer is refused', async () => {
    const browser = node.caller();
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    back.searchParams.set('iss', 'https://evil.example');
    expect(await oauth.come(browser, back)).toBe('/signin#error=provider_refused');
  });

  test('with everything twice is refused', async () => {
    const browser = node.caller();
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
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
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    peer.onRequest = async (path) => {
      if (path !== '/token') return;
      // It fell silent.
      void node.clock.advance(10_000);
      await new Promise(() => undefined);
    };
    expect(await oauth.come(browser, back)).toBe('/signin#error=unavailable');
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
    const back = await peer.browse(await oauth.start(browser), oauth.someone());
    peer.spoil = spoil;
    expect(await oauth.come(browser, back)).toBe('/signin#error=provider_refused');
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('as someone else than the provider’s userinfo speaks of is refused', async () => {
    const browser = node.caller();
    const [sub, other] = [oauth.someone({ email: 'x@example.org', email_verified: true }), oauth.someone()];
    const back = await peer.browse(await oauth.start(browser), sub);
    peer.spoil = (idToken) => peer.sign({ ...decodeJwt(idToken), sub: other });
    expect(await oauth.come(browser, back)).toBe('/signin#error=provider_refused');
  });
});

test('no state, code, ticket, refresh token or client secret stands in the log, nor what a provider says of people', () => {
  expect(oauth.secrets.length).toBeGreaterThan(150);
  oauth.expectNothingLogged();
});
