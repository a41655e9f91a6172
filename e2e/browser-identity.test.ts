/** Every way in, in a browser, against the real server. */
/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { shownCode } from '../packages/server/test/authenticator.ts';
import { giveRole } from '../packages/server/test/database.ts';
import { freePort } from '../packages/server/test/redis.ts';
import { languageRoom } from '../packages/server/test/rooms.ts';
import { expectAccessible } from './support/axe.ts';
import { signUp } from './support/browser.ts';
import { box, log, say, shown, SOON, web } from './support/web.ts';

// Browsers know no passkeys under a bare address.
const client = web(async () => {
  const port = String(await freePort());
  return { PORT: port, PUBLIC_URL: `http://localhost:${port}` };
});
const { tab, signedUp } = client;
const PASSWORD = 'a good password';

/** What stands in the newest letter to `to` that has it. */
async function mailed(to: string, what: RegExp): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const answer = await fetch(`${client.server.url}/dev/mailbox`, { headers: { accept: 'application/json' } });
      const { mails } = (await answer.json()) as { mails: { to: string; text: string }[] };
      found = mails.filter((mail) => mail.to === to).flatMap(({ text }) => what.exec(text)?.[0] ?? [])[0];
      return found;
    }, SOON)
    .toBeDefined();
  return found ?? '';
}
const CODE = /\b\d{6}\b/;
const link = (path: string) => new RegExp(`https?://\\S+/${path}#token=[\\w-]+`);

const inside = (page: Page, username: string) => page.getByText(`@${username}`, { exact: true }).waitFor();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
}

async function signInWithPassword(page: Page, who: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email or username').fill(who);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Sign in');
}

/** Signed up through the form, with the address proven by the link of the letter. */
async function verified(name: string): Promise<Page & { account: { username: string }; email: string }> {
  const page = await signedUp(name);
  const email = `${page.account.username}@example.com`;
  const letter = await mailed(email, link('verify-email'));
  await page.goto(letter);
  await press(page, 'Confirm my address');
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  await press(page, 'Go to your conversations');
  await inside(page, page.account.username);
  return Object.assign(page, { email });
}

test('the link of the first letter proves the address when its button is pressed, once, and its token stays nowhere', async () => {
  const page = await tab();
  await page.goto(`${client.url}/signup`);
  const username = `annlee${randomUUID().slice(0, 8)}`;
  const email = `${username}@example.com`;
  // A notice that goes away by itself: looked for from the beginning.
  const notice = page.getByText(`a link to confirm ${email} is on its way`);
  await Promise.all([notice.waitFor(), signUp(page, { name: 'Ann Lee', username })]);
  const letter = await mailed(email, link('verify-email'));

  // A program that only looks at the link does not use it up.
  const scanner = await tab();
  await scanner.goto(letter);
  await scanner.getByRole('button', { name: 'Confirm my address' }).waitFor();

  await page.goto(letter);
  await page.getByRole('button', { name: 'Confirm my address' }).waitFor();
  expect(new URL(page.url()).hash).toBe('');
  await press(page, 'Confirm my address');
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  await page.getByText(email).waitFor();

  await press(scanner, 'Confirm my address');
  await scanner.getByRole('alert').getByText('used before').waitFor();
});

test('a username and a password lead in; a wrong one says so and stays in the form', async () => {
  const page = await signedUp('Ann Lee');
  await signOut(page);
  await signInWithPassword(page, page.account.username, 'not this one');
  await page.getByRole('alert').getByText('not known').waitFor();
  expect(await page.getByLabel('Email or username').inputValue()).toBe(page.account.username);
  await signInWithPassword(page, page.account.username.toUpperCase());
  await inside(page, page.account.username);
});

