/** Counts in this process alone. */
import { ProtocolError } from '@confab/protocol';
import type { Clock } from '../clock.ts';
import type { Limit, Limiter, LimitName, Limits } from './index.ts';

interface Window {
  used: number;
  /** Epoch ms. */
  until: number;
}

/** Holds one small entry for each key used within its window, and forgets them within another one. */
export function memoryLimiter(limits: Limits, clock: Clock): Limiter {
  const counters = new Map(
    Object.entries(limits).flatMap(([name, limit]) =>
      limit === null ? [] : [[name as LimitName, createCounter(limit, clock)] as const],
    ),
  );
  // Async, so that what is thrown rejects.
  return {
    async take(name, key) {
      counters.get(name)?.take(key);
    },
    async giveBack(name, key) {
      counters.get(name)?.giveBack(key);
    },
    async reset(name, key) {
      counters.get(name)?.reset(key);
    },
  };
}

/** The answer to one too many. */
export function tooMany(ms: number): ProtocolError {
  return new ProtocolError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(ms / 1000)) });
}

function createCounter({ count, seconds }: Limit, clock: Clock) {
  const windows = new Map<string, Window>();
  let sweepAt = 0;

  function sweep(now: number): void {
    if (now < sweepAt) return;
    for (const [key, { until }] of windows) if (until <= now) windows.delete(key);
    sweepAt = now + seconds * 1000;
  }

  return {
    take(key: string): void {
      const now = clock.now();
      sweep(now);
      let window = windows.get(key);
      if (window === undefined || window.until <= now) {
        window = { used: 0, until: now + seconds * 1000 };
        windows.set(key, window);
      }
      window.used += 1;
      if (window.used > count) throw tooMany(window.until - now);
    },
    giveBack(key: string): void {
      const window = windows.get(key);
      if (window !== undefined && window.used > 0) window.used -= 1;
    },
    reset: (key: string): void => void windows.delete(key),
  };
}
