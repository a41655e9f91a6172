/** Tells of each new message of a room once, in order, and fetches those that were never told. */
import type { Message, MessagePage } from '@confab/protocol';

interface AnnouncerOptions {
  /** Messages after number `n`, oldest first. */
  after: (n: number) => Promise<MessagePage>;
  emit: (message: Message) => void;
  /** Without listeners nothing is fetched. */
  heard: () => boolean;
}

// Neither the server's own words nor what nothing is left of.
function isSaid({ kind, deletedAt, hidden }: Message): boolean {
  return kind !== 'system' && deletedAt === null && !hidden;
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  #done: number;
  #newest: number;
  #fetching = false;

  /** Messages after number `from` are new. */
  constructor(from: number, options: AnnouncerOptions) {
    this.#options = options;
    this.#done = from;
    this.#newest = from;
  }

  /** The room has messages up to `newest`, `told` among them. */
  advance(newest: number, told: readonly Message[]): void {
    this.#newest = newest;
    this.#done = Math.min(this.#done, newest);
    this.#emit(told);
    if (this.#done === newest) return;
    if (!this.#options.heard()) this.#done = newest;
    else if (!this.#fetching) void this.#fetch();
  }

  /** Goes on where a fetch failed. */
  resume(): void {
    this.advance(this.#newest, []);
  }

  #emit(messages: readonly Message[]): void {
    for (const message of messages.toSorted((a, b) => a.n - b.n)) {
      if (message.n !== this.#done + 1) continue;
      this.#done = message.n;
      if (isSaid(message)) this.#options.emit(message);
    }
  }

  async #fetch(): Promise<void> {
    this.#fetching = true;
    try {
      while (this.#done < this.#newest) {
        const before = this.#done;
        this.#emit((await this.#options.after(before)).messages);
        if (this.#done === before) break;
      }
    } catch {
      // `resume` is called once the connection is back.
    } finally {
      this.#fetching = false;
    }
  }
}
