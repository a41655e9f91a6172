/** The console of moderators in a browser, against the real server. */
/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from '../packages/server/test/person.ts';
import { blank } from '../packages/server/test/pictures.ts';
import { languageRoom } from '../packages/server/test/rooms.ts';
import { expectAccessible } from './support/axe.ts';
import { group, SOON, web } from './support/web.ts';

const client = web();
const { signIn } = client;
const dialog = (page: Page) => page.getByRole('dialog').last();
const press = (at: Page | Locator, name: string | RegExp) => at.getByRole('button', { name }).click();
const person = (...who: Parameters<typeof client.server.person>) => client.server.person(...who);
const hasFocus = (locator: Locator) =>
  expect.poll(() => locator.evaluate((element) => element === document.activeElement), SOON).toBe(true);

async function console_(person: Person, page = ''): Promise<Page> {
  const tab = await signIn(person, {}, `/moderation/${page}`);
  await tab.getByRole('heading', { level: 1, name: 'Moderation' }).waitFor();
  return tab;
}

test('a moderator works through reports without a mouse, and the focus is never lost', async () => {
  const [mod, other] = await Promise.all([person('mo', 'moderator'), person('max', 'moderator')]);
  const [owner, member, troll] = await Promise.all([person('owner'), person('member'), person('troll')]);
  const body = { name: 'Market', kind: 'public' as const, memberIds: [member.id, troll.id] };
  const { room } = await owner.call('createRoom', { body });
  await owner.say(room.id, 'Good morning');
  const message = await troll.say(room.id, 'Buy cheap watches');
  const target = { type: 'message', roomId: room.id, messageId: message.id } as const;
  await owner.call('report', { body: { target, category: 'spam', note: 'Again and again' } });
  await member.call('report', { body: { target, category: 'spam' } });
  const about = (userId: string) => ({ type: 'user', userId }) as const;
  await owner.call('report', { body: { target: about(troll.id), category: 'harassment' } });
  await member.call('report', { body: { target: about(owner.id), category: 'other' } });

  const page = await signIn(mod);
  await page.getByRole('link', { name: 'Moderation 3 waiting' }).click();
  await page.getByRole('list', { name: 'What waits for you' }).getByRole('link', { name: 'Reports 3' }).waitFor();
  await page.getByRole('link', { name: 'Reports (3)' }).click();
  const rows = page.getByRole('list', { name: 'Open reports' }).getByRole('button');
  await expect.poll(() => rows.count(), SOON).toBe(3);
  // The one with most reports comes first.
  await page.keyboard.press('j');
  await hasFocus(rows.filter({ hasText: 'A message of' }));
  await page.keyboard.press('Enter');
  const panel = page.getByRole('group', { name: /^Report about/ });
  await panel.getByText('Buy cheap watches').waitFor();
  await panel.getByText('Good morning').waitFor();
  await panel.getByText('Again and again').waitFor();
  await panel.getByText('Nothing was ever done about them.').waitFor();
  await expectAccessible(page);
  await hasFocus(panel);

  await page.keyboard.press('a');
  await panel.getByText('is at it').waitFor();
  await page.keyboard.press('n');
  await hasFocus(dialog(page).getByLabel('For moderators'));
  await page.keyboard.type('The third account');
  await press(dialog(page), 'Add note');
  await panel.getByText('The third account').waitFor();
  await page.keyboard.press('w');
  await dialog(page)
    .getByRole('heading', { name: /^Warn troll/ })
    .waitFor();
  await hasFocus(dialog(page).getByRole('radio').first());
  await expectAccessible(page);
  // As everywhere in forms; the report is closed along with it.
  await page.keyboard.press('Enter');
  await page.getByText('Closed: action taken.').waitFor();
  expect((await troll.call('notices', { query: {} })).notices[0]).toMatchObject({
    type: 'warned',
    reason: 'This is spam or advertising.',
  });

  // The next one opens by itself.
  await panel.getByText('Harassment').first().waitFor();
  await hasFocus(panel);
  await panel.getByText('Warned', { exact: true }).waitFor();
  await page.keyboard.press('x');
  await dialog(page).getByText('Who reported it is told').waitFor();
  await expectAccessible(page);
  const { cases } = await other.call('cases', { query: {} });
  const accused = cases.find(({ accusedId }) => accusedId === troll.id);
  await other.call('closeCase', {
    params: { caseId: accused?.id ?? '' },
    body: { outcome: 'action_taken', version: accused?.version ?? 0 },
  });
  await page.keyboard.press('Enter');
  await page.getByText('Somebody else has decided this one already.').waitFor();

  await panel.getByText('Something else').first().waitFor();
  await page.keyboard.press('x');
  await page.keyboard.press('Enter');
  await page.getByText('Closed: no action.').waitFor();
  await page.getByRole('heading', { name: 'Nothing is reported' }).waitFor();
  await hasFocus(page.locator('[data-empty]'));
  await page.getByRole('link', { name: 'Moderation', exact: true }).first().waitFor();
  expect((await member.call('reports', { query: {} })).reports.map(({ outcome }) => outcome)).toEqual([
    'no_action',
    'action_taken',
  ]);

  await page.keyboard.press('?');
  await dialog(page).getByText('Close: no action').waitFor();
  await dialog(page).getByLabel('Single keys').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect.poll(() => page.getByRole('dialog').count(), SOON).toBe(0);
});

