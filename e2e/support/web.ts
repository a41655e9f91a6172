/** The web client in browsers, against a real server: for the tests of one file. */
/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { Person } from '../../packages/server/test/person.ts';
import { startServer, type TestServer } from '../../packages/server/test/server.ts';
import { build } from '../../scripts/build.ts';
import { type Account, openTab, sharedBrowser, signUp } from './browser.ts';

/** For what the page does by itself: a limit for tests that hang, not an expectation of speed. */
export const SOON = { timeout: 20_000 };

type TabOptions = Parameters<typeof openTab>[2];

export interface Web {
  readonly server: TestServer;
  /** Where browsers go: the server's own address, or its PUBLIC_URL. */
  readonly url: string;
  /** A tab of its own; the test fails when anything goes wrong in it. */
  readonly tab: (options?: TabOptions) => Promise<Page>;
  /** A new account, made through the form. */
  readonly signedUp: (name: string, options?: TabOptions) => Promise<Page & { account: Account }>;
  /** A tab of someone known to the API, who signed in without the form: it is slow, and has tests of its own. At `path`. */
  readonly signIn: (person: Person, options?: TabOptions, path?: string) => Promise<Page>;
}

/**
 * The server of a test file, started before its tests and stopped after them, and the browser that the files share.
 * @param settings environment variables of the server, asked for before it starts
 */
export function web(settings: () => Promise<Record<string, string>> = () => Promise.resolve({})): Web {
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  let publicUrl: string | undefined;
  beforeAll(async () => {
    if (!build()) throw new Error('the web client does not build');
    const env = await settings();
    publicUrl = env['PUBLIC_URL'];
    [server, browser] = await Promise.all([startServer(env), sharedBrowser()]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const running = () => {
    if (!server || !browser) throw new Error('only while tests run');
    return { server, browser, url: publicUrl ?? server.url };
  };
  const open = async (path: string, options?: TabOptions, prepare?: (context: BrowserContext) => Promise<void>) => {
    const { href } = new URL(path, running().url);
    const { page, problems } = await openTab(running().browser, href, options, prepare);
    onTestFinished(async () => {
      await page.context().close();
      expect(problems).toEqual([]);
    });
    return page;
  };
  const tab: Web['tab'] = (options) => open('/', options);
  return {
    get server() {
      return running().server;
    },
    get url() {
      return running().url;
    },
    tab,
    signedUp: async (name, options) => {
      const page = await open('/signup', options);
      const who = account(name);
      await signUp(page, who);
      return Object.assign(page, { account: who });
    },
    signIn: async (person, options, path = '/') => {
      const page = await open(path, options, async ({ request }) => {
        const data = { email: person.signedIn.user.email, password: 'a good password', transport: 'cookie' };
        const answer = await request.post(`${running().url}/api/auth/signin`, { data });
        expect(answer.status()).toBe(200);
      });
      await page.getByText(`@${person.signedIn.user.username}`, { exact: true }).waitFor();
      return page;
    },
  };
}

const account = (name: string): Account => ({
  name,
  username: `${name.toLowerCase().replaceAll(/[^a-z]/g, '')}${randomUUID().slice(0, 8)}`,
});

export const log = (page: Page) => page.getByRole('log', { name: /^Messages in (?!the thread)/ });
export const shown = (page: Page, body: string) => log(page).getByText(body, { exact: true });
export const roomLink = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(name) });
export const box = (page: Page) => page.getByRole('textbox', { name: /^Message (?!the thread)/ });
export const bodies = (page: Page) => log(page).locator('[data-n] .markdown').allTextContents();
export const top = async (locator: Locator) => (await locator.boundingBox())?.y;

export async function say(page: Page, body: string): Promise<void> {
  await box(page).fill(body);
  await box(page).press('Enter');
}

/** Creates a room with people found by their usernames. */
export async function createRoom(page: Page, name: string, usernames: string[]): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Create a room' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  for (const username of usernames) {
    await dialog.getByRole('combobox').fill(username);
    await dialog.getByRole('option', { name: `@${username}` }).click();
  }
  await dialog.getByRole('button', { name: 'Create room' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** A group of people known to the API. */
export async function group(owner: Person, others: Person[], name = `Room ${randomUUID().slice(0, 8)}`) {
  const { room } = await owner.call('createRoom', { body: { name, memberIds: others.map(({ id }) => id) } });
  return room;
}

/** Opens an item of a message's menu. */
export async function messageMenu(page: Page, body: string, item: string): Promise<void> {
  await shown(page, body).hover();
  await page.getByRole('toolbar').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Opens an item of the open room's menu. */
export async function roomMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Room menu' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}
