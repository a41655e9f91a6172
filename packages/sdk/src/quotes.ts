/** Messages outside the window that are shown all the same: quoted ones, for example. */
import type { Message } from '@confab/protocol';

interface QuotesOptions {
  fetch: (messageId: string) => Promise<Message>;
  onChange: () => void;
}

export class Quotes {
  readonly #options: QuotesOptions;
  #held = new Map<string, Message>();
  #loading = new Map<string, Promise<Message>>();
  /** What was told while messages were on their way, which may be newer. */
  #told = new Map<string, Message>();

  constructor(options: QuotesOptions) {
    this.#options = options;
  }

  get(messageId: string): Message | undefined {
    return this.#held.get(messageId);
  }

  get all(): readonly Message[] {
    return [...this.#held.values()];
  }

  /** Calls while the same message is under way share it. @throws ConfabError not_found */
  load(messageId: string): Promise<Message> {
    const loading = this.#loading.get(messageId) ?? this.#load(messageId);
    this.#loading.set(messageId, loading);
    return loading;
  }

  /** These states of messages came from elsewhere. */
  tell(messages: readonly Message[]): void {
    for (const message of messages) {
      const held = this.#held.get(message.id);
      if (held && message.rev > held.rev) this.#held.set(message.id, message);
      if (this.#loading.has(message.id)) this.#told.set(message.id, message);
    }
  }

  /** What is held may be out of date: it is fetched anew, and let go of where that fails. */
  refresh(): void {
    const ids = [...this.#held.keys()];
    this.clear();
    for (const id of ids) this.load(id).catch(() => undefined);
  }

  clear(): void {
    this.#held = new Map();
    this.#loading = new Map();
    this.#told = new Map();
  }

  async #load(messageId: string): Promise<Message> {
    const [held, loading, allTold] = [this.#held, this.#loading, this.#told];
    try {
      const fetched = await this.#options.fetch(messageId);
      const told = allTold.get(messageId);
      const message = told && told.rev > fetched.rev ? told : fetched;
      held.set(messageId, message);
      if (held === this.#held) this.#options.onChange();
      return message;
    } finally {
      loading.delete(messageId);
      allTold.delete(messageId);
    }
  }
}
