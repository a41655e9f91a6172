/** How much waits for whoever moderates: one poll for all that show it. */
import type { CallOutput } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';

export type Figures = CallOutput<'moderationFigures'>;

export interface Waiting {
  reports: number;
  held: number;
  appeals: number;
  /** Only moderators of the instance have them. */
  figures: Figures | null;
  problem: string | null;
}

const EVERY_MS = 15_000;
/** Events come in bursts; one look after each is enough. */
const PAUSE_MS = 300;
/** What is counted where there are no figures: more than that is "that many or more". */
const COUNTED = 100;
const NOTHING: Waiting = { reports: 0, held: 0, appeals: 0, figures: null, problem: null };

let waiting = NOTHING;
let users = 0;
let stop: (() => void) | null = null;
const listeners = new Set<() => void>();

function set(next: Waiting): void {
  waiting = next;
  for (const listener of listeners) listener();
}

async function look(instance: boolean): Promise<Waiting> {
  if (instance) {
    const figures = await client.call('moderationFigures');
    return { reports: figures.openCases, held: figures.held, appeals: figures.openAppeals, figures, problem: null };
  }
  const query = { limit: String(COUNTED) };
  const [cases, held, appeals] = await Promise.all([
    client.call('cases', { query }),
    client.call('held', { query }),
    client.call('appeals', { query }),
  ]);
  return {
    reports: cases.cases.length,
    held: held.messages.length,
    appeals: appeals.sanctions.length,
    figures: null,
    problem: null,
  };
}

/**
 * Looks when the page becomes visible and when the server tells that something waits; of the instance also every 15 s while
 * the page is visible, as not every figure comes with such news.
 */
function watch(instance: boolean): () => void {
  let over = false;
  let soon: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    if (document.visibilityState !== 'visible') return;
    look(instance).then(
      (next) => over || set(next),
      // What was known stays; it is old, and says so.
      (thrown: unknown) => over || set({ ...waiting, problem: messageOf(thrown) }),
    );
  };
  const refreshSoon = () => {
    clearTimeout(soon);
    soon = setTimeout(refresh, PAUSE_MS);
  };
  const timer = instance ? setInterval(refresh, EVERY_MS) : undefined;
  const stopNews = client.on('moderation', refreshSoon);
  document.addEventListener('visibilitychange', refresh);
  looked = refreshSoon;
  refresh();
  return () => {
    over = true;
    clearTimeout(soon);
    clearInterval(timer);
    stopNews();
    document.removeEventListener('visibilitychange', refresh);
    looked = () => undefined;
    set(NOTHING);
  };
}
let looked: () => void = () => undefined;

/** After something was decided here. */
export const lookAgain = (): void => looked();

/** @param instance whether there are figures for the one who asks; null: nothing is asked for */
export function useWaiting(instance: boolean | null): Waiting {
  useEffect(() => {
    if (instance === null) return undefined;
    users += 1;
    if (users === 1) stop = watch(instance);
    return () => {
      users -= 1;
      if (users === 0) stop?.();
    };
  }, [instance]);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
}

/** What asks for somebody's decision. */
export const totalOf = ({ reports, held, appeals }: Waiting): number => reports + held + appeals;
