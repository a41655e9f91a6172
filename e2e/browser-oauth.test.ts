/** Signing in with an account elsewhere, in a browser, at a real OpenID provider. */
/// <reference lib="dom" />
import { afterAll, expect, test } from 'vitest';
import { type OidcPeer, startOidcPeer } from '../packages/server/test/oidc-peer.ts';
import { freePort } from '../packages/server/test/redis.ts';
import { group, SOON, web } from './support/web.ts';

let peer: OidcPeer;
// Another site than the server's: what the browser brings back comes from elsewhere.
const client = web(async () => {
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  peer = await startOidcPeer('example', `${url}/api/auth/oauth/example/callback`);
  return { PORT: port, PUBLIC_URL: url, OAUTH_PROVIDERS: JSON.stringify([peer.config]) };
});
const { tab, signedUp } = client;
afterAll(() => peer.close());

test('a new person chooses a username, and is let in by one click from then on', async () => {
  peer.who = 'new';
  const page = await tab();
  await page.getByRole('link', { name: 'Continue with Example' }).click();
  await page.getByRole('heading', { name: 'Welcome' }).waitFor(SOON);
  expect(new URL(page.url()).hash).not.toContain('ticket');
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await page.getByLabel('Username').fill('ada');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('@ada', { exact: true }).waitFor(SOON);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Continue with Example' }).click();
  await page.getByText('@ada', { exact: true }).waitFor(SOON);
});

test('whoever follows an invitation is led back to it, the first time after choosing a username', async () => {
  const host = await client.server.person('host');
  const room = await group(host, [], 'Invited');
  const { code } = await host.call('createInvite', { params: { roomId: room.id }, body: {} });
  peer.who = 'invited';
  const page = await tab();
  await page.goto(`${client.url}/invite/${code}`);
  await page.getByRole('link', { name: 'Continue with Example' }).click();
  await page.getByLabel('Username').fill(host.signedIn.user.username);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This username is taken.').waitFor(SOON);
  await page.getByLabel('Username').fill('invited');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { level: 1, name: 'Invited' }).waitFor(SOON);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Continue with Example' }).click();
  await page.getByRole('heading', { level: 1, name: 'Invited' }).waitFor(SOON);
});

test('who refuses there is back at the sign-in page, and told', async () => {
  peer.who = '';
  const page = await tab();
  await page.getByRole('link', { name: 'Continue with Example' }).click();
  await page.getByRole('alert').getByText('You did not allow the sign-in there.').waitFor(SOON);
});

test('an account elsewhere is linked in the settings, signs in, and is unlinked', async () => {
  peer.who = 'linked';
  const page = await signedUp('Bob Ray');
  const { username } = page.account;
  await page.goto(new URL('/settings/security', page.url()).href);
  await page.getByRole('button', { name: 'Link Example' }).click();
  await page.getByRole('button', { name: 'Unlink Example' }).waitFor(SOON);

  const other = await tab();
  await other.getByRole('link', { name: 'Continue with Example' }).click();
  await other.getByText(`@${username}`, { exact: true }).waitFor(SOON);

  await page.getByRole('button', { name: 'Unlink Example' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
  await page.getByRole('button', { name: 'Link Example' }).waitFor(SOON);
});
