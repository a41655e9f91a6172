/** The web client in a browser, against the real server. */
/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import {
  bodies,
  box,
  createRoom,
  group,
  log,
  messageMenu,
  roomLink,
  roomMenu,
  say,
  shown,
  SOON,
  top,
  web,
} from './support/web.ts';

const client = web();
const { tab, signIn, signedUp } = client;

test('two browsers and a plain socket.io-client in one room exchange messages, in the same order for all', async () => {
  const [ann, bob] = await Promise.all([signedUp('Ann Lee'), signedUp('Bob Ray')]);
  const cara = await client.server.person('cara');
  const plain = await cara.connect();

  await createRoom(ann, 'Workshop', [bob.account.username, cara.signedIn.user.username]);
  await say(ann, 'from a browser');
  await roomLink(bob, 'Workshop').click();
  await shown(bob, 'from a browser').waitFor();
  await say(bob, 'from another browser');
  await shown(ann, 'from another browser').waitFor();

  const { rooms } = await cara.call('rooms', { query: {} });
  const roomId = rooms[0]?.room.id ?? '';
  await plain.ask('room:join', { roomId });
  await plain.ask('message:send', { roomId, clientId: randomUUID(), body: 'from a plain socket' });
  await Promise.all([shown(ann, 'from a plain socket').waitFor(), shown(bob, 'from a plain socket').waitFor()]);

  const expected = ['from a browser', 'from another browser', 'from a plain socket'];
  expect(await bodies(ann)).toEqual(expected);
  expect(await bodies(bob)).toEqual(expected);
  await say(ann, 'seen by all');
  await plain.until(
    ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
      event === 'message' && payload.message?.body === 'seen by all',
  );
});

test('many tabs that come up at once share the session, again and again', async () => {
  const ann = await signedUp('Ann Lee');
  const tabs = await Promise.all(Array.from({ length: 6 }, () => ann.context().newPage()));
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(tabs.map((page) => page.goto(client.server.url)));
    for (const page of tabs) await page.getByText('Ann Lee').first().waitFor(SOON);
  }
});

test('the sign-up form says at each field what is wrong with it', async () => {
  const page = await tab();
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill('A B');
  await page.getByLabel('Email').fill('nowhere');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();

  await page.getByText('Enter an address like name@example.com.').waitFor();
  for (const label of ['Username', 'Email', 'Password']) {
    expect(await page.getByLabel(label, { exact: true }).getAttribute('aria-invalid')).toBe('true');
  }
  expect(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBeNull();
  expect(await page.getByLabel('Username').evaluate((field) => field === document.activeElement)).toBe(true);

  const known = await client.server.person('taken');
  await page.getByLabel('Username').fill(known.signedIn.user.username);
  await page.getByLabel('Email').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill('long enough');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This username is taken.').waitFor();
});

test('a wrong password is refused, the right one leads to the page that was asked for, and signing out ends it', async () => {
  const person = await client.server.person('returning');
  const room = await group(person, []);
  const page = await tab();
  await page.goto(`${client.server.url}/r/${room.id}`);
  await page.getByLabel('Email').fill(person.signedIn.user.email ?? '');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('not known').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: room.name ?? '' }).waitFor();

  await page.reload();
  await page.getByRole('heading', { level: 1, name: room.name ?? '' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  expect(await roomLink(page, room.name ?? '').count()).toBe(0);
});

test('a message written without a network is pending, survives a reload, and is sent once when the network is back', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob]);
  const page = await signIn(ann);
  await roomLink(page, room.name ?? '').click();
  await box(page).waitFor();

  await page.context().setOffline(true);
  await page.getByText('No connection.').waitFor();
  await say(page, 'written offline');
  await log(page).getByText('Sending', { exact: true }).waitFor();
  await page.context().setOffline(false);
  await log(page).getByText('Sent', { exact: true }).waitFor();
  await page.getByText('No connection.').waitFor({ state: 'detached' });

  await page.context().setOffline(true);
  await page.getByText('No connection.').waitFor();
  await say(page, 'written before the reload');
  await log(page).getByText('Sending', { exact: true }).waitFor();
  await page.context().setOffline(false);
  await page.reload();
  await expect.poll(() => bodies(page), SOON).toEqual(['written offline', 'written before the reload']);
  const { messages } = await bob.call('messages', { params: { roomId: room.id }, query: {} });
  expect(messages.map(({ body }) => body)).toEqual(['written offline', 'written before the reload']);
});

