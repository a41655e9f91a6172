/** What the web client offers to whom: nothing that the server would refuse, and a way on for those who are kept out. */
/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { joinRoom, languageRoom } from '../packages/server/test/rooms.ts';
import { sql } from '../packages/server/test/sql.ts';
import { expectAccessible } from './support/axe.ts';
import { box, group, roomLink, say, shown, SOON, web } from './support/web.ts';

const client = web();
const { signIn, tab } = client;
const person = (...who: Parameters<typeof client.server.person>) => client.server.person(...who);
const hasFocus = (locator: Locator) =>
  expect.poll(() => locator.evaluate((element) => element === document.activeElement), SOON).toBe(true);

/** What the menu of a message offers. */
async function offered(page: Page, body: string): Promise<string[]> {
  await shown(page, body).hover();
  await page.getByRole('toolbar').getByRole('button', { name: 'More' }).click();
  const items = page.getByRole('menuitem');
  await items.first().waitFor();
  const names = await items.allTextContents();
  await page.keyboard.press('Escape');
  return names;
}

test('nobody is offered to delete, mute or ban their equals or those above them, in a room and in its threads', async () => {
  const [owner, mod, other, member] = await Promise.all([
    person('owner'),
    person('mod'),
    person('other'),
    person('member'),
  ]);
  const officer = await person('officer', 'moderator');
  const body = { name: 'Ranks', kind: 'public' as const, memberIds: [mod, other, member, officer].map(({ id }) => id) };
  const { room } = await owner.call('createRoom', { body });
  for (const { id: userId } of [mod, other])
    await owner.call('updateMember', { params: { roomId: room.id, userId }, body: { role: 'moderator' } });
  await owner.say(room.id, 'by the owner');
  await other.say(room.id, 'by an equal');
  await officer.say(room.id, 'by an officer');
  const root = await member.say(room.id, 'by a member');
  await mod.say(room.id, 'by myself');
  const { room: thread } = await member.call('openThread', { params: { roomId: room.id, messageId: root.id } });
  await member.say(thread.id, 'a member in the thread');
  await owner.call('joinRoom', { params: { roomId: thread.id } });
  await owner.say(thread.id, 'the owner in the thread');

  const page = await signIn(mod);
  await roomLink(page, 'Ranks').click();
  const actions = ['Delete…', 'Warn…', 'Mute…', 'Kick…', 'Ban…'];
  const among = async (words: string) => (await offered(page, words)).filter((name) => actions.includes(name));
  expect(await among('by a member')).toEqual(actions);
  for (const words of ['by the owner', 'by an equal', 'by an officer']) expect(await among(words), words).toEqual([]);
  expect(await among('by myself')).toEqual(['Delete…']);

  await page.getByRole('button', { name: /^2 replies/ }).click();
  const panel = page.getByRole('complementary', { name: 'Thread' });
  for (const [words, may] of [
    ['a member in the thread', actions],
    ['the owner in the thread', []],
  ] as const) {
    await panel.getByText(words, { exact: true }).hover();
    await panel.getByRole('toolbar').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem').first().waitFor();
    const names = await page.getByRole('menuitem').allTextContents();
    expect(
      names.filter((name) => actions.includes(name)),
      words,
    ).toEqual(may);
    await page.keyboard.press('Escape');
  }
});

test('nor in a room with too many members for all of them to be known: what the sender is there is asked for', async () => {
  const [owner, mod, member] = await Promise.all([person('owner'), person('mod'), person('member')]);
  const room = await group(owner, [mod, member], 'Crowd');
  const params = { roomId: room.id, userId: mod.id };
  await owner.call('updateMember', { params, body: { role: 'moderator' } });
  await sql(
    client.server,
    `WITH more AS (INSERT INTO chat.members (room_id, user_id, role, joined_at, rev)
                   SELECT $1, gen_random_uuid(), 'member', now(), 1 FROM generate_series(1, 100) RETURNING room_id)
     UPDATE chat.rooms SET member_count = member_count + 100 WHERE room_id = $1`,
    [room.id],
  );
  await owner.say(room.id, 'by the owner');
  await member.say(room.id, 'by a member');
  const page = await signIn(mod);
  await roomLink(page, 'Crowd').click();
  const asked = () => page.waitForResponse((response) => response.url().includes(`/rooms/${room.id}/members?`));
  const moderating = page.getByRole('menuitem', { name: /^(?:Delete|Warn|Mute|Kick|Ban)…$/ });
  for (const [words, count] of [
    ['by the owner', 0],
    ['by a member', 5],
  ] as const) {
    await shown(page, words).hover();
    await Promise.all([asked(), page.getByRole('toolbar').getByRole('button', { name: 'More' }).click()]);
    await page.getByRole('menuitem', { name: 'Report…' }).waitFor();
    await expect.poll(() => moderating.count(), SOON).toBe(count);
    await page.keyboard.press('Escape');
  }
});

