/** Accessibility of what a page shows, judged by axe. */
/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, Result, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const DESKTOP = { width: 1200, height: 800 };
const PHONE = { width: 390, height: 844 };

const ALL: RunOptions = { resultTypes: ['violations'], preload: false };
const COLOURS: RunOptions = { ...ALL, runOnly: ['color-contrast'] };

/**
 * Expects no violation of serious or critical impact in what the page shows, at the width of a desktop and of a phone, in
 * light and dark colours. It is left at the width of a desktop, in light colours.
 */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page), page.url()).toEqual([]);
}

/** One line for each element with one, with the rule and what axe says of it. */
async function violations(page: Page): Promise<string[]> {
  const found = new Set<string>();
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      const looks = `${viewport.width} px, ${colorScheme}`;
      // Colours alone differ between the schemes.
      const all = await run(page, colorScheme === 'light' ? ALL : COLOURS);
      for (const { id, impact, nodes } of all) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const { target, html, failureSummary } of nodes) {
          found.add(`${id} (${looks}): ${target.join(' ')} ${html.slice(0, 200)} ${failureSummary ?? ''}`);
        }
      }
    }
  }
  return [...found];
}

interface WithAxe {
  axe?: { run: (options: RunOptions) => Promise<AxeResults> };
}

async function run(page: Page, options: RunOptions): Promise<Result[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  return page.evaluate(async (wanted) => {
    // What fades in has its colours when it is there: now. The end of one may begin the next, as of an inherited colour.
    const ending = () =>
      document
        .getAnimations()
        .filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
    for (let moving = ending(); moving.length > 0; moving = ending()) for (const one of moving) one.finish();
    const { axe } = window as WithAxe;
    if (axe === undefined) throw new Error('axe is not there');
    const { violations } = await axe.run(wanted);
    return violations;
  }, options);
}