test('a message the server refuses is marked as failed, and can be retried or discarded', async () => {
  const ann = await client.server.person('ann');
  const room = await group(ann, []);
  const page = await tab();
  // Between page and server: refuses what says so, as long as it is told to.
  let refuse = true;
  await page.context().routeWebSocket(/socket\.io/, (socket) => {
    const onward = socket.connectToServer();
    socket.onMessage((frame) => {
      const ack = /^42(\d+)\["message:send",.*refuse me/.exec(String(frame))?.[1];
      if (ack === undefined || !refuse) onward.send(frame);
      else {
        const error = { code: 'forbidden', message: 'You may not do that.', requestId: 'r' };
        socket.send(`43${ack}${JSON.stringify([{ ok: false, error }])}`);
      }
    });
  });
  await page.reload();
  await page.getByLabel('Email').fill(ann.signedIn.user.email ?? '');
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await roomLink(page, room.name ?? '').click();

  await say(page, 'refuse me, then discard me');
  await log(page).getByText('Not sent. You may not do that.').waitFor();
  await page.getByRole('button', { name: 'Discard' }).click();
  await shown(page, 'refuse me, then discard me').waitFor({ state: 'detached' });

  await say(page, 'refuse me once');
  await log(page).getByText('Not sent. You may not do that.').waitFor();
  await say(page, 'not held up');
  await log(page).getByText('Sent', { exact: true }).waitFor();
  refuse = false;
  await page.getByRole('button', { name: 'Retry' }).click();
  await log(page).getByText('Not sent.').waitFor({ state: 'detached' });
  await expect.poll(() => bodies(page), SOON).toEqual(['not held up', 'refuse me once']);
});

test('history loads while scrolling up, down to the first message, and what is read stays in its place', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob]);
  for (let n = 1; n <= 180; n += 1) await bob.say(room.id, `message ${n}`);
  await ann.call('markRead', { params: { roomId: room.id }, body: { n: 180 } });
  const page = await signIn(ann);
  await roomLink(page, room.name ?? '').click();
  await shown(page, 'message 180').waitFor();
  expect(await shown(page, 'message 1').count()).toBe(0);

  // Put the oldest loaded message into view, which makes the ones before it load.
  const oldest = log(page).locator('[data-n]').first();
  const n = Number(await oldest.getAttribute('data-n'));
  const anchor = shown(page, `message ${n}`);
  const before = await anchor.evaluate((row) => {
    row.scrollIntoView({ block: 'start' });
    return row.getBoundingClientRect().top;
  });
  await shown(page, `message ${n - 1}`).waitFor({ state: 'attached' });
  expect(Math.abs(((await top(anchor)) ?? 0) - before)).toBeLessThan(3);

  // A message that arrives meanwhile does not move it either.
  await bob.say(room.id, 'arrived meanwhile');
  await shown(page, 'arrived meanwhile').waitFor({ state: 'attached' });
  expect(Math.abs(((await top(anchor)) ?? 0) - before)).toBeLessThan(3);

  await expect
    .poll(async () => {
      await log(page).evaluate((element) => element.scrollTo(0, 0));
      return shown(page, 'message 1').count();
    }, SOON)
    .toBe(1);
  const numbers = await log(page)
    .locator('[data-n]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-n'))));
  expect(numbers).toEqual(Array.from({ length: 181 }, (_, index) => index + 1));

  await page.getByRole('button', { name: /Jump to the latest/ }).click();
  await expect.poll(() => shown(page, 'arrived meanwhile').isVisible(), SOON).toBe(true);
});

