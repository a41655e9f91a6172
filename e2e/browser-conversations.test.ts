/** What people do with messages, in browsers against the real server. */
/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { box, group, log, messageMenu, roomLink, roomMenu, say, shown, SOON, web } from './support/web.ts';

const client = web();
const { tab, signIn, signedUp } = client;

const person = (name: string) => client.server.person(name);
const thread = (page: Page) => page.getByRole('complementary', { name: 'Thread' });
const inThread = (page: Page, body: string) =>
  page.getByRole('log', { name: 'Messages in the thread' }).getByText(body, { exact: true });

test('a reaction of one person shows at the other, with who it was, and can be joined and taken back', async () => {
  const [ann, bob] = await Promise.all([signedUp('Ann Lee'), signedUp('Bob Ray')]);
  await ann.getByRole('navigation').getByRole('button', { name: 'New message' }).click();
  await ann.getByRole('combobox').fill(bob.account.username);
  await ann.getByRole('option', { name: bob.account.name }).click();
  await say(ann, 'react to this');
  await roomLink(bob, 'Ann Lee').click();
  await shown(bob, 'react to this').hover();
  await bob.getByRole('toolbar').getByRole('button', { name: 'React' }).click();
  await bob.getByRole('dialog', { name: 'Choose an emoji' }).getByLabel('Search emoji').fill('rock');
  await bob.getByRole('button', { name: /^🚀/ }).click();

  await log(ann).getByRole('button', { name: '🚀 1: Bob Ray' }).click();
  await log(bob).getByRole('button', { name: '🚀 2: You and Ann Lee' }).click();
  await log(ann).getByRole('button', { name: '🚀 1: You', pressed: true }).click();
  await log(ann).getByRole('button', { name: /🚀/ }).waitFor({ state: 'detached' });
});

test('a thread is opened beside the room, counts its replies, and its answers reach the other person’s list', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const room = await group(ann, [bob], 'Threaded');
  await bob.say(room.id, 'the subject');
  const [annPage, bobPage] = await Promise.all([signIn(ann), signIn(bob)]);
  await roomLink(annPage, 'Threaded').click();
  await shown(annPage, 'the subject').hover();
  await annPage.getByRole('button', { name: 'Reply in thread' }).click();
  await thread(annPage).getByRole('article').getByText('the subject').waitFor();
  const reply = annPage.getByRole('textbox', { name: 'Message the thread' });
  await reply.fill('a side remark');
  await reply.press('Enter');
  await log(annPage)
    .getByRole('button', { name: /1 reply/ })
    .waitFor();

  await roomLink(bobPage, 'Threaded').first().click();
  await log(bobPage)
    .getByRole('button', { name: /1 reply/ })
    .click();
  await inThread(bobPage, 'a side remark').waitFor();
  const answer = bobPage.getByRole('textbox', { name: 'Message the thread' });
  await answer.fill('a side answer');
  await answer.press('Enter');
  await inThread(annPage, 'a side answer').waitFor();
  await expectAccessible(annPage);
  await bobPage.getByRole('button', { name: 'Close thread' }).click();
  await bobPage
    .getByRole('region', { name: 'Threads' })
    .getByRole('link', { name: /Threaded/ })
    .waitFor();
  await thread(bobPage).waitFor({ state: 'detached' });
});

test('who is mentioned with the help of the list finds it highlighted, badged and in the inbox', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await group(ann, [bob], 'Mentioning');
  const [annPage, bobPage] = await Promise.all([signIn(ann), signIn(bob)]);
  const username = bob.signedIn.user.username;
  await roomLink(annPage, 'Mentioning').click();
  await box(annPage).pressSequentially(`look @${username.slice(0, 6)}`);
  await annPage.getByRole('listbox', { name: 'Suggestions' }).getByRole('option').first().waitFor();
  await box(annPage).press('Tab');
  await box(annPage).pressSequentially('please');
  await box(annPage).press('Enter');

  await roomLink(bobPage, 'Mentioning').getByText('You are mentioned').waitFor();
  await bobPage.getByRole('link', { name: 'Mentions, 1 new' }).click();
  await bobPage
    .getByRole('list', { name: 'Mentions' })
    .getByRole('link', { name: /please/ })
    .click();
  const mention = log(bobPage).locator('.mention-me');
  expect(await mention.textContent()).toBe(`@${username}`);
  await bobPage.getByRole('link', { name: 'Mentions', exact: true }).waitFor();
});