test('signing in needs no pointer: the first field has the focus, one that is wrong gets it, and Enter sends', async () => {
  const person = await client.server.person('ann');
  const { username } = person.signedIn.user;
  const page = await tab();
  const focused = () =>
    page.evaluate(() => (document.activeElement instanceof HTMLInputElement ? document.activeElement.name : null));
  await page.getByLabel('Email or username').waitFor();
  expect(await focused()).toBe('email');
  await page.keyboard.press('Enter');
  await page.getByText('Enter your email address or your username.').waitFor();
  expect(await focused()).toBe('email');
  await page.keyboard.type(username);
  await page.keyboard.press('Enter');
  await expect.poll(focused, SOON).toBe('password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await inside(page, username);
});

test('a mailed code leads in, and a wrong one does not', async () => {
  const page = await verified('Ann Lee');
  await signOut(page);
  await page.getByLabel('Email or username').fill(page.email);
  await press(page, 'Email me a code');
  await press(page, 'Send the code');
  const field = page.getByLabel('Code', { exact: true });
  await field.waitFor();
  expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
  expect(await page.getByRole('button', { name: /^Send another code in \d+ s$/ }).isDisabled()).toBe(true);
  const code = await mailed(page.email, CODE);
  await field.fill(code === '000000' ? '000001' : '000000');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('The code is wrong').waitFor();
  await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await press(page, 'Continue');
  await inside(page, page.account.username);
});

test('a forgotten password is set anew by the link of a letter; the other tabs are signed out', async () => {
  const page = await verified('Ann Lee');
  const other = await tab();
  await other.getByRole('link', { name: 'Forgot your password?' }).click();
  await other.getByLabel('Email').fill(page.email);
  await press(other, 'Send the link');
  await other.getByText('is on its way').waitFor();
  await other.goto(await mailed(page.email, link('reset-password')));
  await other.getByLabel('New password', { exact: true }).fill('short');
  await press(other, 'Set the password');
  await expect
    .poll(() => other.getByLabel('New password', { exact: true }).getAttribute('aria-invalid'), SOON)
    .toBe('true');
  await other.getByLabel('New password', { exact: true }).fill('another good one');
  await press(other, 'Set the password');
  await other.getByText('Your new password is set').waitFor();

  await page.getByText('Your session was ended. Sign in again.').waitFor();
  await press(other, 'Go to signing in');
  await signInWithPassword(other, page.email);
  await other.getByRole('alert').getByText('not known').waitFor();
  await signInWithPassword(other, page.email, 'another good one');
  await inside(other, page.account.username);
});

test('a second factor is asked for after the password; a recovery code stands in for the app', async () => {
  const person = await client.server.person('ann');
  const { username } = person.signedIn.user;
  const { secret } = await person.call('startTotp', {});
  const { recoveryCodes } = await person.call('confirmTotp', { body: { code: await shownCode(secret) } });
  const page = await tab();
  await signInWithPassword(page, username);
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
  // Half-way in is not in.
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();

  await signInWithPassword(page, username);
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('The code is wrong').waitFor();
  await press(page, 'Use a recovery code');
  await page.getByLabel('Recovery code').fill(recoveryCodes[0] ?? '');
  await press(page, 'Continue');
  await inside(page, username);
});

test('a guest looks around, is offered only what guests may do, and becomes a member in the same conversation', async () => {
  const name = `Garden ${randomUUID().slice(0, 8)}`;
  const { admin, roomId } = await languageRoom(client.server, { lounge: { name }, room: { name: 'English' } });
  const page = await tab();
  await press(page, 'Look around as a guest');
  await page.getByText('You are here as a guest until').waitFor();
  expect(await page.getByRole('button', { name: 'Create a room' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Scheduled' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Lounges' }).click();
  await page.getByRole('button', { name: `Join English of ${name}` }).click();
  await box(page).waitFor();
  await say(page, 'hello from a guest');
  await log(page).getByText('Sent', { exact: true }).waitFor();

  const username = `guest${randomUUID().slice(0, 8)}`;
  await press(page, 'Create an account');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Username').fill(username);
  await dialog.getByLabel('Email').fill(`${username}@example.com`);
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('You are here as a guest').waitFor({ state: 'detached' });
  await shown(page, 'hello from a guest').waitFor();
  await say(page, 'hello from a member');
  const written = async () => {
    const { messages } = await admin.call('messages', { params: { roomId }, query: {} });
    return messages.filter(({ kind }) => kind === 'text');
  };
  await expect
    .poll(async () => (await written()).map(({ body }) => body), SOON)
    .toEqual(['hello from a guest', 'hello from a member']);
  expect(new Set((await written()).map(({ senderId }) => senderId)).size).toBe(1);
  await page.getByRole('button', { name: 'Create a room' }).waitFor();
});

/** An authenticator in the browser of `page`, as phones and laptops have one. */
async function authenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** As if they had signed in an hour ago. */
async function anHourLater(username: string): Promise<void> {
  const database = new pg.Client(client.server.databaseUrl);
  await database.connect();
  await database.query(
    `update accounts.sessions set authenticated_at = now() - interval '1 hour'
     where user_id = (select id from accounts.users where username = $1)`,
    [username],
  );
  await database.end();
}

test('a passkey is made, leads in, and proves that it is me before a sensitive change', async () => {
  const page = await signedUp('Ann Lee');
  const { username } = page.account;
  await authenticator(page);
  await anHourLater(username);
  await page.goto(`${client.url}/settings/security`);
  await press(page, 'Add a passkey');
  await page.getByRole('dialog', { name: 'Add a passkey' }).getByLabel('Name').fill('My laptop');
  await press(page, 'Continue');
  const again = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await again.getByLabel('Password', { exact: true }).fill('not this one');
  await again.getByRole('button', { name: 'Confirm' }).click();
  await again.getByRole('alert').getByText(/\w/).waitFor();
  await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await again.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('My laptop').waitFor();

  await page.goto(client.url);
  await signOut(page);
  await press(page, 'Continue with a passkey');
  await inside(page, username);

  await anHourLater(username);
  await page.goto(`${client.url}/settings/security`);
  await press(page, 'Remove My laptop');
  await page.getByRole('dialog', { name: 'Remove My laptop?' }).getByRole('button', { name: 'Remove' }).click();
  await again.getByRole('button', { name: 'Use a passkey' }).click();
  await again.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('My laptop').first().waitFor({ state: 'detached' });
});

test('a passkey that is not there says so', async () => {
  const page = await tab();
  await authenticator(page);
  await press(page, 'Continue with a passkey');
  await page.getByRole('alert').getByText('No passkey was used').waitFor();
});

test('coming in and going out in one tab does so in the others', async () => {
  const page = await signedUp('Ann Lee');
  const other = await page.context().newPage();
  await other.goto(client.url);
  await inside(other, page.account.username);
  await signOut(page);
  await other.getByText('You have signed out.').waitFor();
  await signInWithPassword(page, page.account.username);
  await inside(page, page.account.username);
  await inside(other, page.account.username);
});

test('a ban ends the session in words, and signing in says until when and why', async () => {
  const admin = await client.server.person('chief');
  const page = await signedUp('Ann Lee');
  await giveRole(client.server.databaseUrl, admin.id, 'admin');
  const { users } = await admin.call('findUsers', { query: { q: page.account.username } });
  await admin.call('ban', { params: { userId: users[0]?.id ?? '' }, body: { reason: 'Spam', until: null } });
  await page.getByText('This account has been banned.').waitFor();
  await signInWithPassword(page, page.account.username);
  await page.getByRole('alert').getByText('This account is banned. Reason: Spam').waitFor();
});

test('what a link says went wrong elsewhere is told in words, and never repeated', async () => {
  const page = await tab();
  await page.goto(`${client.url}/signin#error=identity_taken`);
  await page.getByRole('alert').getByText('linked to someone else').waitFor();
  expect(page.url()).not.toContain('#');
  await page.goto(`${client.url}/?x#error=Call+555-1234`);
  await page.getByRole('alert').getByText('Signing in there did not work').waitFor();
  expect(await page.getByText('555').count()).toBe(0);
});
