/** The web client under the rate limits as they are unless set otherwise. */
import { expect, test } from 'vitest';
import { parseConfig } from '../packages/server/src/config.ts';
import { LIMITS_OFF } from '../packages/server/test/limits.ts';
import { box, group, roomLink, say, shown, web } from './support/web.ts';

// What is empty is as it is unless set.
const STANDARD = Object.fromEntries(Object.keys(LIMITS_OFF).map((name) => [name, '']));
const client = web(() => Promise.resolve(STANDARD));

interface Line {
  route?: string;
  status?: number;
}

test('a busy minute takes fewer calls than a person may make, loading and typing included, and none is refused', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  for (let i = 1; i <= 5; i += 1) {
    const room = await group(ann, [bob], `Room ${i}`);
    for (const words of ['gardens', 'and more', 'an answer']) await bob.say(room.id, `${words} ${i}`);
  }
  const { rooms } = await ann.call('rooms', { query: {} });
  expect(rooms).toHaveLength(5);
  const before = client.server.logged().length;

  const page = await client.signIn(ann);
  for (let round = 1; round <= 2; round += 1) {
    for (let i = 1; i <= 5; i += 1) {
      await roomLink(page, `Room ${i}`).click();
      await shown(page, `gardens ${i}`).waitFor();
      await say(page, `said ${round} in ${i}`);
      await shown(page, `said ${round} in ${i}`).waitFor();
    }
    await page.reload();
    await roomLink(page, 'Room 5').waitFor();
  }
  await roomLink(page, 'Room 1').click();
  await box(page).pressSequentially(`hello @${bob.signedIn.user.username.slice(0, 8)}`, { delay: 20 });
  await page.getByRole('navigation').getByRole('button', { name: 'New message' }).click();
  await page.getByRole('combobox').pressSequentially(bob.signedIn.user.username, { delay: 20 });
  await page.getByRole('option', { name: `@${bob.signedIn.user.username}` }).waitFor();
  await page.keyboard.press('Escape');
  await page.goto(new URL('/search', client.url).href);
  await page.getByLabel('Search messages').pressSequentially('an answer', { delay: 20 });
  await page.getByRole('list', { name: 'Found messages' }).getByRole('listitem').first().waitFor();
  await page.goto(new URL('/explore', client.url).href);
  await page.getByLabel('Find public rooms').pressSequentially('nothing of the kind', { delay: 20 });
  await page.goto(new URL('/settings', client.url).href);
  await page.getByRole('heading', { level: 1 }).first().waitFor();

  const lines = client.server.logged().slice(before).split('\n').filter(Boolean);
  const calls = lines.map((line) => JSON.parse(line) as Line).filter(({ route }) => route?.startsWith('/api/'));
  const counted = calls.filter(({ route }) => !/\/(?:refresh|csrf)$/.test(route ?? ''));
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
  expect(counted.length).toBeGreaterThan(5);
  expect(counted.length).toBeLessThan(parseConfig({}).rateLimits.api?.count ?? 0);
});