test('search finds Chinese and German messages, marks what matched, and leads to the message', async () => {
  const ann = await person('ann');
  const room = await group(ann, [], 'Searched');
  await ann.say(room.id, '我们明天在图书馆见面吧');
  await ann.say(room.id, 'Die Straßenbahnhaltestelle wurde verlegt.');
  for (let n = 0; n < 60; n += 1) await ann.say(room.id, `filler ${n}`);
  const page = await signIn(ann);
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  const field = page.getByRole('searchbox', { name: 'Search messages' });
  const hits = page.getByRole('list', { name: 'Found messages' });

  await field.fill('图书馆');
  await expect.poll(() => hits.locator('mark').allTextContents(), SOON).toEqual(['图书馆']);
  await field.fill('straßenbahn');
  await expect.poll(() => hits.getByRole('listitem').count(), SOON).toBe(1);
  await hits
    .getByText(/Straßenbahn/)
    .first()
    .waitFor();
  await field.fill('nowhere to be found');
  await page.getByText('Nothing found').waitFor();
  await field.fill('图书馆');
  await hits.getByRole('link').click();
  await expect.poll(() => shown(page, '我们明天在图书馆见面吧').isVisible(), SOON).toBe(true);
  // The address is the room's again, so that it can ask for the same message once more.
  await expect.poll(() => new URL(page.url()).search, SOON).toBe('');
});

test('a poll is made, voted in, and closed', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await group(ann, [bob], 'Polled');
  const [annPage, bobPage] = await Promise.all([signIn(ann), signIn(bob)]);
  await roomLink(annPage, 'Polled').click();
  await roomLink(bobPage, 'Polled').click();
  await annPage.getByRole('button', { name: 'Add', exact: true }).click();
  await annPage.getByRole('menuitem', { name: 'Poll' }).click();
  const dialog = annPage.getByRole('dialog', { name: 'Create a poll' });
  await dialog.getByLabel('Question').fill('Where?');
  await dialog.getByLabel('Answer 1').fill('Here');
  await dialog.getByLabel('Answer 2').fill('There');
  await expectAccessible(annPage);
  await dialog.getByRole('button', { name: 'Send poll' }).click();

  const poll = (page: Page) => log(page).getByRole('region', { name: 'Poll: Where?' });
  await poll(bobPage).getByRole('button', { name: /There/ }).click();
  await poll(annPage).getByRole('button', { name: 'There 1 vote' }).waitFor();
  await poll(annPage).getByRole('button', { name: /There/ }).click();
  await poll(bobPage).getByRole('button', { name: 'There 2 votes', pressed: true }).waitFor();
  await poll(annPage).getByRole('button', { name: 'Close poll' }).click();
  await poll(bobPage).getByText('2 votes · closed').waitFor();
  await expect.poll(() => poll(bobPage).getByRole('button', { name: /Here/ }).isDisabled(), SOON).toBe(true);
});

test('messages of someone I block are hidden until I unblock them', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const room = await group(ann, [bob], 'Mixed');
  await bob.say(room.id, 'something unkind');
  const page = await signIn(ann);
  await roomLink(page, 'Mixed').click();
  await shown(page, 'something unkind').waitFor();
  await page.getByRole('button', { name: '2 members' }).click();
  await page.getByRole('button', { name: `Actions for ${bob.signedIn.user.name}` }).click();
  await page.getByRole('menuitem', { name: 'About this person' }).click();
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await shown(page, 'Message from someone you blocked').waitFor();
  expect(await log(page).getByText('something unkind').count()).toBe(0);

  await page.goto(new URL('/settings/privacy', page.url()).href);
  await page.getByRole('button', { name: `Unblock ${bob.signedIn.user.name}` }).click();
  await page.getByText('You block nobody.').waitFor();
  await roomLink(page, 'Mixed').click();
  await shown(page, 'something unkind').waitFor();
});

test('an invitation link brings a visitor, by way of signing up, into the room', async () => {
  const ann = await person('ann');
  await group(ann, [], 'Invited');
  const page = await signIn(ann);
  await roomLink(page, 'Invited').click();
  await roomMenu(page, 'Invite links');
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
  const link = await page.getByRole('list', { name: 'Links' }).locator('[data-invite]').textContent();

  const visitor = await tab();
  await visitor.goto(link ?? '');
  await visitor.getByRole('link', { name: 'Create an account' }).click();
  const username = `guest${randomUUID().slice(0, 8)}`;
  await visitor.getByLabel('Name', { exact: true }).fill('Guest Star');
  await visitor.getByLabel('Username').fill(username);
  await visitor.getByLabel('Email').fill(`${username}@example.com`);
  await visitor.getByLabel('Password', { exact: true }).fill('a good password');
  await visitor.getByRole('button', { name: 'Create account' }).click();
  await visitor.getByRole('button', { name: 'Join', exact: true }).click();
  await visitor.getByRole('heading', { level: 1, name: 'Invited' }).waitFor();
  await say(visitor, 'made it');
  await shown(page, 'made it').waitFor({ state: 'attached' });
});

