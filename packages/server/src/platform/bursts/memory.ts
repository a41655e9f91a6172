/** Counts in this process alone. */
import type { Bursts, Counted, Happening } from './index.ts';

/** Times kept in all at most. */
const MAX_TIMES = 200_000;

type Kept = Pick<Happening, 'id' | 'at'>;

/** Of more than it may hold it forgets first what was counted longest ago. */
export function memoryBursts(): Bursts {
  /** The newest of each key, as many as are a burst. */
  const newest = new Map<string, Kept[]>();
  let held = 0;

  function remove(known: Kept[], id: string): boolean {
    const at = known.findIndex((kept) => kept.id === id);
    if (at < 0) return false;
    known.splice(at, 1);
    held -= 1;
    return true;
  }

  function count({ key, id, at, times, seconds }: Happening): Counted {
    const known = newest.get(key) ?? [];
    const isNew = !remove(known, id);
    known.push({ id, at });
    held += 1;
    if (known.length > times) held -= known.splice(0, known.length - times).length;
    newest.delete(key);
    newest.set(key, known);
    for (const [eldest, { length }] of newest) {
      if (held <= MAX_TIMES) break;
      newest.delete(eldest);
      held -= length;
    }
    const [first] = known;
    return { isBurst: known.length === times && first !== undefined && first.at > at - seconds * 1000, isNew };
  }

  // Async, as where another machine is asked.
  return {
    async count(happenings) {
      return happenings.map(count);
    },
    async takeBack(happenings) {
      for (const { key, id } of happenings) {
        const known = newest.get(key);
        if (known !== undefined && remove(known, id) && known.length === 0) newest.delete(key);
      }
    },
  };
}