test('who scrolls up in the moment in which something arrives stays where they scrolled to', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob]);
  for (let n = 1; n <= 60; n += 1) await bob.say(room.id, `message ${n}`);
  await ann.call('markRead', { params: { roomId: room.id }, body: { n: 60 } });
  const page = await signIn(ann);
  // Scrolls when it is received, just before the page is told: pages are told of scrolls with the next frame only.
  await page.addInitScript(() => {
    const plain = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
    Object.defineProperty(WebSocket.prototype, 'onmessage', {
      set(listener: (event: MessageEvent) => void) {
        plain?.set?.call(this, (event: MessageEvent) => {
          if (String(event.data).includes('in that moment')) document.querySelector('[role="log"]')?.scrollBy(0, -400);
          listener(event);
        });
      },
    });
  });
  await page.goto(`${client.url}/r/${room.id}`);
  await shown(page, 'message 60').waitFor();
  // Whatever the page still loads has come with or before this; what is said from here on is received by itself.
  await bob.say(room.id, 'message 61');
  await shown(page, 'message 61').waitFor();
  await bob.say(room.id, 'in that moment');
  await shown(page, 'in that moment').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: /Jump to the latest/ }).waitFor();
});

test('a room with more unread than a page opens at the first unread message', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob]);
  for (let n = 1; n <= 150; n += 1) await bob.say(room.id, `message ${n}`);
  await ann.call('markRead', { params: { roomId: room.id }, body: { n: 20 } });
  const page = await signIn(ann);
  await roomLink(page, room.name ?? '')
    .getByText('99+')
    .waitFor();
  await roomLink(page, room.name ?? '').click();
  await log(page).getByText('New messages').waitFor();
  const next = log(page).locator('[data-key="unread"] + [data-n]');
  expect(await next.getAttribute('data-n')).toBe('21');
  await expect.poll(() => next.isVisible(), SOON).toBe(true);

  await page.getByRole('button', { name: /Jump to the latest/ }).click();
  await shown(page, 'message 150').waitFor();
  await expect.poll(async () => (await ann.call('rooms', { query: {} })).rooms[0]?.unread, SOON).toBe(0);
});

test('the badge and the title count what is unread, until it is read', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob], 'Counted');
  const page = await signIn(ann);
  await roomLink(page, 'Counted').waitFor();
  await bob.say(room.id, 'one');
  await bob.say(room.id, 'two');
  await roomLink(page, 'Counted').getByText('2 unread').waitFor();
  await expect.poll(() => page.title(), SOON).toBe('(2) Confab');
  await roomLink(page, 'Counted').click();
  await roomLink(page, 'Counted').getByText('unread').waitFor({ state: 'detached' });
  await expect.poll(() => page.title(), SOON).toBe('Counted – Confab');
  // What arrives in front of the reader is read at once.
  await bob.say(room.id, 'three');
  await shown(page, 'three').waitFor();
  await expect.poll(async () => (await ann.call('rooms', { query: {} })).rooms[0]?.me.lastReadN, SOON).toBe(3);
});

test('a direct chat is started by name and appears at the other person', async () => {
  const [ann, bob] = await Promise.all([signedUp('Ann Lee'), signedUp('Bob Ray')]);
  await ann.getByRole('navigation').getByRole('button', { name: 'New message' }).click();
  await ann.getByRole('combobox').fill(bob.account.username);
  await ann.getByRole('option', { name: bob.account.name }).click();
  await ann.getByRole('heading', { level: 1, name: 'Bob Ray' }).waitFor();
  await say(ann, 'hello Bob');
  await roomLink(bob, 'Ann Lee').click();
  await shown(bob, 'hello Bob').waitFor();
  // Seen, as the double tick says.
  await log(ann).getByText('Seen by Bob Ray').waitFor();
  expect(await bodies(bob)).toEqual(['hello Bob']);
});

test('my message can be answered, edited and deleted', async () => {
  const [ann, bob] = await Promise.all([client.server.person('ann'), client.server.person('bob')]);
  const room = await group(ann, [bob]);
  await bob.say(room.id, 'the question');
  const page = await signIn(ann);
  await roomLink(page, room.name ?? '').click();

  await shown(page, 'the question').hover();
  await page.getByRole('toolbar').getByRole('button', { name: 'Reply', exact: true }).click();
  await say(page, 'the answer');
  await log(page)
    .getByRole('button', { name: /the question/ })
    .waitFor();
  await log(page).getByText('Sent', { exact: true }).waitFor();

  await box(page).press('ArrowUp');
  const edit = page.getByRole('textbox', { name: 'Edit message' });
  await edit.fill('the better answer');
  await edit.press('Enter');
  await shown(page, '(edited)').waitFor();
  await expect.poll(() => bodies(page), SOON).toEqual(['the question', 'the better answer']);

  await messageMenu(page, 'the better answer', 'Delete');
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await shown(page, 'Message deleted').waitFor();
  const { messages } = await bob.call('messages', { params: { roomId: room.id }, query: {} });
  expect(messages.map(({ body }) => body)).toEqual(['the question', '']);
});

