/** Counts in this process alone. */
import type { Bursts, Happening } from './index.ts';

/** Times kept in all at most. */
const MAX_TIMES = 200_000;

/** Of more than it may hold it forgets first what was counted longest ago. */
export function memoryBursts(): Bursts {
  /** The newest of each key, as many as are a burst. */
  const newest = new Map<string, number[]>();
  let held = 0;

  function count({ key, at, times, seconds }: Happening): boolean {
    const known = newest.get(key) ?? [];
    const before = known.length;
    known.push(at);
    if (known.length > times) known.splice(0, known.length - times);
    newest.delete(key);
    newest.set(key, known);
    held += known.length - before;
    for (const [eldest, { length }] of newest) {
      if (held <= MAX_TIMES) break;
      newest.delete(eldest);
      held -= length;
    }
    const [first] = known;
    return known.length === times && first !== undefined && first > at - seconds * 1000;
  }

  // Async, as where another machine is asked.
  return {
    async count(happenings) {
      return happenings.map(count);
    },
  };
}
