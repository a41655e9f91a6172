/** Whose account somebody has who comes from a provider: a new one, one that is linked, or one that is entered. */
import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, type Node, PASSWORD } from '../../../test/accounts.ts';
import { complete, holder, type OauthWorld, startOauth, ticketIn } from '../../../test/oauth.ts';
import type { OidcPeer } from '../../../test/oidc-peer.ts';

const MINUTE = 60_000;

let oauth: OauthWorld;
let world: AccountsWorld;
let node: Node;
let peer: OidcPeer;
beforeAll(async () => {
  oauth = await startOauth();
  ({ world, node, peer } = oauth);
});
afterAll(() => oauth.close());

describe('whose account it is', () => {
  test('a new one is created with the username one chooses, and the address the provider vouches for', async () => {
    const sub = oauth.someone({ email: 'Grace@Example.org', email_verified: true, name: 'Grace Hopper' });
    const { user } = await oauth.join(sub, 'grace');
    expect(user).toMatchObject({ name: 'Grace Hopper', role: 'user', email: 'grace@example.org', emailVerified: true });
    expect(await oauth.identitiesOf(user.id)).toEqual([sub]);
    const { rows } = await world.db.query('select from accounts.sessions where user_id = $1', [user.id]);
    expect(rows).toHaveLength(1);
  });

  test('a name that rules do not allow is not taken over from there, and not accepted here', async () => {
    const browser = node.caller();
    const ticket = ticketIn(await oauth.signIn(oauth.someone({ name: 'Unspeakable' }), browser));
    const refused = await complete(browser, ticket, 'sam.spoken', { name: 'Unspeakable' });
    expect([refused.status, refused.code]).toEqual([403, 'text_rejected']);
    const answer = await complete(browser, ticket, 'sam.spoken');
    expect((answer.body as SignedIn).user).toMatchObject({ username: 'sam.spoken', name: 'sam.spoken' });
  });

  test('an address the provider does not vouch for stays a claim', async () => {
    for (const [i, verified] of [false, 'false', undefined].entries()) {
      const about = {
        email: `claim${i}@example.org`,
        ...(verified !== undefined && { email_verified: verified }),
      };
      const { user } = await oauth.join(oauth.someone(about), `claimant${i}`);
      expect(user).toMatchObject({ email: about.email, emailVerified: false });
    }
  });

  test('an account with the same address, proven on both sides, is entered and linked, and its owner told', async () => {
    const { user } = await oauth.verifiedPerson('proven');
    const sub = oauth.someone({ email: 'proven@example.com', email_verified: true });
    const browser = node.caller();
    expect(await oauth.signIn(sub, browser)).toBe('/');
    expect(await holder(browser)).toBe('proven');
    expect(await oauth.identitiesOf(user.id)).toEqual([sub]);
    expect((await node.mails()).filter(({ to }) => to === 'proven@example.com').at(-1)?.text).toContain('Example');
  });

  test('an account is never linked by an address that the provider does not vouch for', async () => {
    const { user } = await oauth.verifiedPerson('cautious');
    ticketIn(await oauth.signIn(oauth.someone({ email: 'cautious@example.com', email_verified: false })));
    ticketIn(await oauth.signIn(oauth.someone({ email: 'cautious@example.com' })));
    const intruder = await oauth.join(
      oauth.someone({ email: 'cautious@example.com', email_verified: false }),
      'intruder',
    );
    expect(intruder.user.id).not.toBe(user.id);
    expect(intruder.user.emailVerified).toBe(false);
    expect(await oauth.identitiesOf(user.id)).toEqual([]);
  });

  test('an account is never linked by an address that is only claimed here, and loses it to who proves it', async () => {
    const squatter = (await node.caller().signUp('squatter')).user;
    const { user } = await oauth.join(
      oauth.someone({ email: 'squatter@example.com', email_verified: true }),
      'rightful',
    );
    expect(user).toMatchObject({ email: 'squatter@example.com', emailVerified: true });
    expect(await oauth.identitiesOf(squatter.id)).toEqual([]);
    // The password that was set by whoever came first opens nothing of it.
    const body = { email: 'squatter@example.com', password: PASSWORD };
    expect((await node.caller().call('signIn', { body })).code).toBe('invalid_credentials');
  });

  test('is told by who they are there, not by the address they have now', async () => {
    const sub = oauth.someone({ email: 'before@example.org', email_verified: true });
    await oauth.join(sub, 'mover');
    await oauth.verifiedPerson('unrelated');
    peer.people.set(sub, { email: 'unrelated@example.com', email_verified: true });
    const browser = node.caller();
    await oauth.signIn(sub, browser);
    expect(await holder(browser)).toBe('mover');
  });

  test('another one of the same provider is not linked by address', async () => {
    const about = { email: 'double@example.org', email_verified: true };
    await oauth.join(oauth.someone(about), 'double');
    expect(await oauth.signIn(oauth.someone(about))).toBe('/signin#error=limit_reached');
  });

  test('two first sign-ins of one person at the same time are linked once, and both let in', async () => {
    const { user } = await oauth.verifiedPerson('hasty');
    const sub = oauth.someone({ email: 'hasty@example.com', email_verified: true });
    const begun: [Caller, URL][] = [];
    for (const browser of [node.caller(), node.caller()]) {
      begun.push([browser, await peer.browse(await oauth.start(browser), sub)]);
    }
    expect(await Promise.all(begun.map(([browser, back]) => oauth.come(browser, back)))).toEqual(['/', '/']);
    expect(await oauth.identitiesOf(user.id)).toEqual([sub]);
  });

  test('a second factor is asked for, and nothing is linked before it is shown', async () => {
    const { user } = await oauth.verifiedPerson('careful');
    await world.db.query(`insert into accounts.totp (user_id, secret, confirmed_at) values ($1, '\\x00', now())`, [
      user.id,
    ]);
    const browser = node.caller();
    const sub = oauth.someone({ email: 'careful@example.com', email_verified: true });
    expect(await oauth.signIn(sub, browser)).toMatch(/^\/second-factor#challenge=[\w-]{43}$/);
    expect(browser.cookies.has('confab_refresh')).toBe(false);
    expect(await oauth.identitiesOf(user.id)).toEqual([]);
    // Nor is it skipped for one that was linked before.
    await world.db.query(
      `insert into accounts.identities (provider, subject, user_id, created_at) values ('example', $1, $2, now())`,
      [sub, user.id],
    );
    expect(await oauth.signIn(sub, browser)).toMatch(/^\/second-factor#challenge=[\w-]{43}$/);
    expect(browser.cookies.has('confab_refresh')).toBe(false);
  });

  test('who is kept out stays out, and is linked to nothing', async () => {
    const sub = oauth.someone();
    const { user } = await oauth.join(sub, 'unwanted');
    const other = await oauth.verifiedPerson('unwanted.too');
    const unlinked = oauth.someone({ email: 'unwanted.too@example.com', email_verified: true });
    const set = (sql: string) =>
      world.db.query(`update accounts.users set ${sql} where id = any($1)`, [[user.id, other.user.id]]);
    const both = async (landing: string, appealed = false) => {
      const browser = node.caller();
      for (const [as, userId] of [
        [sub, user.id],
        [unlinked, other.user.id],
      ] as const) {
        const [where, appeal] = (await oauth.signIn(as, browser)).split('&appeal=');
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
    expect(await oauth.identitiesOf(other.user.id)).toEqual([]);
  });
});

describe('choosing a username', () => {
  async function ticket(about = {}) {
    const browser = node.caller();
    return { browser, ticket: ticketIn(await oauth.signIn(oauth.someone(about), browser)) };
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
    const sub = oauth.someone();
    const [one, other] = [node.caller(), node.caller()];
    const tickets = [ticketIn(await oauth.signIn(sub, one)), ticketIn(await oauth.signIn(sub, other))] as const;
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
    await oauth.verifiedPerson('meanwhile');
    const { user } = (await complete(browser, mine, 'second')).body as SignedIn;
    expect(user.emailVerified).toBe(false);
  });
});

test('no state, code, ticket, refresh token or client secret stands in the log, nor what a provider says of people', () => {
  expect(oauth.secrets.length).toBeGreaterThan(75);
  oauth.expectNothingLogged();
});
