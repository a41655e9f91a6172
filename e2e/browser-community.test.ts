/** Public places in browsers against the real server: lounges, strangers, and what moderators do. */
/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person, Refusal } from '../packages/server/test/person.ts';
import { joinRoom, languageRoom } from '../packages/server/test/rooms.ts';
import { expectAccessible } from './support/axe.ts';
import { box, log, messageMenu, roomLink, roomMenu, say, shown, web } from './support/web.ts';

const client = web();
const { tab, signIn } = client;

const person = (name: string) => client.server.person(name);
const goTo = (page: Page, path: string) => page.goto(new URL(path, client.url).href);
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });

/** Presses the button that must have the focus. */
async function pressFocused(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name });
  await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await button.waitFor({ state: 'detached' });
}

/** A public room with a member, and whom it belongs to. */
async function publicRoom(name: string): Promise<{ owner: Person; member: Person; roomId: string }> {
  const [owner, member] = await Promise.all([person('owner'), person('member')]);
  const { room } = await owner.call('createRoom', { body: { name, kind: 'public' } });
  await joinRoom(member, room.id);
  return { owner, member, roomId: room.id };
}

test('a guest looks into the lounges, comes in, confirms age and rules once, and writes in a language room', async () => {
  const admin = await client.server.person('admin', 'admin');
  const lounge = { name: 'Garden', topic: '<b>What grows</b>', rules: 'Be *kind*. <img src=x>', adultsOnly: true };
  const { id: loungeId } = await admin.call('createLounge', { body: lounge });
  const params = { loungeId };
  const { room } = await admin.call('createLanguageRoom', { params, body: { language: 'de', topic: 'Beete' } });
  await admin.call('createLanguageRoom', { params, body: { language: 'en', capacity: 2 } });
  await languageRoom(client.server, { lounge: { name: 'Cellar', guests: 'none' } });

  const page = await tab();
  await page.getByRole('button', { name: 'Look around as a guest' }).waitFor();
  // Nothing went wrong yet, and nothing looks like it.
  expect(await page.getByRole('alert').locator('*').count()).toBe(0);
  await page.getByRole('link', { name: 'look into the lounges' }).click();
  const garden = page.getByRole('region', { name: /^Garden/ });
  await garden.getByText('0 here · 0 of 2 places taken').waitFor();
  await page.getByRole('button', { name: 'Come in as a guest' }).click();
  await garden.getByRole('button', { name: 'Join Deutsch of Garden' }).waitFor();
  expect(await page.getByRole('button', { name: /^Join .* of Cellar/ }).count()).toBe(0);
  await page.getByRole('link', { name: 'Rooms that anyone may join' }).waitFor();
  await garden.getByRole('button', { name: 'Join Deutsch of Garden' }).click();
  const welcome = dialog(page, 'Welcome to Garden');
  await welcome.getByText('Be kind. <img src=x>').waitFor();
  await welcome.getByRole('button', { name: 'Agree and come in' }).click();
  await welcome.getByText('Confirm it to come in.').waitFor();
  await expectAccessible(page);
  await welcome.getByLabel(/^I am of age/).check();
  await welcome.getByRole('button', { name: 'Agree and come in' }).click();

  await page.getByRole('heading', { level: 1, name: 'Deutsch' }).waitFor();
  await page.getByText('Garden · German · Beete').waitFor();
  await say(page, 'hallo zusammen');
  await shown(page, 'hallo zusammen').waitFor();
  const member = await person('member');
  await member.call('confirmAge', { body: { ofAge: true } });
  await joinRoom(member, room.id);
  await member.say(room.id, 'This is a sentence in English, which is not spoken here');
  await log(page).getByTitle('This seems to be English').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Lounges' }).click();
  // Known by now: the room is open without a question.
  await garden.getByRole('button', { name: 'Join English of Garden' }).click();
  await page.getByRole('heading', { level: 1, name: 'English' }).waitFor();
  await goTo(page, '/settings/privacy');
  await page.getByText('Let people find me').waitFor();
  // Nobody writes to guests.
  expect(await page.getByRole('heading', { name: 'Direct messages' }).count()).toBe(0);
});

