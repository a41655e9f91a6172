/** Changes in many rooms, for the sake of something that one person did elsewhere. */

/** Rooms changed for one person at the same time: what others say there and elsewhere waits for no more of them. */
const AT_ONCE = 32;

/** Changes every place, some at a time. @throws what the first of them fails with, and leaves those after it */
export async function someAtATime<T>(places: readonly T[], change: (place: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < places.length; i += AT_ONCE) await Promise.all(places.slice(i, i + AT_ONCE).map(change));
}

/**
 * Of one person one sweep runs at a time, and one waits: however often they change their mind meanwhile, their rooms are
 * changed once more. Each node counts for itself.
 */
export class Sweeps {
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Promise<void>>();

  /**
   * Resolves once a sweep is done that began after this call. Of all who ask before it begins it is the first one's `sweep`:
   * it goes by how things stand then.
   */
  run(userId: string, sweep: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(userId);
    if (waiting !== undefined) return waiting;
    const running = this.#running.get(userId);
    if (running === undefined) return this.#begin(userId, sweep);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(userId);
        return this.#begin(userId, sweep);
      });
    this.#waiting.set(userId, next);
    return next;
  }

  #begin(userId: string, sweep: () => Promise<void>): Promise<void> {
    const running = sweep().finally(() => {
      if (this.#running.get(userId) === running) this.#running.delete(userId);
    });
    this.#running.set(userId, running);
    return running;
  }
}
