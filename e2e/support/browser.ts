/** Browsers for tests: the system's Chromium, and pages that tell what went wrong in them. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/peers.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let ofProcess: Promise<Browser> | undefined;

/** The one browser of this process, launched at the first call. It ends with the process. */
export function sharedBrowser(): Promise<Browser> {
  return (ofProcess ??= launchBrowser());
}

/** Close it when done. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: FLAGS });
}

export interface Tab {
  page: Page;
  /** Errors thrown in the page, and what its Content-Security-Policy refused, so far. */
  problems: readonly string[];
}

/**
 * A page of a browser profile of its own, at `url`.
 * @param prepare what the profile does before the page is opened
 */
export async function openTab(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  prepare?: (context: BrowserContext) => Promise<void>,
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB', ...options });
  const problems: string[] = [];
  await context.exposeFunction('reportProblem', (problem: string) => void problems.push(problem));
  await context.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) =>
      reportProblem('refused by ' + event.effectiveDirective + ': ' + event.blockedURI));
  `);
  await prepare?.(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  lookOften(page);
  await page.goto(url);
  return { page, problems };
}

interface Internals {
  _connection?: { toImpl?(frame: object): Retrying };
}

interface Retrying {
  retryWithProgressAndBackoff?: (progress: unknown, action: unknown) => unknown;
  retryWithProgressAndTimeouts?(progress: unknown, timeouts: number[], action: unknown): unknown;
}

/**
 * Playwright looks again for what is not there yet after half a second at last; here after 50 ms. It has no option for
 * that, so a method of its own is told to. A version without that method takes longer, and is right as well.
 */
function lookOften(page: Page): void {
  const internals: Internals = page.mainFrame() as object;
  const frame = internals._connection?.toImpl?.(page.mainFrame());
  if (!frame?.retryWithProgressAndBackoff || !frame.retryWithProgressAndTimeouts) return;
  frame.retryWithProgressAndBackoff = (progress, action) =>
    frame.retryWithProgressAndTimeouts?.(progress, [20, 50], action);
}

export interface Account {
  name: string;
  username: string;
}

/** Creates an account through the form, which is open; resolves when the person is in the app, and connected. */
export async function signUp(page: Page, { name, username }: Account): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Email').fill(`${username}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill('a good password');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText(`@${username}`, { exact: true }).waitFor();
}