test('the lounges tell who is there anew while one looks at them', async () => {
  const { roomId } = await languageRoom(client.server, { lounge: { name: 'Pier' } });
  const page = await tab();
  await page.clock.install();
  await goTo(page, '/lounges');
  const pier = page.getByRole('region', { name: 'Pier' });
  await pier.getByText(/^0 here/).waitFor();
  const member = await person('member');
  await joinRoom(member, roomId);
  await member.connect();
  await expect
    .poll(async () => {
      await page.clock.fastForward(15_000);
      return pier.getByText(/^1 here/).count();
    })
    .toBe(1);
});

test('two strangers meet and talk, find each other again after a reload, and one is told that the other has left', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await bob.call('confirmAge', { body: { ofAge: true } });
  const [annPage, bobPage] = await Promise.all([signIn(ann), signIn(bob)]);
  for (const page of [annPage, bobPage]) {
    await page.getByRole('link', { name: 'Strangers' }).click();
    await page.getByLabel('Add an interest').fill('Chess');
    await page.getByLabel('Add an interest').press('Enter');
    await page.getByRole('button', { name: 'Find somebody' }).click();
    if (page === bobPage) continue;
    await dialog(page, 'Before you meet strangers')
      .getByLabel(/^I am of age/)
      .check();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Looking for somebody…' }).waitFor();
    await expectAccessible(page);
  }
  await Promise.all([annPage, bobPage].map((page) => page.getByText('You have in common: chess').waitFor()));
  await say(annPage, 'hello stranger');
  await shown(bobPage, 'hello stranger').waitFor();
  await expectAccessible(bobPage);
  await bobPage.reload();
  await bobPage.getByText('You have in common: chess').waitFor();
  await say(bobPage, 'still here');
  await shown(annPage, 'still here').waitFor();

  await bobPage.getByRole('button', { name: 'Next' }).click();
  await bobPage.getByRole('heading', { name: 'Looking for somebody…' }).waitFor();
  await bobPage.getByRole('button', { name: 'Cancel' }).click();
  await bobPage.getByRole('button', { name: 'Find somebody' }).waitFor();
  await annPage.getByText(/ has left\.$/).waitFor();
  await annPage.getByText('This conversation is over.').waitFor();
  await expectAccessible(annPage);
  // Who it was stays known, also to a page that did not see them meet.
  await annPage.reload();
  const { name } = bob.signedIn.user;
  await annPage.getByText(`${name} has left.`).waitFor();
  await annPage.getByRole('heading', { level: 1, name }).waitFor();
  await roomLink(annPage, name).waitFor();
  await annPage.getByRole('button', { name: 'Stop' }).click();
  await annPage.getByRole('button', { name: 'Find somebody' }).waitFor();
});

test('a stranger is reported with what they said, and blocked, with one action, which ends the match', async () => {
  const [ann, bob, moderator] = await Promise.all([
    person('ann'),
    person('bob'),
    client.server.person('moderator', 'moderator'),
  ]);
  await Promise.all([ann, bob].map((who) => who.call('confirmAge', { body: { ofAge: true } })));
  const [page, bobPage] = await Promise.all([signIn(ann), signIn(bob)]);
  for (const each of [page, bobPage]) {
    await each.getByRole('link', { name: 'Strangers' }).click();
    await each.getByRole('button', { name: 'Find somebody' }).click();
  }
  await say(bobPage, 'send me a photo');
  await shown(page, 'send me a photo').waitFor();
  // There is nobody else whom it could be from.
  expect(await roomLink(page, 'send me a photo').textContent()).not.toContain(': send me a photo');
  await page.getByRole('button', { name: 'Report and block' }).click();
  const report = dialog(page, /^Report and block/);
  await report.getByLabel('What is wrong').selectOption('harassment');
  await expectAccessible(page);
  await report.getByRole('button', { name: 'Report and block' }).click();
  await page.getByText('Reported and blocked. You will be told what came of it.').waitFor();
  await page.getByRole('button', { name: 'Find somebody' }).waitFor();
  await bobPage.getByText('This conversation is over.').waitFor();
  expect((await ann.call('blocks', {})).users).toMatchObject([{ id: bob.id }]);
  const { cases } = await moderator.call('cases', { query: {} });
  const { id: caseId = '' } = cases.find(({ accusedId }) => accusedId === bob.id) ?? {};
  expect(await moderator.call('case', { params: { caseId } })).toMatchObject({
    target: { type: 'room' },
    evidence: { around: [{ senderId: bob.id, body: 'send me a photo' }] },
    reports: [{ by: ann.id, category: 'harassment' }],
  });
});