test('whoever moderates a room approves and rejects what is held there, as it arrives', async () => {
  const [owner, member] = await Promise.all([person('owner'), person('member')]);
  const room = await group(owner, [member], 'Reading circle');
  await owner.call('moderateRoom', { params: { roomId: room.id }, body: { hold: ['all'] } });
  await member.say(room.id, 'the first');
  await member.say(room.id, 'the second');

  const page = await signIn(owner);
  await page.getByRole('link', { name: 'Moderation 2 waiting' }).click();
  await page.getByRole('link', { name: 'Held messages (2)' }).click();
  const rows = page.getByRole('list', { name: 'Held messages' }).getByRole('group');
  await expect.poll(() => rows.count(), SOON).toBe(2);
  await page.keyboard.press('j');
  await hasFocus(rows.filter({ hasText: 'the first' }));
  await expectAccessible(page);
  await page.keyboard.press('a');
  await page.getByText('Approved.').waitFor();
  await hasFocus(rows.filter({ hasText: 'the second' }));

  await member.say(room.id, 'the third');
  await rows.filter({ hasText: 'the third' }).waitFor();
  await hasFocus(rows.filter({ hasText: 'the second' }));
  await page.keyboard.press('r');
  await dialog(page).getByLabel('In my own words').check();
  await dialog(page).getByRole('textbox', { name: 'In my own words' }).fill('Not here.');
  await expectAccessible(page);
  await press(dialog(page), 'Reject');
  await page.getByText('Rejected.').waitFor();
  await hasFocus(rows.filter({ hasText: 'the third' }));
  await press(rows, /^Approve/);
  await page.getByRole('heading', { name: 'No message waits' }).waitFor();

  const { messages } = await member.call('messages', { params: { roomId: room.id }, query: {} });
  expect(messages.filter(({ kind }) => kind === 'text').map(({ body }) => body)).toEqual(['the first', 'the third']);
  const { me } = await member.call('room', { params: { roomId: room.id } });
  expect(me.held).toMatchObject([{ body: 'the second', status: 'rejected', reason: 'Not here.' }]);
});

