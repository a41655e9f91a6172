/** Loads pages of a room's history into its window. */
import type { ClientEventInput, Message, MessagePage } from '@confab/protocol';
import { mergePage } from './reducer.ts';
import type { Replica } from './replica.ts';
import type { RoomState } from './types.ts';

/** At most one of them. `date` is in epoch ms. */
export type Where = Pick<ClientEventInput<'message:history'>, 'before' | 'after' | 'around'> & { date?: number };

export class History {
  readonly #replica: Replica;
  readonly #fetch: (where: Where) => Promise<MessagePage>;
  #older: Promise<void> | undefined;
  #newer: Promise<void> | undefined;
  /** Pages that were asked for before the window was replaced are not put into it. */
  #epoch = 0;
  #underWay = 0;
  /** A page on its way may be older than what is told meanwhile. */
  #told = new Map<string, Message>();

  constructor(replica: Replica, fetch: (where: Where) => Promise<MessagePage>) {
    this.#replica = replica;
    this.#fetch = fetch;
  }

  /** The window was replaced by a fresh one. */
  reset(): void {
    this.#epoch += 1;
  }

  /** These states of messages came from elsewhere. */
  tell(messages: readonly Message[]): void {
    if (this.#underWay === 0) return;
    for (const message of messages) this.#told.set(message.id, message);
  }

  loadOlder(): Promise<void> {
    const state = this.#replica.state;
    if (!state?.hasMoreBefore) return Promise.resolve();
    this.#older ??= this.#load({ before: state.messages[0]?.n ?? 0 })
      .then(() => undefined)
      .finally(() => {
        this.#older = undefined;
      });
    return this.#older;
  }

  loadNewer(): Promise<void> {
    const state = this.#replica.state;
    if (!state?.hasMoreAfter) return Promise.resolve();
    this.#newer ??= this.#load({ after: state.messages.at(-1)?.n ?? 0 })
      .then(() => undefined)
      .finally(() => {
        this.#newer = undefined;
      });
    return this.#newer;
  }

  jumpTo(n: number): Promise<void> {
    const state = this.#replica.state;
    if (!state || holds(state, n)) return Promise.resolve();
    this.#epoch += 1;
    return this.#load({ around: n }).then(() => undefined);
  }

  /** Answers the number of the first message sent at `ms` or later, or of the newest; null in an empty room. */
  async jumpToDate(ms: number): Promise<number | null> {
    this.#epoch += 1;
    const messages = await this.#load({ date: ms });
    return (messages.find((message) => message.createdAt >= ms) ?? messages.at(-1))?.n ?? null;
  }

  async #load(where: Where): Promise<readonly Message[]> {
    const epoch = this.#epoch;
    this.#underWay += 1;
    try {
      const page = await this.#fetch(where);
      if (epoch === this.#epoch) this.#replica.update((state) => mergePage(state, page, this.#told.values()));
      return page.messages;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#told.clear();
    }
  }
}

function holds(state: RoomState, n: number): boolean {
  const [first, last] = [state.messages[0], state.messages.at(-1)];
  return first !== undefined && last !== undefined && first.n <= n && n <= last.n;
}
