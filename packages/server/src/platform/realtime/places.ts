/** What a place is given up with. */
interface Transport {
  readonly readyState: string;
  on(event: 'close', listener: (this: this) => void): unknown;
}

/** How many transports each person holds: a place is theirs until its transport is closed, whatever becomes of its socket. */
export class Places<T extends Transport> {
  readonly #counts = new Map<string, number>();
  readonly #holders = new WeakMap<T, string>();
  readonly #onClose: (this: T) => void;

  constructor() {
    const leave = (transport: T) => this.#leave(transport);
    // One listener for all: there are very many transports.
    this.#onClose = function closed(this: T): void {
      leave(this);
    };
  }

  /** Whether there was a place left; one that is closed by now gets none. */
  take(userId: string, transport: T, max: number): boolean {
    const count = this.#counts.get(userId) ?? 0;
    if (count >= max || transport.readyState === 'closed') return false;
    this.#counts.set(userId, count + 1);
    this.#holders.set(transport, userId);
    transport.on('close', this.#onClose);
    return true;
  }

  #leave(transport: T): void {
    const userId = this.#holders.get(transport);
    if (userId === undefined) return;
    this.#holders.delete(transport);
    const count = (this.#counts.get(userId) ?? 0) - 1;
    if (count > 0) this.#counts.set(userId, count);
    else this.#counts.delete(userId);
  }
}
