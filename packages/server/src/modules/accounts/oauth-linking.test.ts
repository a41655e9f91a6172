/** Linking an account at a provider to one that is there, and unlinking it. */
import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, type Node } from '../../../test/accounts.ts';
import { holder, type OauthWorld, startOauth, ticketIn } from '../../../test/oauth.ts';
import type { OidcPeer } from '../../../test/oidc-peer.ts';
import { overtaken } from '../../../test/overtaken.ts';

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

describe('linking an account elsewhere', () => {
  const params = { provider: 'example' };

  async function beginLink(browser: Caller, token: string): Promise<string> {
    const answer = await browser.call('linkIdentity', { token, params });
    expect(answer.status).toBe(200);
    return (answer.body as { location: string }).location;
  }

  async function link(browser: Caller, token: string, sub: string): Promise<string> {
    return oauth.come(browser, await peer.browse(await beginLink(browser, token), sub));
  }

  test('makes it a way in, told by mail, listed, and unlinked again', async () => {
    const { user, accessToken: token } = await oauth.verifiedPerson('linker');
    const sub = oauth.someone({ email: 'elsewhere@example.org' });
    expect(await link(node.caller(), token, sub)).toBe('/settings/security#linked=example');
    const browser = node.caller();
    await oauth.signIn(sub, browser);
    expect(await holder(browser)).toBe('linker');
    expect((await node.mails()).filter(({ to }) => to === user.email).at(-1)?.text).toContain('Example');
    expect((await browser.call('identities', { token })).body).toEqual({
      identities: [{ provider: 'example', name: 'elsewhere@example.org', createdAt: node.clock.now() }],
    });
    // The same again changes nothing.
    expect(await link(node.caller(), token, sub)).toBe('/settings/security#linked=example');
    expect((await browser.call('unlinkIdentity', { token, params })).status).toBe(204);
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('not_found');
    ticketIn(await oauth.signIn(sub));
  });

  test('is refused when it is someone else’s, or one has another one there', async () => {
    const [mine, theirs] = [oauth.someone(), oauth.someone()];
    const one = await oauth.join(mine, 'has.one');
    await oauth.join(theirs, 'has.other');
    expect(await link(node.caller(), one.accessToken, theirs)).toBe('/settings/security#error=identity_taken');
    expect(await link(node.caller(), one.accessToken, oauth.someone())).toBe('/settings/security#error=limit_reached');
    expect(await oauth.identitiesOf(one.user.id)).toEqual([mine]);
  });

  test('fails when the session that began it has ended meanwhile', async () => {
    const { user, accessToken: token } = await oauth.verifiedPerson('leaver');
    const browser = node.caller();
    const back = await peer.browse(await beginLink(browser, token), oauth.someone());
    await world.db.query('update accounts.sessions set ended_at = now() where user_id = $1', [user.id]);
    expect(await oauth.come(browser, back)).toBe('/settings/security#error=session_ended');
    expect(await oauth.identitiesOf(user.id)).toEqual([]);
  });

  test('is finished in the browser that began it, and nowhere else', async () => {
    const { user, accessToken: token } = await oauth.verifiedPerson('tricked');
    const back = await peer.browse(await beginLink(node.caller(), token), oauth.someone());
    expect(await oauth.come(node.caller(), back)).toBe('/signin#error=invalid_link');
    expect(await oauth.identitiesOf(user.id)).toEqual([]);
  });

  test('takes a proof of who one is a short while ago, and an account of one’s own', async () => {
    const { accessToken: token } = await oauth.verifiedPerson('idler');
    await node.clock.advance(10 * MINUTE);
    const browser = node.caller();
    expect((await browser.call('linkIdentity', { token, params })).code).toBe('step_up_required');
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('step_up_required');
    expect((await browser.call('linkIdentity', { params })).code).toBe('unauthenticated');
    const guest = (await browser.call('guest', { body: { transport: 'body' } })).body as SignedIn;
    expect((await browser.call('linkIdentity', { token: guest.accessToken, params })).code).toBe('members_only');
  });

  test('unlinked while it signs in, it signs in nobody', async () => {
    const sub = oauth.someone();
    const { user } = await oauth.join(sub, 'overtaken');
    const landing = await overtaken(
      world.db,
      user.id,
      () => oauth.signIn(sub),
      (tx) => tx.query('delete from accounts.identities where user_id = $1', [user.id]),
    );
    expect(landing).toBe('/signin#error=provider_refused');
    const { rows } = await world.db.query('select from accounts.sessions where user_id = $1', [user.id]);
    expect(rows).toHaveLength(1);
  });

  test('unlinking leaves the last way in', async () => {
    const sub = oauth.someone();
    const { user, accessToken: token } = await oauth.join(sub, 'only.way');
    const browser = node.caller();
    expect((await browser.call('unlinkIdentity', { token, params })).code).toBe('last_way_in');
    expect(await oauth.identitiesOf(user.id)).toEqual([sub]);
    await world.db.query(`update accounts.users set password_hash = 'x' where id = $1`, [user.id]);
    expect((await browser.call('unlinkIdentity', { token, params })).status).toBe(204);
  });
});

test('no state, code, ticket, refresh token or client secret stands in the log, nor what a provider says of people', () => {
  expect(oauth.secrets.length).toBeGreaterThan(30);
  oauth.expectNothingLogged();
});
