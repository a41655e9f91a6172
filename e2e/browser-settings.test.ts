/** Settings and administration in a browser, against the real server. */
/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { shownCode } from '../packages/server/test/authenticator.ts';
import type { Person } from '../packages/server/test/person.ts';
import { expectAccessible } from './support/axe.ts';
import { box, group, roomLink, say, shown, SOON, web } from './support/web.ts';

const client = web();
const { signIn } = client;
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const inDialog = (page: Page) => page.getByRole('dialog').last();

/** What stands in the newest mail or text message to `to` that has it. */
async function inOutbox(name: 'mailbox' | 'sms', to: string, what: RegExp): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const answer = await fetch(`${client.server.url}/dev/${name}`, { headers: { accept: 'application/json' } });
      const lists = (await answer.json()) as Record<string, { to: string; text: string }[]>;
      const sent = Object.values(lists).flat();
      found = sent.filter((one) => one.to === to).flatMap(({ text }) => what.exec(text)?.[0] ?? [])[0];
      return found;
    }, SOON)
    .toBeDefined();
  return found ?? '';
}

async function settings(page: Page, name: string): Promise<void> {
  await page.goto(`${client.url}/settings/${name}`);
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
}

/** A tab of that person, there from the beginning. */
async function atSettings(person: Person, name: string): Promise<Page> {
  const page = await signIn(person, {}, `/settings/${name}`);
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  return page;
}

test('what one tells about oneself is seen by others on the card', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(bob, [ann], 'Tea');
  await ann.say(room.id, 'hello');
  const page = await signIn(ann);
  await page.getByTitle('Your status').click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ann Elisabeth');
  await page.getByLabel('About you').fill('Knows about tea.\nAsk me.');
  await page.getByLabel('Add a language').selectOption('de');
  await press(page, 'Add');
  await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await page.getByLabel('I sell here').check();
  await page.getByLabel('Seller name').fill('');
  await press(page, 'Save profile');
  await page.getByText('Use 1 to 80 characters.').waitFor();
  expect(await page.getByLabel('Seller name').evaluate((field) => field === document.activeElement)).toBe(true);
  await page.getByLabel('Seller name').fill('Ann’s teas');
  await press(page, 'Save profile');
  await page.getByText('Saved.').waitFor();
  await page.reload();
  expect(await page.getByLabel('About you').inputValue()).toBe('Knows about tea.\nAsk me.');
  await page.getByRole('button', { name: 'Remove German' }).waitFor();

  const theirs = await signIn(bob);
  await roomLink(theirs, 'Tea').click();
  const dayThere = () => new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', weekday: 'short' }).format();
  const before = dayThere();
  await theirs.getByRole('listitem').filter({ hasText: 'hello' }).locator('button').first().click();
  const card = inDialog(theirs);
  await card.getByRole('heading', { name: 'Ann Elisabeth' }).waitFor();
  await card.getByText('Knows about tea.').waitFor();
  await card.getByText('German').waitFor();
  await card.getByText('Ann’s teas').waitFor();
  // Midnight there may pass meanwhile.
  await card.getByText(new RegExp(`${before}|${dayThere()}`)).waitFor();
  await expectAccessible(theirs);
});

test('a second factor is switched on with a code of the app, and its recovery codes are shown once', async () => {
  const ann = await client.server.person('ann');
  const page = await atSettings(ann, 'security');
  await press(page, 'Set up');
  await inDialog(page)
    .getByRole('img', { name: /QR code/ })
    .waitFor();
  const secret = (await inDialog(page).locator('code').textContent())?.replaceAll(' ', '') ?? '';
  await inDialog(page).getByLabel('Code the app shows').fill('000000');
  await press(page, 'Switch on');
  await inDialog(page).getByRole('alert').getByText('wrong').waitFor();
  await expectAccessible(page);
  await inDialog(page)
    .getByLabel('Code the app shows')
    .fill(await shownCode(secret));
  await press(page, 'Switch on');
  await inDialog(page).getByRole('list', { name: 'Recovery codes' }).waitFor();
  await expectAccessible(page);
  const codes = await inDialog(page)
    .getByRole('list', { name: 'Recovery codes' })
    .getByRole('listitem')
    .allTextContents();
  expect(new Set(codes).size).toBeGreaterThanOrEqual(8);
  await press(page, 'I have kept them');
  await page.getByText(`${codes.length} recovery codes left`).waitFor();

  await press(page, 'Switch off');
  await inDialog(page).getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  expect((await ann.call('security', {})).totp).toBe(false);
});

test('a session that is ended from another browser is over there at once', async () => {
  const ann = await client.server.person('ann');
  const [here, there] = [await signIn(ann), await signIn(ann)];
  await settings(here, 'security');
  const sessions = here.getByRole('list', { name: 'Sessions' });
  await sessions.getByText('This device').waitFor();
  // The one that the account was made with, and the two browsers.
  await expect.poll(() => sessions.getByRole('listitem').count(), SOON).toBe(3);
  await sessions
    .getByRole('button', { name: /^Sign out / })
    .first()
    .click();
  await there.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await there.getByText('Your session was ended.').waitFor();
  await expect.poll(() => sessions.getByRole('listitem').count(), SOON).toBe(2);
  await press(here, 'Sign out everywhere else');
  await inDialog(here).getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(() => sessions.getByRole('listitem').count(), SOON).toBe(1);
});