test('the owner renames the room, adds and removes people, and deletes it; who is removed is told', async () => {
  const [ann, bob] = await Promise.all([signedUp('Ann Lee'), signedUp('Bob Ray')]);
  await createRoom(ann, 'Before', []);
  await roomMenu(ann, 'Room settings');
  await ann.getByRole('dialog').getByLabel('Name', { exact: true }).fill('After');
  await expectAccessible(ann);
  await ann.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await ann.getByRole('heading', { level: 1, name: 'After' }).waitFor();

  await ann.getByRole('button', { name: '1 member', exact: true }).click();
  await ann.getByRole('button', { name: 'Add people' }).click();
  await ann.getByRole('combobox').fill(bob.account.username);
  await ann.getByRole('option').click();
  await expectAccessible(ann);
  await ann.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await roomLink(bob, 'After').click();
  await bob.getByRole('heading', { level: 1, name: 'After' }).waitFor();

  await ann.getByRole('button', { name: 'Actions for Bob Ray' }).click();
  await ann.getByRole('menuitem', { name: 'Remove from the room' }).click();
  await expectAccessible(ann);
  await ann.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await bob.getByRole('heading', { name: 'This room isn’t here' }).waitFor();
  await expect.poll(() => roomLink(bob, 'After').count(), SOON).toBe(0);

  await roomMenu(ann, 'Room settings');
  await ann.getByRole('button', { name: 'Delete room' }).click();
  await ann.getByRole('dialog').getByRole('button', { name: 'Delete room' }).click();
  await ann.getByRole('heading', { level: 1, name: 'Hello, Ann Lee' }).waitFor();
  await expect.poll(() => roomLink(ann, 'After').count(), SOON).toBe(0);
});

test('names and bodies that hold markup are shown as text, and nothing of them runs', async () => {
  const attack = '<img src=x onerror=alert(1)>';
  const ann = await signedUp(attack);
  await createRoom(ann, `Room ${attack}`, []);
  const attempts = [
    '<script>alert(1)</script>',
    attack,
    '<svg onload=alert(1)>',
    '[click](javascript:alert(1))',
    '[click](data:text/html,<script>alert(1)</script>)',
    '![x](https://example.com/x.png)',
    '**<iframe src="javascript:alert(1)">**',
  ];
  for (const body of attempts) await say(ann, body);
  await expect.poll(async () => (await bodies(ann)).length, SOON).toBe(attempts.length);

  expect(await log(ann).locator('script, img, svg[onload], iframe').count()).toBe(0);
  const targets = await log(ann)
    .locator('a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  expect(targets).toEqual(['https://example.com/x.png']);
  await shown(ann, '<script>alert(1)</script>').waitFor();
  await ann.getByRole('heading', { level: 1, name: `Room ${attack}` }).waitFor();
  await log(ann).getByText(attack, { exact: true }).first().waitFor();
});

test('on a phone, list and room are shown one at a time', async () => {
  const ann = await client.server.person('ann');
  const room = await group(ann, [], 'Pocket');
  await ann.say(room.id, 'fits');
  const page = await signIn(ann, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await roomLink(page, 'Pocket').tap();
  await shown(page, 'fits').waitFor();
  expect(await roomLink(page, 'Pocket').isVisible()).toBe(false);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByRole('button', { name: 'Back to conversations' }).tap();
  await roomLink(page, 'Pocket').waitFor();
  expect(await log(page).isVisible()).toBe(false);
});

test('the chosen appearance and an unfinished message stay on the device', async () => {
  const ann = await client.server.person('ann');
  const room = await group(ann, [], 'Kept');
  const page = await signIn(ann, { colorScheme: 'light' });
  await roomLink(page, 'Kept').click();
  await box(page).fill('unfinished');
  await page.getByRole('button', { name: /^Appearance/ }).click();
  await page.getByRole('button', { name: /^Appearance: light/ }).click();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  expect(dark).not.toBe('rgb(255, 255, 255)');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: room.name ?? '' }).waitFor();
  expect(await background()).toBe(dark);
  expect(await box(page).inputValue()).toBe('unfinished');
});
