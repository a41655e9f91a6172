import { ProtocolError } from '@confab/protocol';

/**
 * So much of one person's is under way at once; so much more waits its turn, in order, and nobody else for it. The rest is
 * refused with `too_many_requests`.
 */
export class Shares {
  readonly #most: number;
  readonly #mostWaiting: number;
  /** What waits, by person; of whom nothing is under way there is none. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #running = new Map<string, number>();

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws ProtocolError too_many_requests, and what `work` does */
  async run<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(userId) ?? 0;
    if (running < this.#most) this.#running.set(userId, running + 1);
    else {
      const waiting = this.#waiting.get(userId) ?? [];
      if (waiting.length >= this.#mostWaiting)
        throw new ProtocolError('too_many_requests', { retryAfter: RETRY_AFTER });
      this.#waiting.set(userId, waiting);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      this.#end(userId);
    }
  }

  // A place is handed on, so that nobody overtakes those who wait.
  #end(userId: string): void {
    const waiting = this.#waiting.get(userId) ?? [];
    const next = waiting.shift();
    if (waiting.length === 0) this.#waiting.delete(userId);
    if (next !== undefined) return next();
    const running = (this.#running.get(userId) ?? 0) - 1;
    if (running > 0) this.#running.set(userId, running);
    else this.#running.delete(userId);
  }
}

/** Seconds. */
const RETRY_AFTER = 5;

/** Answers with many messages in them that are made for one person at once, of a kind: each may be of some hundred thousand characters. */
export const READINGS = 3;
/** Those that wait: more than a client asks for at once that has been away. */
export const WAITING_READINGS = 500;