test('the other one in a direct conversation is reported with what was said last', async () => {
  const [ann, bob, moderator] = await Promise.all([
    person('ann'),
    person('bob'),
    client.server.person('moderator', 'moderator'),
  ]);
  const { room } = await ann.call('directRoom', { body: { userId: bob.id } });
  await bob.say(room.id, 'I know where you live');
  const page = await signIn(ann, {}, `/r/${room.id}`);
  await roomMenu(page, 'Report this person…');
  const report = dialog(page, 'Report this person');
  await report.getByText(/^Moderators see the last ten messages of this conversation/).waitFor();
  await report.getByLabel('What is wrong').selectOption('violence');
  await report.getByRole('button', { name: 'Report', exact: true }).click();
  await dialog(page, 'Thank you').waitFor();
  const { cases } = await moderator.call('cases', { query: {} });
  const { id: caseId = '' } = cases.find(({ accusedId }) => accusedId === bob.id) ?? {};
  const { evidence } = await moderator.call('case', { params: { caseId } });
  expect(evidence).toMatchObject({ around: [{ senderId: bob.id, body: 'I know where you live' }] });
});

test('what waits for approval is shown to its author alone, becomes a message when approved, and is put away when not', async () => {
  const { owner, member, roomId } = await publicRoom('Guarded');
  const params = { roomId };
  await owner.call('moderateRoom', { params, body: { hold: ['all'] } });
  const page = await signIn(member);
  await roomLink(page, 'Guarded').click();
  await say(page, 'please let me');
  await say(page, 'and this');
  await expect.poll(() => page.getByText('Waiting for approval.').count()).toBe(2);
  const { messages } = await owner.call('held', { query: { roomId } });
  const [first, second] = messages.map(({ message }) => message.id);
  const decide = (messageId = '', body: { approve: true } | { approve: false; reason: string }) =>
    owner.call('decideHeld', { params: { roomId, messageId }, body });
  await decide(first, { approve: true });
  await expect.poll(() => page.getByText('Waiting for approval.').count()).toBe(1);
  await shown(page, 'please let me').waitFor();
  await decide(second, { approve: false, reason: 'Not the place' });
  await page.getByText('Not approved. Not the place').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Put away' }).click();
  await shown(page, 'and this').waitFor({ state: 'detached' });
});

test('a message is reported from its menu; the report is in the settings until it is decided, which is told', async () => {
  const { owner, member, roomId } = await publicRoom('Reported');
  await owner.say(roomId, 'buy my things');
  const page = await signIn(member);
  await roomLink(page, 'Reported').click();
  await messageMenu(page, 'buy my things', 'Report…');
  const report = dialog(page, 'Report this message');
  await report.getByLabel('What is wrong').selectOption('spam');
  await report.getByLabel('What moderators should know').fill('All day long');
  await expectAccessible(page);
  await report.getByRole('button', { name: 'Report', exact: true }).click();
  await dialog(page, 'Thank you').waitFor();
  await pressFocused(page, 'Done');
  const moderator = await client.server.person('moderator', 'moderator');
  const { cases } = await moderator.call('cases', { query: { roomId } });
  const [opened] = cases;
  if (opened === undefined) throw new Error('nothing was reported');
  const body = { outcome: 'action_taken', version: opened.version } as const;
  await moderator.call('closeCase', { params: { caseId: opened.id }, body });
  await page.getByRole('button', { name: 'Notices, 1 new' }).click();
  await page
    .getByRole('list', { name: 'Notices' })
    .getByText(/Moderators took action\./)
    .waitFor();
  await goTo(page, '/settings/privacy');
  await page.getByRole('region', { name: 'My reports' }).getByText('A message in Reported').waitFor();
});

