import type { Clock } from '../../platform/clock.ts';

/** A value that is made anew when it is asked for and the last one is older than `forMs`; once, however many ask. */
export class Kept<T> {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #make: () => Promise<T>;
  #kept: { at: number; value: Promise<T> } | undefined;

  constructor(clock: Clock, forMs: number, make: () => Promise<T>) {
    this.#clock = clock;
    this.#forMs = forMs;
    this.#make = make;
  }

  get(): Promise<T> {
    const now = this.#clock.now();
    if (this.#kept !== undefined && now - this.#kept.at < this.#forMs) return this.#kept.value;
    const kept = { at: now, value: this.#make() };
    this.#kept = kept;
    // What failed is tried again by whoever asks next.
    kept.value.catch(() => {
      if (this.#kept === kept) this.#kept = undefined;
    });
    return kept.value;
  }

  /** What is asked for from here on is made from here on. */
  forget(): void {
    this.#kept = undefined;
  }
}