test('a rule is tried before it is saved, and holds from then on', async () => {
  const [owner, member] = await Promise.all([person('owner'), person('member')]);
  const room = await group(owner, [member], 'Kitchen');
  await member.say(room.id, 'a fine melon');
  await member.say(room.id, 'watermelons too');
  await member.say(room.id, 'an apple');
  const page = await console_(owner, 'automod');
  await press(page, 'New rule');
  await hasFocus(page.getByRole('heading', { name: 'New rule' }));
  await page.getByLabel('Name', { exact: true }).fill('No melons');
  await page.getByLabel('Words', { exact: true }).fill('melon');
  await page.getByLabel('And against this text').fill('M.e.l.o.n!');
  await press(page, 'Try');
  await page.getByText('The text is caught.').waitFor();
  await expectAccessible(page);
  await page.getByText(/^Would have matched [12] of 3 messages\.$/).waitFor();
  await page
    .getByRole('list', { name: 'Messages that it would have matched' })
    .getByText('a fine melon', { exact: true })
    .waitFor();
  await press(page, 'Save rule');
  await page.getByText('Use 1 to 300 characters.').waitFor();
  await page.getByLabel('Reason').fill('We have had enough of them.');
  await press(page, 'Save rule');
  await page.getByRole('list', { name: 'Rules' }).getByText('No melons').waitFor();
  await expectAccessible(page);
  expect(await member.say(room.id, 'one more melon')).toMatchObject({ status: 'pending' });

  await page.getByLabel('No melons is on').uncheck();
  await page.getByText('“No melons” is off.').waitFor();
  expect((await member.say(room.id, 'and a melon')).status).toBeUndefined();
});

test('an admin opens a lounge with a room in it, sets how it is moderated, and takes the trail along', async () => {
  const admin = await person('ada', 'admin');
  const page = await console_(admin, 'rooms');
  await press(page, 'Open a lounge');
  await dialog(page).getByLabel('Name', { exact: true }).fill('Garden gate');
  await dialog(page).getByLabel('Topic').fill('Flowers and weeds');
  const picture = dialog(page).getByLabel('Picture', { exact: true });
  const file = (buffer: Buffer) => ({ name: 'garden.png', mimeType: 'image/png', buffer });
  await picture.setInputFiles(file(Buffer.from('None')));
  await press(dialog(page), 'Open');
  await dialog(page)
    .getByText(/^Choose a PNG/)
    .waitFor();
  await hasFocus(picture);
  await picture.setInputFiles(file(blank(40, 30)));
  await expectAccessible(page);
  await press(dialog(page), 'Save');
  await page.locator('main img[src^="/api/lounges/"]').waitFor();
  await press(page, /^Add room to Garden gate/);
  await dialog(page).getByLabel('Language').selectOption('de');
  await dialog(page).getByLabel('Places').fill('1');
  await press(dialog(page), 'Add room');
  await dialog(page).getByText('Use a number from 2 to 10,000.').waitFor();
  await expectAccessible(page);
  await dialog(page).getByLabel('Places').fill('20');
  await press(dialog(page), 'Add room');
  await press(page, 'Moderate Deutsch…');
  await dialog(page)
    .getByLabel(/^Slow mode/)
    .selectOption('30');
  await dialog(page).getByLabel('Messages of guests').check();
  await expectAccessible(page);
  await press(dialog(page), 'Save');
  const row = page.getByRole('list', { name: 'Rooms of Garden gate' }).getByRole('listitem');
  await row.getByText('Slow: 30 seconds').waitFor();
  await press(page, 'More for Deutsch');
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Plauderei');
  await press(dialog(page), 'Save');
  await row.getByText('Plauderei').waitFor();
  await expectAccessible(page);
  const { lounges } = await admin.call('lounges', {});
  const lounge = lounges.find(({ name }) => name === 'Garden gate');
  expect(lounge).toMatchObject({ topic: 'Flowers and weeds', rooms: [{ room: { name: 'Plauderei' } }] });
  expect((await fetch(`${client.server.url}${lounge?.picture}`)).status).toBe(200);
  const roomId = lounge?.rooms[0]?.room.id ?? '';
  expect((await admin.call('joinRoom', { params: { roomId } })).room).toMatchObject({
    lounge: { language: 'de', capacity: 20 },
    moderation: { slowMode: 30, hold: ['guests'] },
  });
  await press(page, 'More for Garden gate');
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  await press(dialog(page), 'Remove picture');
  await hasFocus(picture);
  await press(dialog(page), 'Save');
  await page.locator('main img').waitFor({ state: 'detached' });
  await press(page, 'More for Garden gate');
  await page.getByRole('menuitem', { name: 'Close for good…' }).click();
  await press(dialog(page), 'Close for good');
  await page.getByText('Garden gate is closed.').waitFor();
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  const download = page.waitForEvent('download');
  await press(page, 'Export');
  expect(await readFile(await (await download).path(), 'utf8')).toContain('"action":"lounge.closed"');
});

