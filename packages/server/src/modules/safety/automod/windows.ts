/** Numbers kept in all at most. */
const MAX_TIMES = 200_000;

/**
 * Counts what happens by key within a time, in the memory of this node: several nodes count apart. Of more than it may
 * hold it forgets first what was counted longest ago.
 */
export class Windows {
  readonly #times = new Map<string, number[]>();
  #held = 0;

  /**
   * Counts one more at `now` (epoch ms).
   * @param enough counting further makes no difference
   * @returns how many there were within the last `ms`, this one included
   */
  count(key: string, now: number, ms: number, enough: number): number {
    const before = this.#times.get(key) ?? [];
    const times = before.filter((time) => time > now - ms);
    times.push(now);
    if (times.length > enough) times.shift();
    this.#times.delete(key);
    this.#times.set(key, times);
    this.#held += times.length - before.length;
    for (const [oldest, { length }] of this.#times) {
      if (this.#held <= MAX_TIMES) break;
      this.#times.delete(oldest);
      this.#held -= length;
    }
    return times.length;
  }
}
