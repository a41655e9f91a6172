/**
 * Loads what many ask for at the same time together: what is asked while a query is under way goes into the next. A
 * thousand connections that begin at once cost a few queries.
 */
export class BatchLoader<V> {
  readonly #load: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>;
  readonly #max: number;
  #waiting: { id: string; resolve: (value: V | undefined) => void; reject: (error: unknown) => void }[] = [];
  #running = false;

  /**
   * @param load answers what there is of each of `ids`, which are different
   * @param max how many ids it is given at most
   */
  constructor(load: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>, max: number) {
    this.#load = load;
    this.#max = max;
  }

  /** As of a moment after the call; undefined when there is none. */
  load(id: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, resolve, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // Everyone who asks in this turn of the event loop is in the first one.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#max);
      try {
        const found = await this.#load([...new Set(batch.map(({ id }) => id))]);
        for (const { id, resolve } of batch) resolve(found.get(id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }
}
