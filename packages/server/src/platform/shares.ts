import { ProtocolError } from '@confab/protocol';
import { createGate, type Gate } from './gate.ts';

/** A gate for each person: nobody waits for anybody else’s. What their gate does not take is refused with `too_many_requests`. */
export class Shares {
  readonly #most: number;
  readonly #mostWaiting: number;
  /** Of those who have something under way, and how much that is. */
  readonly #gates = new Map<string, { gate: Gate; uses: number }>();

  /** @param most of one person at once; `mostWaiting` more wait, in order of arrival */
  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws ProtocolError too_many_requests, and what `work` does */
  async run<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const mine = this.#gates.get(userId) ?? { gate: createGate(this.#most, this.#mostWaiting, refusal), uses: 0 };
    this.#gates.set(userId, mine);
    mine.uses += 1;
    try {
      return await mine.gate(work);
    } finally {
      mine.uses -= 1;
      if (mine.uses === 0) this.#gates.delete(userId);
    }
  }
}

function refusal(): ProtocolError {
  return new ProtocolError('too_many_requests', { retryAfter: RETRY_AFTER });
}

/** Seconds. */
const RETRY_AFTER = 5;

/** Answers with many messages in them that are made for one person at once, of a kind: each may be of some hundred thousand characters. */
export const READINGS = 3;
/** Those that wait: more than a client asks for at once that has been away. */
export const WAITING_READINGS = 500;
