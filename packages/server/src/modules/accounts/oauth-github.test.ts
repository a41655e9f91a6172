import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountsWorld, type Node, startAccounts, verifyAddress } from '../../../test/accounts.ts';
import { type GithubPeer, type GithubPerson, startGithubPeer } from '../../../test/github-peer.ts';
import { callback, complete, ticketIn, ways } from '../../../test/oauth.ts';

const provider = 'github';

let world: AccountsWorld;
let node: Node;
let peer: GithubPeer;
beforeAll(async () => {
  world = await startAccounts();
  peer = await startGithubPeer(provider, callback(provider));
  node = await world.node({
    config: {
      providers: [
        { ...peer.config, url: `${peer.config.url}/` },
        { ...peer.config, id: 'mistaken', clientSecret: 'another' },
        { ...peer.config, id: 'public', url: 'https://github.com' },
        { ...peer.config, id: 'away', url: 'http://127.0.0.1:9' },
      ],
    },
  });
});
afterAll(async () => {
  await Promise.all([peer.close(), world.close()]);
});

let people = 0;
function someone(about: Partial<GithubPerson> = {}): GithubPerson {
  const id = ++people;
  return { id, login: `octo${id}`, name: null, emails: [], ...about };
}

const { start, come } = ways(provider);

async function signIn(who: GithubPerson | undefined, browser = node.caller()): Promise<string> {
  return come(browser, peer.browse(await start(browser), who));
}

async function join(who: GithubPerson, username: string): Promise<SignedIn['user']> {
  const browser = node.caller();
  const answer = await complete(browser, ticketIn(await signIn(who, browser)), username);
  expect(answer.status).toBe(201);
  return (answer.body as SignedIn).user;
}

test('asks for a code with PKCE and state, at GitHub itself or where it is said to be', async () => {
  const browser = node.caller();
  const asked = new URL(await start(browser, 'public'));
  expect(asked.origin + asked.pathname).toBe('https://github.com/login/oauth/authorize');
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    client_id: peer.config.clientId,
    response_type: 'code',
    redirect_uri: callback('public'),
    scope: 'read:user user:email',
    state: browser.cookies.get('confab_oauth'),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    code_challenge_method: 'S256',
  });
});

test('creates an account with the verified primary address, and signs in to it from then on', async () => {
  const emails = [
    { email: 'old@example.org', primary: false, verified: true },
    { email: 'Octo@Example.org', primary: true, verified: true },
  ];
  const who = someone({ name: 'Mona', emails });
  expect(await join(who, 'mona')).toMatchObject({ name: 'Mona', email: 'octo@example.org', emailVerified: true });
  const browser = node.caller();
  expect(await signIn(who, browser)).toBe('/');
  expect(browser.cookies.has('confab_refresh')).toBe(true);
});

test('takes neither an address that is not verified nor one that is not primary', async () => {
  const { user } = await node.caller().signUp('mailbox');
  await verifyAddress(world, user.id);
  const email = 'mailbox@example.com';
  const unverified = someone({ emails: [{ email, primary: true, verified: false }] });
  const secondary = someone({ emails: [{ email, primary: false, verified: true }] });
  expect(await join(unverified, 'unverified')).toMatchObject({ email: null, emailVerified: false });
  expect(await join(secondary, 'secondary')).toMatchObject({ email: null, emailVerified: false });
});

test('knows people by number: a login that changes hands opens nothing', async () => {
  const who = someone({ login: 'fame' });
  const { id } = await join(who, 'famous');
  const heir = someone({ login: 'fame' });
  expect(await signIn(heir)).toMatch(/^\/welcome#ticket=/);
  const browser = node.caller();
  await signIn({ ...who, login: 'renamed' }, browser);
  const answer = await browser.call('refresh', { body: {}, headers: await browser.csrf() });
  expect((answer.body as SignedIn).user.id).toBe(id);
});

test('a refusal there, a used code and a code of another attempt are refused', async () => {
  expect(await signIn(undefined)).toBe('/signin#error=access_denied');
  const [one, other] = [node.caller(), node.caller()];
  const back = peer.browse(await start(one), someone());
  const stolen = peer.browse(await start(other), someone());
  const code = back.searchParams.get('code') ?? '';
  stolen.searchParams.set('code', code);
  expect(await come(other, stolen)).toBe('/signin#error=provider_refused');
  expect(await come(one, back)).toBe('/signin#error=provider_refused');
  expect(await come(one, back)).toBe('/signin#error=invalid_link');
});

test.each(['banned', 'disabled'] as const)('who is %s does not come in', async (what) => {
  const who = someone();
  const { id } = await join(who, `out.${what}`);
  const set = what === 'banned' ? `banned_at = now(), ban_reason = 'spam'` : `state = 'disabled'`;
  await world.db.query(`update accounts.users set ${set} where id = $1`, [id]);
  const browser = node.caller();
  expect((await signIn(who, browser)).split('&')[0]).toBe(`/signin#error=account_${what}`);
  expect(browser.cookies.has('confab_refresh')).toBe(false);
});

test('a second factor is asked for', async () => {
  const who = someone();
  const { id } = await join(who, 'two.factors');
  await world.db.query(`insert into accounts.totp (user_id, secret, confirmed_at) values ($1, '\\x00', now())`, [id]);
  const browser = node.caller();
  expect(await signIn(who, browser)).toMatch(/^\/second-factor#challenge=[\w-]{43}$/);
  expect(browser.cookies.has('confab_refresh')).toBe(false);
});

test('a wrong client secret, and GitHub away, end at signing in', async () => {
  const end = async (id: string) => {
    const browser = node.caller();
    const back = new URL(callback(id));
    back.searchParams.set('state', new URL(await start(browser, id)).searchParams.get('state') ?? '');
    back.searchParams.set('code', 'x');
    return come(browser, back, id);
  };
  expect(await end('mistaken')).toBe('/signin#error=provider_refused');
  expect(await end('away')).toBe('/signin#error=unavailable');
});