test('who is writing, who is here, and what they say about themselves shows at the other person', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await ann.call('directRoom', { body: { userId: bob.id } });
  const annName = ann.signedIn.user.name;
  const bobName = bob.signedIn.user.name;
  const annPage = await signIn(ann);
  await roomLink(annPage, bobName).click();
  const bobPage = await signIn(bob);
  await annPage
    .getByRole('banner')
    .or(annPage.locator('main header'))
    .getByText('Online', { exact: true })
    .last()
    .waitFor();
  await roomLink(bobPage, annName).click();
  const writing = annPage.getByText(`${bobName} is writing…`);
  // It fades by itself when nothing more is written.
  await expect
    .poll(async () => {
      await box(bobPage).press('w');
      return writing.count();
    }, SOON)
    .toBe(1);

  await bobPage.getByTitle('Your status').first().click();
  await bobPage.getByRole('menuitem', { name: 'Set a status' }).click();
  await bobPage.getByRole('dialog', { name: 'Your status' }).waitFor();
  // The field has the focus.
  await bobPage.keyboard.type('On the train');
  await expectAccessible(bobPage);
  await bobPage.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await annPage.getByText('On the train · Online').waitFor();
  await bobPage.getByTitle('Your status').first().click();
  await bobPage.getByRole('menuitemradio', { name: 'Do not disturb' }).click();
  await annPage.getByText('On the train · Do not disturb').waitFor();
  await bobPage.reload();
  await bobPage.getByTitle('Your status').first().click();
  await bobPage.getByRole('menuitemradio', { name: 'Do not disturb', checked: true }).waitFor();
  await bobPage.getByRole('menuitemradio', { name: 'Invisible' }).click();
  // For the other person they may also have been away for a moment, by the reload: it is done when it shows here.
  await bobPage.getByTitle('Your status').first().getByText('Do not disturb').waitFor({ state: 'detached' });
  await annPage.getByText('On the train · Do not disturb').waitFor({ state: 'detached' });
  await bobPage.reload();
  await bobPage.getByTitle('Your status').first().click();
  await bobPage.getByRole('menuitemradio', { name: 'Invisible', checked: true }).waitFor();
  await bobPage.getByRole('menuitemradio', { name: 'Online' }).click();
  await annPage.getByText('On the train · Online').waitFor();
  await bobPage.context().close();
  await annPage.getByText('On the train · Online').waitFor({ state: 'detached' });
});

test('an answer to a message far above shows it and leads there, as a date does', async () => {
  const ann = await person('ann');
  const room = await group(ann, [], 'Long');
  const first = await ann.say(room.id, 'long ago');
  for (let n = 0; n < 130; n += 1) await ann.say(room.id, `filler ${n}`);
  const body = { clientId: randomUUID(), body: 'still true', replyTo: first.id };
  await ann.call('sendMessage', { params: { roomId: room.id }, body });
  const page = await signIn(ann);
  await roomLink(page, 'Long').click();
  await shown(page, 'still true').waitFor();
  await log(page)
    .getByRole('button', { name: /long ago/ })
    .click();
  const target = log(page).locator('.markdown').getByText('long ago');
  await expect.poll(() => target.isVisible(), SOON).toBe(true);

  await page.getByRole('button', { name: /Jump to the latest/ }).click();
  await expect.poll(() => shown(page, 'still true').isVisible(), SOON).toBe(true);
  await roomMenu(page, 'Jump to a date');
  await expectAccessible(page);
  // A day before all of them, whatever day it has become meanwhile.
  await page.getByRole('dialog').getByLabel('Date').fill('2020-01-01');
  await page.getByRole('dialog').getByRole('button', { name: 'Jump', exact: true }).click();
  await expect.poll(() => target.isVisible(), SOON).toBe(true);
});

