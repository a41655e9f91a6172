/** Every page by its address, judged by axe. What is opened on them is judged where the other tests open it. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { group, web } from './support/web.ts';

const client = web();
const { signIn, tab } = client;

/** Goes to each, and waits for its heading and for what it loads. */
async function visit(page: Page, paths: readonly (readonly [path: string, heading: string | RegExp])[]) {
  for (const [path, name] of paths) {
    await page.goto(`${client.url}${path}`);
    await page.getByRole('heading', { name }).first().waitFor();
    await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0);
    await expectAccessible(page);
  }
}

test('pages of those who are not signed in are accessible', async () => {
  const page = await tab();
  await visit(page, [
    ['/signin', 'Welcome back'],
    ['/signup', 'Create your account'],
    ['/forgot', /password/i],
    ['/reset-password', /./],
    ['/verify-email', /./],
    ['/lounges', 'Lounges'],
    ['/nowhere', 'There is nothing here'],
  ]);
});

test('pages of people are accessible, with something in them and without', async () => {
  const [person, other] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(other, [person], 'Reading circle');
  await other.say(room.id, 'Have **you** read it?');
  const page = await signIn(person);
  await visit(page, [
    ['/', /^Hello, /],
    [`/r/${room.id}`, 'Reading circle'],
    ['/search?q=read', 'Search'],
    ['/search?q=nothing', 'Nothing found'],
    ['/mentions', 'Mentions'],
    ['/starred', 'Starred'],
    ['/scheduled', 'Scheduled'],
    ['/explore', 'Explore'],
    ['/lounges', 'Lounges'],
    ['/strangers', 'Strangers'],
    ['/notices', 'Notices'],
    ['/settings/profile', 'Settings'],
    ['/settings/account', 'Settings'],
    ['/settings/security', 'Settings'],
    ['/settings/privacy', 'Settings'],
    ['/settings/notifications', 'Settings'],
    ['/settings/chat', 'Settings'],
    ['/moderation', 'Moderation'],
    ['/admin', 'Administration'],
    ['/nowhere/at/all', 'There is nothing here'],
    ['/settings/nothing', 'There is nothing here'],
    [`/r/${crypto.randomUUID()}`, 'This room isn’t here'],
  ]);
});

test('the pages of the console and of administration are accessible', async () => {
  const [admin, ann, bob] = await Promise.all([
    client.server.person('ada', 'admin'),
    client.server.person('ann'),
    client.server.person('bob'),
  ]);
  const page = await signIn(admin);
  await visit(page, [['/lounges', 'No lounges yet']]);
  await page.getByRole('main').getByRole('link', { name: 'Moderation' }).click();
  await page.getByRole('button', { name: 'Open a lounge' }).waitFor();
  const { id: loungeId } = await admin.call('createLounge', { body: { name: 'Garden', topic: 'Flowers' } });
  await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'de' } });
  const target = { type: 'user', userId: bob.id } as const;
  await ann.call('report', { body: { target, category: 'spam', note: 'Every day' } });
  const { cases } = await admin.call('cases', { query: {} });
  await admin.call('addAddressBan', { body: { range: '203.0.113.0/24', reason: 'Spam' } });
  await admin.call('createAutomodRule', {
    body: {
      roomId: null,
      name: 'No coffee',
      trigger: { type: 'words', lists: [], words: ['coffee'], spare: [] },
      actions: [{ type: 'hold' }],
      reason: 'This is about tea',
      enabled: true,
    },
  });
  await visit(page, [
    ['/moderation', 'The whole place'],
    [`/moderation/reports/${cases[0]?.id ?? ''}`, 'Evidence'],
    ['/moderation/held', 'No message waits'],
    ['/moderation/appeals', 'Nobody appeals'],
    [`/moderation/members/${bob.id}`, 'History'],
    ['/moderation/automod', 'Moderation'],
    ['/moderation/rooms', 'Garden'],
    ['/moderation/networks', 'Kept out'],
    ['/moderation/log', 'Moderation'],
    ['/admin/accounts', 'Administration'],
    ['/admin/audit', 'Administration'],
    ['/moderation/nothing', 'There is nothing here'],
  ]);
});
