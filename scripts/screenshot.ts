/** Takes docs/images/screenshot.png: the web client of a fresh server, among people who have been talking for days. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@confab/protocol';
import { launchBrowser } from '../e2e/support/browser.ts';
import { startApp } from '../packages/server/src/app.ts';
import { parseConfig } from '../packages/server/src/config.ts';
import { systemClock } from '../packages/server/src/platform/clock.ts';
import { createLifecycle } from '../packages/server/src/platform/lifecycle.ts';
import { createLogger } from '../packages/server/src/platform/log.ts';
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

interface Said {
  by: Who;
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
  await play(url);
  await photograph(url);
} finally {
  await browser.close();
  await lifecycle.stop('done');
  await rm(dataDir, { recursive: true, force: true });
}

async function play(url: string): Promise<void> {
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
  minutesAgo = 0;
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
  await page.getByRole('link', { name: /Release crew/ }).click();
  await page.getByRole('log').getByText('Perfect. Shall we').waitFor();
  await page.getByRole('textbox', { name: 'Message Release crew' }).blur();
  await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
  const directory = join(import.meta.dirname, '../docs/images');
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, 'screenshot.png') });
}
