/** Sends the read marks of one room. */
import { toConfabError, type ConfabError } from './error.ts';

interface ReadMarksOptions {
  send: (n: number) => Promise<unknown>;
  /** Whether attempts make sense now. */
  ready: () => boolean;
  onError: (error: ConfabError) => void;
}

/** Marks made while one is on its way, or while offline, go out together afterwards. */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  #target = 0;
  #sent = 0;
  #sending = false;

  constructor(options: ReadMarksOptions) {
    this.#options = options;
  }

  /** `again`: also when it was sent before, because reading has another effect now. */
  mark(n: number, again = false): void {
    if (n <= this.#target && !again) return;
    this.#target = Math.max(n, this.#target);
    if (again) this.#sent = Math.min(this.#sent, this.#target - 1);
    void this.flush();
  }

  /** Goes on: the connection is back. */
  async flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#target > this.#sent && this.#options.ready()) {
      const n = this.#target;
      try {
        await this.#options.send(n);
        this.#sent = n;
      } catch (thrown) {
        const error = toConfabError(thrown);
        // What can be tried again is tried with the next mark, or when the connection is back.
        if (error.retryable) break;
        this.#sent = n;
        this.#options.onError(error);
      }
    }
    this.#sending = false;
  }
}
