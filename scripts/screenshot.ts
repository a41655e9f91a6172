/**
 * Takes docs/images/screenshot.png and console.png: the web client of a fresh server, as a moderator among people who have been
 * talking for days sees it.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, SignedIn } from '@confab/protocol';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../e2e/support/browser.ts';
import { startApp } from '../packages/server/src/app.ts';
import { parseConfig } from '../packages/server/src/config.ts';
import { systemClock } from '../packages/server/src/platform/clock.ts';
import { createLifecycle } from '../packages/server/src/platform/lifecycle.ts';
import { createLogger } from '../packages/server/src/platform/log.ts';
import { openAccounts } from '../packages/server/src/tools.ts';
import { call, signIn } from '../packages/server/test/person.ts';
import { build } from './build.ts';

const PASSWORD = 'a good password';
const people = {
  mara: 'Mara Lindqvist',
  aiko: 'Aiko Tanaka',
  tomas: 'Tomás Herrera',
  priya: 'Priya Raman',
  jonas: 'Jonas Weber',
  nadia: 'Nadia Haddad',
};
type Who = keyof typeof people;
const guests = { camille: 'Camille', yuto: 'Yuto', deals: 'Best Deals' };
type Guest = keyof typeof guests;

interface Said<By = Who> {
  by: By;
  /** Minutes ago. */
  ago: number;
  body: string;
  /** Answers the line before it. */
  reply?: boolean;
}
interface Scene {
  /** null: a direct chat of two. */
  name: string | null;
  topic?: string;
  /** The first one creates it. */
  members: [Who, ...Who[]];
  said: Said[];
  /** How many of the newest messages Mara has not read. */
  unread?: number;
}

const HOUR = 60;
const DAY = 24 * HOUR;
const scenes: Scene[] = [
  {
    name: 'Español, despacito',
    topic: 'Solo español, con paciencia',
    members: ['tomas', 'mara', 'aiko'],
    said: [{ by: 'tomas', ago: 2 * DAY, body: '¿Qué tal el fin de semana? ¡Contadlo en pasado!' }],
  },
  {
    name: null,
    members: ['mara', 'jonas'],
    said: [
      { by: 'jonas', ago: DAY + 40, body: 'The numbers are in the sheet now.' },
      { by: 'mara', ago: DAY + 30, body: 'Thank you, exactly what I needed!' },
    ],
  },
  {
    name: 'Weekend hikes',
    topic: 'Next: Saturday, 8:30, north car park',
    members: ['nadia', 'mara', 'jonas', 'priya'],
    said: [
      { by: 'nadia', ago: 5 * HOUR, body: 'Forecast says sun until three.' },
      { by: 'jonas', ago: 4 * HOUR, body: 'I can take three people from the station.' },
      { by: 'priya', ago: 4 * HOUR - 6, body: 'One of them is me 🙌' },
    ],
    unread: 3,
  },
  {
    name: 'Release crew',
    topic: 'What ships next, and what still stands in its way',
    members: ['tomas', 'mara', 'aiko', 'priya', 'jonas'],
    said: [
      { by: 'jonas', ago: 3 * HOUR, body: 'The upgrade test went through on all three machines.' },
      {
        by: 'aiko',
        ago: 2 * HOUR + 12,
        body: 'Walked through the new onboarding on my phone. Two things:\n\n1. The second step scrolls *under* the keyboard\n2. `Skip` is easier to hit than **Continue**',
      },
      { by: 'priya', ago: 2 * HOUR + 4, body: 'The keyboard one is mine, sorry. The fix is on its way.' },
      { by: 'mara', ago: 118, body: 'Nice catches. I’ll swap the buttons today.' },
      {
        by: 'jonas',
        ago: 46,
        body: '> 38% finish all four steps\n\nMost leave at the one that asks for a phone number.',
      },
      { by: 'mara', ago: 43, body: 'Then let’s ask for it where it is first needed.', reply: true },
      {
        by: 'tomas',
        ago: 27,
        body: 'Agreed. That leaves three steps:\n\n```ts\nconst steps = [welcome, profile, invite];\n```',
      },
      { by: 'priya', ago: 14, body: 'I can have that ready tomorrow morning.' },
      { by: 'mara', ago: 11, body: 'Perfect. Shall we look at it together at ten?' },
    ],
  },
  {
    name: null,
    members: ['mara', 'aiko'],
    said: [
      { by: 'mara', ago: 95, body: 'Did the print proofs arrive?' },
      { by: 'aiko', ago: 8, body: 'Yes! The green is spot on.' },
      { by: 'aiko', ago: 7, body: 'Shall I bring them over after lunch?' },
    ],
    unread: 2,
  },
];

const lounge = { name: 'Town square', topic: 'Small talk for everyone who passes by', rules: '**Be kind.**' };
/** In its room for English. */
const inLounge: Said<Who | Guest>[] = [
  { by: 'mara', ago: 74, body: 'The coffee cart by the fountain is back!' },
  {
    by: 'camille',
    ago: 58,
    body: 'Hello! I move here in spring. Which words do I need at the market, besides *please* and *strawberries*?',
  },
  { by: 'nadia', ago: 51, body: '“Half a kilo” and “is it ripe?” will feed you for a year.', reply: true },
  { by: 'camille', ago: 47, body: 'Merci beaucoup, c’est exactement ce que je voulais savoir avant samedi.' },
  {
    by: 'aiko',
    ago: 39,
    body: 'My list for beginners:\n\n1. how much is it\n2. two of these\n3. **no bag, thank you**',
  },
  { by: 'jonas', ago: 33, body: 'And `keep the change` once you feel rich.' },
  { by: 'priya', ago: 24, body: 'We go together on Saturday at ten, from the fountain. Who comes along?' },
  { by: 'yuto', ago: 17, body: 'I do, if I may practise on all of you 🍓' },
  { by: 'deals', ago: 9, body: 'CHEAP WATCHES, write to me now!!!' },
];