test('an API token may do what was chosen, is shown once, and nothing any more when it is revoked', async () => {
  const page = await atSettings(await client.server.person('ann'), 'security');
  await press(page, 'Make a token');
  await inDialog(page).getByLabel('Name', { exact: true }).fill('My bot');
  await press(page, 'Make token');
  await inDialog(page).getByText('Choose at least one.').waitFor();
  await expectAccessible(page);
  await inDialog(page).getByLabel('See my rooms').check();
  expect(await inDialog(page).getByLabel('Act upon accounts').count()).toBe(0);
  await press(page, 'Make token');
  const token = await inDialog(page).getByLabel('Token', { exact: true }).textContent();
  await expectAccessible(page);
  await press(page, 'Done');

  const status = async (path: string) => {
    const answer = await fetch(client.server.url + path, { headers: { authorization: `Bearer ${token ?? ''}` } });
    await answer.body?.cancel();
    return answer.status;
  };
  expect(await status('/api/rooms')).toBe(200);
  expect(await status('/api/blocks')).toBe(403);
  await page.reload();
  await page.getByText('My bot').waitFor();
  expect(await page.getByText(token ?? '', { exact: true }).count()).toBe(0);
  await press(page, 'Revoke My bot');
  await inDialog(page).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('list', { name: 'API tokens' }).waitFor({ state: 'detached' });
  expect(await status('/api/rooms')).toBe(401);
});

