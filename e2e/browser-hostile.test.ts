/** Texts that would run in a page that took them for markup, everywhere people can put a text. */
/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { HOSTILE } from './support/hostile.ts';
import { bodies, group, log, roomLink, SOON, web } from './support/web.ts';

const client = web();

/** Nothing but the app's own elements, and links to the web alone. A tab tells of dialogs and refused content itself. */
async function expectHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const alien = 'script:not([src]), iframe, object, embed, math, video, base, style, template, animate, details';
    const elements = [...document.body.querySelectorAll('*')];
    return {
      alien: document.body.querySelectorAll(alien).length,
      images: [...document.images].map((image) => image.getAttribute('src')).filter((src) => src !== '/favicon.svg'),
      handlers: elements.flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith('on')),
      links: [...document.links].map((link) => link.protocol).filter((protocol) => !/^https?:$/.test(protocol)),
    };
  });
  expect(found).toEqual({ alien: 0, images: [], handlers: [], links: [] });
}

test('as bodies, poll options and reactions’ names, hostile texts are text', async () => {
  const [ann, eve] = await Promise.all([client.server.person('ann'), client.server.person('eve')]);
  const room = await group(ann, [eve], 'Attacked');
  await eve.call('updateProfile', { body: { name: '<img src=x onerror=alert(1)>' } });
  const page = await client.signIn(ann);
  await roomLink(page, 'Attacked').click();
  for (const body of HOSTILE) await eve.say(room.id, body);
  await expect.poll(async () => (await bodies(page)).length, SOON).toBe(HOSTILE.length);
  const texts = (await bodies(page)).join('\n');
  for (const plain of ['<script>alert(1)</script>', '<svg onload=alert(1)>', '<base href=', '${alert(1)}'])
    expect(texts).toContain(plain);
  await expectHarmless(page);

  for (let from = 0; from < HOSTILE.length; from += 20) {
    const options = HOSTILE.slice(from, from + 20);
    const poll = { question: options[0] ?? '', options };
    if (options.length < 2) continue;
    const body = { clientId: randomUUID(), poll };
    const sent = await eve.call('sendMessage', { params: { roomId: room.id }, body });
    const params = { roomId: room.id, messageId: sent.id };
    await eve.call('react', { params, body: { emoji: '👍', on: true } });
    await log(page)
      .getByRole('region', { name: `Poll: ${poll.question}` })
      .waitFor();
  }
  await log(page).getByRole('button', { name: '👍 1: <img src=x onerror=alert(1)>' }).first().waitFor();
  await expectHarmless(page);
});

test('as names and topics of rooms, hostile texts are text, in the list, the room, previews and public rooms', async () => {
  const [ann, eve] = await Promise.all([client.server.person('ann'), client.server.person('eve')]);
  for (const name of HOSTILE) {
    const body = { name, topic: name, memberIds: [ann.id], kind: 'public' as const };
    await eve.call('createRoom', { body });
  }
  const page = await client.signIn(ann);
  const list = page.getByRole('region', { name: 'Conversations' }).getByRole('listitem');
  await expect.poll(() => list.count(), SOON).toBe(HOSTILE.length);
  await expectHarmless(page);
  for (const name of ['<svg onload=alert(1)>', '[x](javascript:alert(1))']) {
    await list.filter({ hasText: name }).first().click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await expectHarmless(page);
  }
  await page.getByRole('link', { name: 'Explore' }).click();
  await page.getByRole('list', { name: 'Public rooms' }).getByRole('listitem').first().waitFor();
  await expectHarmless(page);
});

test('as people’s names and statuses, hostile texts are text', async () => {
  const [ann, eve] = await Promise.all([client.server.person('ann'), client.server.person('eve')]);
  const { room } = await ann.call('directRoom', { body: { userId: eve.id } });
  await eve.say(room.id, 'hello');
  const socket = await eve.connect();
  const page = await client.signIn(ann);
  for (const text of HOSTILE.filter((hostile) => hostile.length <= 60)) {
    await eve.call('updateProfile', { body: { name: text } });
    await socket.ask('presence:set', { text });
  }
  const last = HOSTILE.findLast((hostile) => hostile.length <= 60) ?? '';
  await eve.say(room.id, 'renamed');
  await page.reload();
  await page.goto(new URL(`/r/${room.id}`, page.url()).href);
  await page.getByRole('heading', { level: 1, name: last }).waitFor();
  await page.getByText(`${last} · Online`).waitFor();
  await expectHarmless(page);
});
