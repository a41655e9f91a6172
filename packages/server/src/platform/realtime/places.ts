/** What a place is given up with. */
interface Transport {
  readonly readyState: string;
  on(event: 'close', listener: (this: this) => void): unknown;
  off(event: 'close', listener: (this: this) => void): unknown;
}

/**
 * How many transports each holder has, a person or an address: a place is theirs until it is given up or its transport is
 * closed, whatever becomes of its socket.
 */
export class Places<T extends Transport> {
  readonly #max: number;
  readonly #counts = new Map<string, number>();
  readonly #holders = new WeakMap<T, string>();
  readonly #onClose: (this: T) => void;

  constructor(max: number) {
    this.#max = max;
    const leave = (transport: T) => this.leave(transport);
    // One listener for all: there are very many transports.
    this.#onClose = function closed(this: T): void {
      leave(this);
    };
  }

  /** Whether there is none left. */
  isFull(holder: string): boolean {
    return (this.#counts.get(holder) ?? 0) >= this.#max;
  }

  /** Whether there was a place left; one that is closed by now gets none. */
  take(holder: string, transport: T): boolean {
    if (this.isFull(holder) || transport.readyState === 'closed') return false;
    this.#counts.set(holder, (this.#counts.get(holder) ?? 0) + 1);
    this.#holders.set(transport, holder);
    transport.on('close', this.#onClose);
    return true;
  }

  /** Gives its place up, and leaves nothing at the transport; nothing where it has none. */
  leave(transport: T): void {
    const holder = this.#holders.get(transport);
    if (holder === undefined) return;
    this.#holders.delete(transport);
    transport.off('close', this.#onClose);
    const count = (this.#counts.get(holder) ?? 0) - 1;
    if (count > 0) this.#counts.set(holder, count);
    else this.#counts.delete(holder);
  }
}