test('a mute of the whole place binds until it is lifted, and the history and the log tell of both', async () => {
  const mod = await person('mo', 'moderator');
  const [owner, troll] = await Promise.all([person('owner'), person('troll')]);
  const body = { name: 'Plaza', kind: 'public' as const, memberIds: [troll.id] };
  const { room } = await owner.call('createRoom', { body });
  await languageRoom(client.server, { lounge: { name: 'Quay' } });
  const page = await console_(mod, 'members');
  await page.getByLabel('Find people by name').fill(troll.signedIn.user.username);
  await page.getByRole('list', { name: 'People' }).getByRole('link').click();
  await press(page, 'Mute…');
  await dialog(page).getByLabel('Where').selectOption({ label: 'Quay: English' });
  await press(dialog(page), 'Mute');
  await dialog(page).getByText('They were never in this room: only a ban holds in advance.').waitFor();
  await hasFocus(dialog(page).getByLabel('Where'));
  await dialog(page).getByLabel('Where').selectOption('');
  await dialog(page).getByLabel('How long').selectOption('168');
  await expectAccessible(page);
  await press(dialog(page), 'Mute');
  const history = page.getByRole('list', { name: 'Sanctions' });
  await history.getByText(/^Muted until/).waitFor();
  await expectAccessible(page);
  await expect(troll.say(room.id, 'hello')).rejects.toMatchObject({ body: { code: 'silenced' } });
  await press(history, 'Lift…');
  await dialog(page).getByLabel('It was a mistake.').check();
  await press(dialog(page), 'Lift');
  await history.getByText('Muted, lifted').waitFor();
  // Its button is gone, and the keyboard goes on from there.
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  await troll.say(room.id, 'hello');
  const target = { type: 'user', userId: troll.id } as const;
  await owner.call('report', { body: { target, category: 'spam', note: '' } });
  await page.getByText('Reported 1 time.').waitFor();

  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await page.getByLabel('What', { exact: true }).selectOption('sanction.lifted');
  const entry = page.getByRole('list', { name: 'Moderation log' }).getByRole('listitem').first();
  await entry.getByText('It was a mistake.').waitFor();
  await entry.getByText('Details').click();
  await entry.getByText('hash').waitFor();
  await expectAccessible(page);
});

test('another moderator grants an appeal', async () => {
  const [mod, other] = await Promise.all([person('mo', 'moderator'), person('max', 'moderator')]);
  const ann = await person('ann');
  const input = { type: 'mute', userId: ann.id, roomId: null, reason: 'Loud' } as const;
  const { id: sanctionId } = await mod.call('sanction', { body: input });
  const page = await console_(other, 'appeals');
  await page.getByRole('heading', { name: 'Nobody appeals' }).waitFor();
  await ann.call('appeal', { params: { sanctionId }, body: { text: 'I was whispering' } });
  await page.getByText('I was whispering').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await hasFocus(dialog(page).getByLabel('Answer'));
  await expectAccessible(page);
  await page.keyboard.type('So you were');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nobody appeals' }).waitFor();
  expect((await ann.call('sanctions', {})).sanctions[0]).toMatchObject({
    appeal: { state: 'granted', note: 'So you were' },
  });
});