test('who is muted is told where, until when and why, instead of the composer and in the notices, and appeals once', async () => {
  const { owner, member, roomId } = await publicRoom('Quiet');
  const [page, ownerPage] = await Promise.all([signIn(member), signIn(owner)]);
  await roomLink(page, 'Quiet').click();
  await member.say(roomId, 'noise');
  await roomLink(ownerPage, 'Quiet').click();
  await messageMenu(ownerPage, 'noise', 'Mute…');
  const mute = dialog(ownerPage, /^Mute /);
  await mute.getByLabel('How long').selectOption('1');
  await mute.getByLabel('In my own words').check();
  await mute.getByRole('textbox').fill('Too loud');
  await expectAccessible(ownerPage);
  await mute.getByRole('button', { name: 'Mute' }).click();
  await page.getByText(/^Moderators do not let you write here until .*Reason: Too loud$/).waitFor();
  await page.getByRole('button', { name: 'Notices, 1 new' }).click();
  const notices = page.getByRole('list', { name: 'Notices' });
  await notices.getByText('Moderators do not let you write in Quiet for now.').waitFor();
  await notices.getByText('Reason: Too loud').waitFor();
  await notices.getByRole('button', { name: /^Appeal/ }).click();
  await page.getByLabel('Why it should be looked at again').fill('It was the dog');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send appeal' }).click();
  await page.getByText(/^Your appeal was received/).waitFor();
  await pressFocused(page, 'Done');
  await notices.getByText('You have appealed. Moderators will look at it again.').waitFor();
  await expectAccessible(page);
  expect(await notices.getByRole('button', { name: /^Appeal/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Notices', exact: true }).waitFor();
  const { sanctions } = await member.call('sanctions', {});
  expect(sanctions).toMatchObject([{ appeal: { text: 'It was the dog' } }]);

  await owner.call('liftSanction', { params: { sanctionId: sanctions[0]?.id ?? '' }, body: { reason: 'It was' } });
  await notices.getByText('What moderators did about you in Quiet has been lifted.').waitFor();
  await roomLink(page, 'Quiet').click();
  await box(page).waitFor();
  const admin = await client.server.person('admin', 'admin');
  await admin.call('sanction', {
    body: { type: 'mute', userId: member.id, roomId: null, reason: 'Still', until: null },
  });
  await page.getByText('Moderators do not let you write anywhere until they lift it. Reason: Still').waitFor();
});

test('who is banned from a language room is told there and by the lounge until when, and why', async () => {
  const { admin, loungeId, roomId } = await languageRoom(client.server, { lounge: { name: 'Harbour' } });
  const banned = await person('banned');
  await joinRoom(banned, roomId);
  const page = await signIn(banned);
  await roomLink(page, 'Harbour').click();
  const until = Date.now() + 3_600_000;
  await admin.call('sanction', { body: { type: 'ban', userId: banned.id, roomId, reason: 'Spam', until } });
  await page.getByRole('heading', { name: 'You are banned from this room' }).waitFor();
  await page.getByText(/^Until /).waitFor();
  await page.getByText('Reason: Spam', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Lounges' }).click();
  await page.getByRole('button', { name: 'Join English of Harbour' }).click();
  await page.getByText(/^You are banned from this room\. Until .*\. Reason: Spam$/).waitFor();
  await expectAccessible(page);
  await admin.call('deleteLounge', { params: { loungeId } });
});

test('who is banned from the whole place reads why where one signs in, and appeals there', async () => {
  const [admin, judge, banned] = await Promise.all([
    client.server.person('admin', 'admin'),
    client.server.person('judge', 'admin'),
    person('banned'),
  ]);
  await admin.call('sanction', {
    body: { type: 'ban', userId: banned.id, roomId: null, reason: 'Threats', until: null },
  });
  const page = await tab();
  await page.getByLabel('Email').fill(banned.signedIn.user.email ?? '');
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('This account is banned. Reason: Threats').waitFor();
  await page.getByRole('button', { name: 'Appeal against the ban' }).click();
  await page.getByLabel('Why it should be looked at again').fill('It was not me');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send appeal' }).click();
  await page.getByText(/^Your appeal was received/).waitFor();
  // Somebody else decides than who imposed it.
  const { sanctions } = await judge.call('appeals', { query: {} });
  expect(sanctions.map(({ userId, appeal }) => [userId, appeal?.text])).toContainEqual([banned.id, 'It was not me']);
});

test('who is banned and came back from an account elsewhere is told why as well, and can appeal', async () => {
  const [admin, banned] = await Promise.all([client.server.person('admin', 'admin'), person('banned')]);
  await admin.call('sanction', {
    body: { type: 'ban', userId: banned.id, roomId: null, reason: 'Threats', until: null },
  });
  const { refreshToken } = banned.signedIn;
  const refused = await banned.call('refresh', { body: { refreshToken } }).catch((error: Refusal) => error.body);
  const token = ('details' in refused && refused.details?.ban?.appeal) || '';
  const page = await tab();
  await goTo(page, `/signin#error=account_banned&appeal=${token}`);
  await page.getByText('You are kept out. Until it is lifted. Reason: Threats').waitFor();
  expect(page.url()).not.toContain(token);
  await page.getByRole('button', { name: 'Appeal against the ban' }).waitFor();
});

test('a guest who is banned is told why at once, appeals without any other way in, and is told what came of it', async () => {
  const [admin, other] = await Promise.all(['a', 'b'].map((name) => client.server.person(name, 'admin')));
  if (admin === undefined || other === undefined) throw new Error('an admin is missing');
  const page = await tab();
  await page.getByRole('button', { name: 'Look around as a guest' }).click();
  await page.getByText('You are here as a guest until').waitFor();
  const [guest] = (await admin.call('accounts', { query: { role: 'guest' } })).accounts;
  const { id: sanctionId } = await admin.call('sanction', {
    body: { type: 'ban', userId: guest?.id ?? '', roomId: null, reason: 'Threats', until: null },
  });
  await page.getByRole('alert').getByText('This account is banned. Reason: Threats').waitFor();
  await page.getByRole('button', { name: 'Appeal against the ban' }).click();
  await page.getByLabel('Why it should be looked at again').fill('It was not me');
  await page.getByRole('button', { name: 'Send appeal' }).click();
  await page.getByText(/^Your appeal was received/).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('You have appealed.').waitFor();
  await other.call('decideAppeal', { params: { sanctionId }, body: { granted: false, note: 'It was' } });
  await page.reload();
  await page.getByText('Your appeal was refused. “It was”').waitFor();
});

test('moderators set slow mode and read-only; others see it, wait for their turn, and are told why they cannot write', async () => {
  const { owner, member, roomId } = await publicRoom('Slow');
  const [page, ownerPage] = await Promise.all([signIn(member), signIn(owner)]);
  await roomLink(page, 'Slow').click();
  await roomLink(ownerPage, 'Slow').click();
  await roomMenu(ownerPage, 'Moderation…');
  await ownerPage.getByLabel(/^Slow mode/).selectOption('300');
  await ownerPage.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Slow mode: 5 minutes').first().waitFor();
  await say(page, 'first');
  await shown(page, 'first').waitFor();
  await box(page).fill('second');
  await page.getByRole('button', { name: /^Send in (300 s|[45]:\d\d)$/, disabled: true }).waitFor();
  // A poll is sent all the same, and waits by itself.
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Poll' }).click();
  await dialog(page, 'Create a poll').getByLabel('Question').fill('Slowly?');
  await dialog(page, 'Create a poll').getByLabel('Answer 1').fill('Yes');
  await dialog(page, 'Create a poll').getByLabel('Answer 2').fill('No');
  await page.getByRole('button', { name: 'Send poll' }).click();
  await log(page)
    .getByText(/^Sent in [45]:\d\d$/)
    .waitFor();
  await roomMenu(ownerPage, 'Moderation…');
  await ownerPage.getByLabel('Read-only').check();
  await expectAccessible(ownerPage);
  await ownerPage.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/^Only moderators write in this room/).waitFor();
  expect((await owner.call('room', { params: { roomId } })).room.moderation).toMatchObject({
    slowMode: 300,
    readOnly: true,
  });
});

test('what a rule refuses is told with the reason, and goes back into the composer to be written anew', async () => {
  const { owner, member, roomId } = await publicRoom('Ruled');
  await owner.call('createAutomodRule', {
    body: {
      roomId,
      name: 'No coffee',
      trigger: { type: 'words', lists: [], words: ['coffee'], spare: [] },
      actions: [{ type: 'reject' }],
      reason: 'This is about tea',
      enabled: true,
    },
  });
  const page = await signIn(member);
  await roomLink(page, 'Ruled').click();
  await say(page, 'I like coffee');
  await page.getByText('Reason: This is about tea').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Rewrite' }).click();
  await expect.poll(() => box(page).inputValue()).toBe('I like coffee');
});
