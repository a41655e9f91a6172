/** Signing in at a provider: what a browser does between it and us. */
import type { SignedIn } from '@confab/protocol';
import { expect } from 'vitest';
import type { ProviderConfig } from '../src/modules/accounts/index.ts';
import { type AccountsWorld, type Answer, type Caller, type Node, startAccounts, verifyAddress } from './accounts.ts';
import { type OidcPeer, type OidcPerson, startOidcPeer } from './oidc-peer.ts';

export const BASE = 'https://chat.example';

/** Where a provider leads back to. */
export function callback(provider: string): string {
  return `${BASE}/api/auth/oauth/${provider}/callback`;
}

interface Ways {
  /** States, codes and cookies on the way: none of it is to be logged. */
  secrets: readonly string[];
  /** Where a browser is led that wants to sign in there. */
  start: (browser: Caller, provider?: string, query?: Record<string, string>) => Promise<string>;
  /** As it is led back; where it ends. */
  come: (browser: Caller, back: URL, provider?: string) => Promise<string>;
}

/** The ways to a provider and back; to `usual` where none is named. */
export function ways(usual: string): Ways {
  const secrets: string[] = [];
  return {
    secrets,
    async start(browser, provider = usual, query) {
      const answer = await browser.call('oauthStart', { params: { provider }, ...(query && { query }) });
      expect(answer.status).toBe(302);
      return String(answer.headers.location);
    },
    async come(browser, back, provider = usual) {
      const { searchParams } = back;
      const query = Object.fromEntries(searchParams);
      const answer = await browser.call('oauthCallback', { params: { provider }, query });
      expect(answer.status).toBe(302);
      const location = String(answer.headers.location);
      secrets.push(...searchParams.getAll('state'), ...searchParams.getAll('code'), ...browser.cookies.values());
      expect(location.startsWith(`${BASE}/`)).toBe(true);
      return location.slice(BASE.length);
    },
  };
}

/** The ticket with which whoever is new chooses a username. */
export function ticketIn(landing: string): string {
  return /^\/welcome#ticket=([\w-]{43})$/.exec(landing)?.[1] ?? expect.fail(`no ticket: ${landing}`);
}

/** Chooses one. */
export function complete(browser: Caller, ticket: string, username: string, more: object = {}): Promise<Answer> {
  return browser.call('oauthComplete', { body: { ticket, username, transport: 'body', ...more } });
}

/** Whose session the browser holds. */
export async function holder(browser: Caller): Promise<string> {
  const answer = await browser.call('refresh', { body: {}, headers: await browser.csrf() });
  return (answer.body as SignedIn).user.username;
}

export interface OauthWorld extends Ways {
  world: AccountsWorld;
  node: Node;
  peer: OidcPeer;
  /** Someone at the provider: their name there. */
  someone(about?: OidcPerson): string;
  /** All of the way; where it ends. */
  signIn(sub: string, browser?: Caller, query?: Record<string, string>): Promise<string>;
  /** A new account of `sub`. */
  join(sub: string, username: string): Promise<SignedIn>;
  /** A new account, whose address is proven. */
  verifiedPerson(username: string): Promise<SignedIn>;
  /** Who at the provider comes in to that account. */
  identitiesOf(userId: string): Promise<string[]>;
  /** That nothing of these ways stands in the log: no state, code, ticket, token or secret. */
  expectNothingLogged(): void;
  close(): Promise<void>;
}

/**
 * The accounts module with an OpenID provider, `example`.
 * @param more providers besides
 */
export async function startOauth(more: (peer: OidcPeer) => ProviderConfig[] = () => []): Promise<OauthWorld> {
  const [world, peer] = await Promise.all([startAccounts(), startOidcPeer('example', callback('example'))]);
  const node = await world.node({ config: { providers: [peer.config, ...more(peer)] } });
  const { secrets, start, come } = ways('example');
  let people = 0;

  async function signIn(sub: string, browser = node.caller(), query?: Record<string, string>): Promise<string> {
    return come(browser, await peer.browse(await start(browser, 'example', query), sub));
  }

  return {
    world,
    node,
    peer,
    secrets,
    start,
    come,
    signIn,
    someone(about = {}) {
      const sub = `sub-${++people}`;
      peer.people.set(sub, about);
      return sub;
    },
    async join(sub, username) {
      const browser = node.caller();
      const answer = await complete(browser, ticketIn(await signIn(sub, browser)), username);
      expect(answer.status).toBe(201);
      return answer.body as SignedIn;
    },
    async verifiedPerson(username) {
      const signedIn = await node.caller().signUp(username);
      await verifyAddress(world, signedIn.user.id);
      return signedIn;
    },
    async identitiesOf(userId) {
      const { rows } = await world.db.query<{ subject: string }>(
        'select subject from accounts.identities where user_id = $1',
        [userId],
      );
      return rows.map(({ subject }) => subject);
    },
    expectNothingLogged() {
      const logged = node.logged();
      const told = [...secrets, peer.config.clientSecret].filter((secret) => secret.length > 8);
      expect(told.filter((secret) => logged.includes(secret))).toEqual([]);
      expect(logged).not.toContain('@example.org');
    },
    async close() {
      await Promise.all([peer.close(), world.close()]);
    },
  };
}
