import type { Clock } from './clock.ts';

interface BackoffOptions {
  clock: Clock;
  random: () => number;
  /** ms: the first delay is at most this. */
  base?: number;
  /** ms: no delay is longer. */
  cap?: number;
}

/**
 * Exponential backoff with full jitter: the n-th delay is uniform between 0 and min(cap, base * 2^n), so that clients
 * which lost the same server do not come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;
  #wake: (() => void) | undefined;
  #endsAt: number | undefined;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Epoch ms at which the wait under way ends, unless it is woken before; undefined while there is none. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  /** It worked: the next delay is a first one. */
  reset(): void {
    this.#attempt = 0;
  }

  /** Resolves after the next delay, not before `atLeast` ms, or at once on `wake`. One wait at a time. */
  wait(atLeast = 0): Promise<void> {
    const { clock, random, base = 1000, cap = 30_000 } = this.#options;
    const ceiling = Math.min(cap, base * 2 ** this.#attempt);
    this.#attempt += 1;
    const delay = atLeast + random() * ceiling;
    this.#endsAt = clock.now() + delay;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => this.wake(), delay);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Ends the wait that is under way, if there is one. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    this.#endsAt = undefined;
    wake?.();
  }
}