test('a report is handed over to a moderator by name, with keys alone, and the next one follows', async () => {
  const [mod, max] = await Promise.all([person('mo', 'moderator'), person('max', 'moderator')]);
  const [ann, troll, thief] = await Promise.all([person('ann'), person('troll'), person('thief')]);
  for (const { id: userId } of [troll, thief])
    await ann.call('report', { body: { target: { type: 'user', userId }, category: 'spam' } });
  await ann.call('report', { body: { target: { type: 'user', userId: max.id }, category: 'harassment' } });
  const page = await signIn(mod, {}, '/moderation/reports');
  const rows = page.getByRole('list', { name: 'Open reports' }).getByRole('button');
  await expect.poll(() => rows.count(), SOON).toBe(3);
  await page.keyboard.press('j');
  await hasFocus(rows.filter({ hasText: 'troll' }));
  await page.keyboard.press('h');
  const choices = page.getByRole('dialog').getByRole('radio');
  await hasFocus(choices.first());
  await expectAccessible(page);
  // Not those who may not decide it, and not oneself.
  const names = await page.getByRole('dialog').locator('label').allTextContents();
  const usernames = names.map((name) => /@(\w+)/.exec(name)?.[1]);
  expect(usernames[0]).toBe(max.signedIn.user.username);
  for (const { signedIn } of [mod, ann, troll]) expect(usernames).not.toContain(signedIn.user.username);
  await page.keyboard.press('Enter');
  await page.getByText(/^Handed over to max/).waitFor();
  await hasFocus(page.getByRole('group', { name: /^Report about thief/ }));
  const mine = await max.call('cases', { query: { state: 'assigned', mine: 'true' } });
  expect(mine.cases).toMatchObject([{ accusedId: troll.id, assigneeId: max.id }]);

  // What somebody of one's own rank is accused of: nothing to do about them, but to hand it on.
  await page.keyboard.press('j');
  const panel = page.getByRole('complementary', { name: 'Report' });
  await panel.getByText(/^You can’t warn, mute or ban them/).waitFor();
  expect(await panel.getByRole('button', { name: 'Ban' }).count()).toBe(0);
  await page.keyboard.press('b');
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByText('Hand it over').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');
  await page
    .getByRole('list', { name: 'Taken reports' })
    .getByText(/^max.* is at it/)
    .waitFor();
});

test('who is muted appeals where they would write; who is banned reads why where the room was', async () => {
  const { admin, roomId } = await languageRoom(client.server, { lounge: { name: 'Quay' } });
  const ann = await person('ann');
  await joinRoom(ann, roomId);
  const page = await signIn(ann);
  await roomLink(page, 'Quay').click();
  await box(page).waitFor();
  const input = { userId: ann.id, roomId, reason: 'Too loud', until: Date.now() + 3_600_000 };
  await admin.call('sanction', { body: { ...input, type: 'mute' } });
  await page.getByText(/Reason: Too loud$/).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Appeal', exact: true }).click();
  await page.getByLabel('Why it should be looked at again').fill('I whispered');
  await page.getByRole('button', { name: 'Send appeal' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('You have appealed. Moderators will look at it again.').waitFor();

  await admin.call('sanction', { body: { ...input, type: 'ban', reason: 'Louder still' } });
  await page.getByRole('heading', { name: 'You are banned from this room' }).waitFor();
  await page.getByText('Reason: Louder still').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Appeal', exact: true }).waitFor();
});

test('who is banned while they look at a room is not told first that it is not there', async () => {
  const { admin, roomId } = await languageRoom(client.server, { lounge: { name: 'Jetty' } });
  const ann = await person('ann');
  await joinRoom(ann, roomId);
  const page = await signIn(ann);
  await roomLink(page, 'Jetty').click();
  await box(page).waitFor();
  // Why is asked for, and answered when the room is gone already.
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route('**/api/sanctions', async (route) => {
    asked.resolve();
    await answered.promise;
    await route.continue();
  });
  await admin.call('sanction', { body: { type: 'ban', userId: ann.id, roomId, reason: 'Spam', until: null } });
  await Promise.all([asked.promise, box(page).waitFor({ state: 'detached' })]);
  await page.getByText('Opening the room').waitFor({ state: 'attached' });
  expect(await page.getByRole('heading', { name: 'This room isn’t here' }).count()).toBe(0);
  answered.resolve();
  await page.getByRole('heading', { name: 'You are banned from this room' }).waitFor();
});

test('an address that leads nowhere says so, signed in or not', async () => {
  const page = await tab();
  await page.goto(`${client.url}/nowhere/at/all`);
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await page.getByRole('button', { name: 'Go to the start' }).click();
  await page.getByLabel('Email').waitFor();
  const known = await signIn(await person('ann'), {}, '/settings/nothing');
  await known.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await known.getByRole('button', { name: 'Go to your conversations' }).click();
  await known.getByRole('heading', { name: /^Hello, / }).waitFor();
});

test('what is found is shown without its marks', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  await group(ann, [bob], 'Findings');
  const page = await signIn(ann);
  await roomLink(page, 'Findings').click();
  await say(page, 'the **walrus** and [the carpenter](https://x.example)');
  await shown(page, 'the walrus and the carpenter').waitFor();
  const query = { q: 'walrus' };
  await expect.poll(async () => (await ann.call('search', { query })).hits.length, SOON).toBe(1);
  await page.goto(`${client.url}/search?q=walrus`);
  const hits = page.getByRole('list', { name: 'Found messages' });
  await hits.getByText('the walrus and the carpenter').waitFor();
  expect(await hits.locator('mark').allTextContents()).toEqual(['walrus']);
});