if (!build()) throw new Error('the web client does not build');
const dataDir = await mkdtemp(join(tmpdir(), 'confab-screenshot-'));
const config = parseConfig({ DATA_DIR: join(dataDir, 'data'), PORT: '0', LOG_LEVEL: 'warn' });
const log = createLogger(config.log);
const lifecycle = createLifecycle(log);
let minutesAgo = 0;
const clock = { ...systemClock, now: () => Date.now() - minutesAgo * 60_000 };
const browser = await launchBrowser();
try {
  const { url } = await startApp(config, { log, lifecycle, clock });
  const { commands } = await openAccounts(config, { log, lifecycle });
  await play(url, (who, role) => commands.grantRole(who, role));
  await photograph(url);
} finally {
  await browser.close();
  await lifecycle.stop('done');
  await rm(dataDir, { recursive: true, force: true });
}

async function play(url: string, grant: (who: Who, role: 'admin' | 'moderator') => Promise<unknown>): Promise<void> {
  minutesAgo = 3 * DAY;
  const ids = new Map<Who, string>();
  for (const [username, name] of Object.entries(people)) {
    const body = { email: `${username}@example.com`, password: PASSWORD, username, name };
    ids.set(username as Who, (await call(url, undefined, 'signUp', { body })).user.id);
  }
  const idOf = (who: Who) => ids.get(who) ?? '';
  // Anew each time: minutes pass between two calls, and tokens expire.
  const tokenOf = async (who: Who) => {
    const body = { email: `${who}@example.com`, password: PASSWORD };
    return (await signIn(url, body)).accessToken;
  };

  for (const { name, topic = '', members, said, unread = 0 } of scenes) {
    const [first, ...others] = members;
    minutesAgo = (said[0]?.ago ?? 0) + 1;
    const token = await tokenOf(first);
    const { room } =
      name === null
        ? await call(url, token, 'directRoom', { body: { userId: idOf(others[0] ?? first) } })
        : await call(url, token, 'createRoom', { body: { name, topic, memberIds: others.map(idOf) } });
    const params = { roomId: room.id };
    let before: string | null = null;
    for (const { by, ago, body, reply } of said) {
      minutesAgo = ago;
      const input = { clientId: randomUUID(), body, replyTo: reply ? before : null };
      const message: Message = await call(url, await tokenOf(by), 'sendMessage', { params, body: input });
      before = message.id;
    }
    for (const who of members) {
      const n = said.length - (who === 'mara' ? unread : 0);
      await call(url, await tokenOf(who), 'markRead', { params, body: { n } });
    }
  }

  minutesAgo = (inLounge[0]?.ago ?? 0) + 1;
  await Promise.all([grant('tomas', 'admin'), grant('mara', 'moderator')]);
  const admin = await tokenOf('tomas');
  const { id: loungeId } = await call(url, admin, 'createLounge', { body: lounge });
  const english = { params: { loungeId }, body: { language: 'en' } };
  const params = { roomId: (await call(url, admin, 'createLanguageRoom', english)).room.id };
  const visitors = new Map<string, SignedIn>();
  for (const [key, name] of Object.entries(guests)) {
    visitors.set(key, await call(url, undefined, 'guest', { body: { name, transport: 'body' } }));
  }
  // They have no password to sign in with anew.
  const tokenOfGuest = async (guest: string) => {
    const refreshToken = visitors.get(guest)?.refreshToken ?? '';
    const visitor = await call(url, undefined, 'refresh', { body: { refreshToken } });
    visitors.set(guest, visitor);
    return visitor.accessToken;
  };
  let before: string | null = null;
  for (const { by, ago, body, reply } of inLounge) {
    minutesAgo = ago;
    const token = await (visitors.has(by) ? tokenOfGuest(by) : tokenOf(by as Who));
    await call(url, token, 'joinRoom', { params });
    const input = { clientId: randomUUID(), body, replyTo: reply ? before : null };
    const message: Message = await call(url, token, 'sendMessage', { params, body: input });
    before = message.id;
    if (by === 'jonas') await react(url, [await tokenOf('aiko'), await tokenOf('nadia')], message);
  }
  const target = { type: 'message', roomId: params.roomId, messageId: before ?? '' } as const;
  for (const guest of ['camille', 'yuto']) {
    await call(url, await tokenOfGuest(guest), 'report', { body: { target, category: 'spam', note: '' } });
  }
  minutesAgo = 0;
}

async function react(url: string, tokens: readonly string[], { roomId, id: messageId }: Message): Promise<void> {
  const input = { params: { roomId, messageId }, body: { emoji: '😄', on: true } };
  for (const token of tokens) await call(url, token, 'react', input);
}

async function photograph(url: string): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 2,
    colorScheme: 'light',
    locale: 'en-GB',
  });
  await page.goto(url);
  await page.getByLabel('Email').fill('mara@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /^English/ }).click();
  await page.getByRole('log').getByText('CHEAP WATCHES').waitFor();
  await page.getByRole('textbox', { name: 'Message English' }).blur();
  await save(page, 'screenshot.png');
  await page.goto(new URL('/moderation/reports', url).href);
  await page.getByRole('button', { name: /^A message of/ }).click();
  await page.getByText('Nothing was ever done about them.').waitFor();
  await save(page, 'console.png');
}

async function save(page: Page, name: string): Promise<void> {
  await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
  const directory = join(import.meta.dirname, '../docs/images');
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, name) });
}