test('an address changes when the link mailed to it is followed', async () => {
  const ann = await client.server.person('ann');
  const page = await atSettings(ann, 'account');
  await page.getByText('Not verified').waitFor();
  const email = `new-${ann.signedIn.user.username}@example.com`;
  await page.getByLabel('New address').fill('nowhere');
  await press(page, 'Change address');
  await page.getByText('Enter an address like name@example.com.').waitFor();
  await page.getByLabel('New address').fill(email);
  await press(page, 'Change address');
  await page.getByRole('status').getByText(email).waitFor();
  expect((await ann.call('profile', {})).email).not.toBe(email);
  await page.goto(await inOutbox('mailbox', email, /https?:\S+#token=[\w-]+/));
  await page.getByRole('button', { name: /Confirm|Verify/ }).click();
  await expect.poll(() => ann.call('profile', {}), SOON).toMatchObject({ email, emailVerified: true });
  await settings(page, 'account');
  await page.getByText(email).waitFor();
  await page.getByText('Verified', { exact: true }).waitFor();
});

test('a mobile number is added with the texted code, and removed', async () => {
  const ann = await client.server.person('ann');
  const page = await atSettings(ann, 'account');
  const phone = `+4915112${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}`;
  await page.getByLabel('Number', { exact: true }).fill('12');
  await press(page, 'Add number');
  await page.getByText('Enter the number with its country').waitFor();
  await page.getByLabel('Number', { exact: true }).fill(phone);
  await press(page, 'Add number');
  await page.getByLabel('Code', { exact: true }).fill(await inOutbox('sms', phone, /\b\d{6}\b/));
  await press(page, 'Verify');
  await page.getByText(phone, { exact: true }).waitFor();
  expect((await ann.call('profile', {})).phone).toBe(phone);
  await press(page, 'Remove');
  await inDialog(page).getByRole('button', { name: 'Remove' }).click();
  await page.getByText(phone, { exact: true }).waitFor({ state: 'detached' });
  expect((await ann.call('profile', {})).phone).toBeNull();
});

test('a new password takes the present one, and signs out everywhere else', async () => {
  const ann = await client.server.person('ann');
  const [here, there] = [await signIn(ann), await signIn(ann)];
  await settings(here, 'account');
  await here.getByLabel('Present password').fill('not this one');
  await here.getByLabel('New password').fill('an even better one');
  await press(here, 'Change password');
  await here.getByText('That is not your present password.').waitFor();
  await here.getByLabel('Present password').fill('a good password');
  await press(here, 'Change password');
  await here.getByText('The password is set.').waitFor();
  await there.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await there.getByLabel('Email').fill(ann.signedIn.user.email ?? '');
  await there.getByLabel('Password', { exact: true }).fill('an even better one');
  await press(there, 'Sign in');
  await there.getByText(`@${ann.signedIn.user.username}`, { exact: true }).waitFor();
});

test('an account is taken along as an archive, and deleted with its username; its words stay under no name', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(bob, [ann], 'Farewell');
  await ann.say(room.id, 'so long');
  const page = await atSettings(ann, 'account');
  await press(page, 'Delete account…');
  const download = page.waitForEvent('download');
  await inDialog(page).getByRole('button', { name: 'Download my data' }).click();
  expect((await download).suggestedFilename()).toBe(`confab-${ann.signedIn.user.username}.zip`);
  await inDialog(page).getByLabel('Your username').fill('someone.else');
  await press(page, 'Delete for good');
  await inDialog(page).getByText('That is not your username.').waitFor();
  await expectAccessible(page);
  await inDialog(page).getByLabel('Your username').fill(ann.signedIn.user.username);
  await press(page, 'Delete for good');
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.getByLabel('Email').fill(ann.signedIn.user.email ?? '');
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await press(page, 'Sign in');
  await page.getByRole('alert').getByText('not known').waitFor();

  const theirs = await signIn(bob);
  await roomLink(theirs, 'Farewell').click();
  await shown(theirs, 'so long').waitFor();
  await theirs.getByRole('log').getByText('Deleted account').first().waitFor();
  await theirs.getByRole('listitem').filter({ hasText: 'so long' }).locator('button').first().click();
  await inDialog(theirs).getByText('What they wrote stays.').waitFor();
  expect(await inDialog(theirs).getByRole('button', { name: 'Message' }).count()).toBe(0);
});

test('a deactivated account is closed, and open again as before after signing in', async () => {
  const ann = await client.server.person('ann');
  const page = await atSettings(ann, 'account');
  await press(page, 'Deactivate account…');
  await inDialog(page).getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await expect(ann.call('profile', {})).rejects.toMatchObject({ body: { code: 'session_ended' } });
  await page.getByLabel('Email').fill(ann.signedIn.user.email ?? '');
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await press(page, 'Sign in');
  await page.getByText(`@${ann.signedIn.user.username}`, { exact: true }).waitFor();
});

test('an administrator bans someone, who is out at once; those above are out of reach', async () => {
  const [admin, owner, eve] = await Promise.all([
    client.server.person('ada', 'admin'),
    client.server.person('olga', 'owner'),
    client.server.person('eve'),
  ]);
  const theirs = await signIn(eve);
  const page = await signIn(admin);
  await page.getByTitle('Your status').click();
  await page.getByRole('menuitem', { name: 'Administration' }).click();
  const list = page.getByRole('list', { name: 'Accounts' });
  await page.getByLabel('Find').fill(owner.signedIn.user.username);
  await list.getByRole('button', { name: new RegExp(owner.signedIn.user.username) }).click();
  const panel = page.getByRole('complementary', { name: 'Account' });
  await panel.getByText('Only someone of a higher rank').waitFor();
  expect(await panel.getByRole('button', { name: /Ban/ }).count()).toBe(0);

  await page.getByLabel('Find').fill(eve.signedIn.user.username);
  await list.getByRole('button', { name: new RegExp(eve.signedIn.user.username) }).click();
  // An administrator makes no other one.
  const roles = panel.getByLabel('Role');
  await expect.poll(() => roles.getByRole('option').allTextContents(), SOON).toEqual(['Moderator', 'Member']);
  await panel.getByRole('button', { name: 'Ban…' }).click();
  await inDialog(page).getByLabel('How long').selectOption('For good');
  await inDialog(page).getByLabel('Reason').fill('sells spam');
  await expectAccessible(page);
  await inDialog(page).getByRole('button', { name: 'Ban' }).click();
  await panel.getByText('Banned for good: sells spam').waitFor();
  await theirs.getByText('This account has been banned.').waitFor();

  await press(page, 'What happened to this account');
  const log = page.getByRole('list', { name: 'Audit log' });
  await log.getByText('account.banned').waitFor();
  await log.getByText('Details').first().click();
  await log.getByText('sells spam').waitFor();
  await panel.getByRole('button', { name: 'End the ban' }).click();
  await inDialog(page).getByRole('button', { name: 'End the ban' }).click();
  await panel.getByRole('button', { name: 'Ban…' }).waitFor();
});

test('who is no administrator is not shown the way there, and sees nothing there', async () => {
  const page = await signIn(await client.server.person('mel', 'moderator'));
  await page.getByTitle('Your status').click();
  await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
  expect(await page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
  await page.goto(`${client.url}/admin/accounts`);
  await page.getByText('This is for administrators').waitFor();
});

test('Enter begins a new line, and hours are counted to 12, for those who have set it so', async () => {
  const ann = await client.server.person('ann');
  const room = await group(ann, [], 'Slow');
  const page = await atSettings(ann, 'chat');
  await page.getByLabel('Enter sends').uncheck();
  await page.getByLabel('Clock').selectOption('12 hours');
  await expect
    .poll(async () => (await ann.call('settings', {})).chat, SOON)
    .toMatchObject({ enterSends: false, clock: '12' });
  await page.reload();
  await expect.poll(() => page.getByLabel('Enter sends').isChecked(), SOON).toBe(false);
  await roomLink(page, room.name ?? '').click();
  await say(page, 'one');
  await box(page).pressSequentially('two');
  expect(await box(page).inputValue()).toBe('one\ntwo');
  await box(page).press('Control+Enter');
  await page.getByRole('log').getByText('two').waitFor();
  await page
    .getByRole('log')
    .getByText(/\d:\d\d\s?[ap]m/i)
    .first()
    .waitFor();
});
