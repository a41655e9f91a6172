/** How listeners are told. */

/** Calls listeners once after any number of changes made in one go. */
export class Signal {
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #told = true;

  get version(): number {
    return this.#version;
  }

  /** Something changed: `version` grows now, listeners are called in the microtask that follows. */
  touch(): void {
    this.#version += 1;
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const fn of this.#listeners) callListener(fn);
    });
  }

  subscribe(fn: () => void): () => void {
    const own = () => fn();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}

/** Named events; listeners are called at once, in the order they came. */
export class Emitter<Events extends { [E in keyof Events]: (...args: never[]) => void }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => void>>();

  on<E extends keyof Events>(event: E, fn: Events[E]): () => void {
    const own = (...args: never[]) => fn(...args);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(own));
    return () => listeners.delete(own);
  }

  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  emit<E extends keyof Events>(event: E, ...args: Parameters<Events[E]>): void {
    for (const fn of this.#listeners.get(event) ?? []) callListener(() => fn(...(args as never[])));
  }
}

// A listener that throws is reported as uncaught, and neither stops the others nor the work that told it.
function callListener(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