test('what is pinned, starred, forwarded and scheduled is found again', async () => {
  const ann = await person('ann');
  const room = await group(ann, [], 'Kept');
  await group(ann, [], 'Elsewhere');
  await ann.say(room.id, 'worth keeping');
  const page = await signIn(ann);
  await roomLink(page, 'Kept').click();
  await messageMenu(page, 'worth keeping', 'Pin');
  await page.getByRole('button', { name: 'Pinned messages' }).click();
  await page.getByRole('list', { name: 'Pinned messages' }).getByText('worth keeping').waitFor();
  await page.getByRole('button', { name: 'Close pinned messages' }).click();
  await messageMenu(page, 'worth keeping', 'Star');
  await log(page).getByLabel('Starred').waitFor();
  await box(page).fill('for later');
  await page.getByRole('button', { name: 'More ways to send' }).click();
  await page.getByRole('menuitem', { name: 'Send later' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Tomorrow at 9:00' }).click();
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
  await page.getByText(/^It will be sent on/).waitFor();
  await messageMenu(page, 'worth keeping', 'Forward');
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Elsewhere' }).click();
  await page.getByRole('heading', { level: 1, name: 'Elsewhere' }).waitFor();
  await log(page).getByText('Forwarded from').waitFor();

  await page.getByRole('link', { name: 'Scheduled' }).click();
  await page.getByRole('list', { name: 'Scheduled messages' }).getByText('for later').waitFor();
  await page.getByRole('button', { name: 'Don’t send' }).click();
  await page.getByText('Nothing is scheduled').waitFor();
  await page.getByRole('link', { name: 'Starred' }).click();
  await page
    .getByRole('list', { name: 'Starred messages' })
    .getByRole('link', { name: /worth keeping/ })
    .click();
  await page.getByRole('heading', { level: 1, name: 'Kept' }).waitFor();
});

test('favourites come first, muted rooms are quiet, archived ones are out of the way', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const room = await group(ann, [bob], 'Arranged');
  await group(ann, [], 'Another');
  const page = await signIn(ann);
  await roomLink(page, 'Arranged').click();
  await roomMenu(page, 'Add to favourites');
  await page
    .getByRole('region', { name: 'Favourites' })
    .getByRole('link', { name: /Arranged/ })
    .waitFor();
  await roomMenu(page, 'Mute');
  await roomLink(page, 'Arranged').getByLabel('Muted').waitFor();
  await roomLink(page, 'Another').click();
  await bob.say(room.id, 'hushed');
  await roomLink(page, 'Arranged').getByText('1 unread').waitFor();
  await expect.poll(() => page.title(), SOON).toBe('Another – Confab');
  await roomLink(page, 'Another').click();
  await roomMenu(page, 'Room settings');
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await page.getByText('This room is archived.').waitFor();
  await roomLink(page, 'Arranged').click();
  await roomLink(page, 'Another').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Show archived (1)' }).click();
  await roomLink(page, 'Another').waitFor();
});

test('a name is changed in the settings, a role in the list of members', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await group(ann, [bob], 'Governed');
  const page = await signIn(ann);
  await page.goto(new URL('/settings', page.url()).href);
  await page.getByLabel('Name', { exact: true }).fill('Ann Renamed');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('navigation').getByText('Ann Renamed').waitFor();
  await roomLink(page, 'Governed').click();
  await page.getByRole('button', { name: '2 members' }).click();
  await page.getByRole('button', { name: `Actions for ${bob.signedIn.user.name}` }).click();
  await page.getByRole('menuitemradio', { name: 'Moderator' }).click();
  await page
    .getByRole('complementary', { name: 'Members' })
    .getByText(/^Moderator · @/)
    .waitFor();
  // What a command says is done, and what is done is said.
  await say(page, '/topic Who decides');
  await log(page).getByText('Ann Renamed changed the topic to “Who decides”.').waitFor();
});

test('on a phone, a thread is a page, and a message’s menu opens by touch', async () => {
  const ann = await person('ann');
  const room = await group(ann, [], 'Pocket');
  await ann.say(room.id, 'touch me');
  const page = await signIn(ann, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await roomLink(page, 'Pocket').tap();
  await shown(page, 'touch me').tap();
  await page.getByRole('toolbar').getByRole('button', { name: 'More' }).tap();
  await page.getByRole('menuitem', { name: 'Reply in thread' }).tap();
  await page.getByRole('textbox', { name: 'Message the thread' }).waitFor();
  expect((await thread(page).boundingBox())?.width).toBe(390);
  await page.getByRole('button', { name: 'Close thread' }).tap();
  await thread(page).waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
