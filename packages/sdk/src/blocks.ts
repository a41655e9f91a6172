/** The people I block, as the server says. */
import type { Message, PublicUser } from '@confab/protocol';

interface BlocksOptions {
  fetch: () => Promise<{ userIds: string[]; users: PublicUser[] }>;
  learn: (users: readonly PublicUser[]) => void;
  onChange: () => void;
}

export class Blocks {
  readonly #options: BlocksOptions;
  #userIds: ReadonlySet<string> = new Set();
  #isKnown = false;
  /** Counts what was told: an answer that was under way meanwhile may be older. */
  #told = 0;

  constructor(options: BlocksOptions) {
    this.#options = options;
  }

  /** The same set until it changes. */
  get userIds(): ReadonlySet<string> {
    return this.#userIds;
  }

  /** Whether the server was heard on it. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Changes may have been missed. @throws ConfabError */
  async refresh(): Promise<void> {
    const told = this.#told;
    const { userIds, users } = await this.#options.fetch();
    this.#options.learn(users);
    if (told === this.#told) this.receive(userIds);
  }

  receive(userIds: readonly string[]): void {
    this.#told += 1;
    this.#isKnown = true;
    const before = this.#userIds;
    if (before.size === userIds.length && userIds.every((id) => before.has(id))) return;
    this.#userIds = new Set(userIds);
    this.#options.onChange();
  }
}

/** Whether a message is shown as the server shows it to who blocks `blocked`, as far as can be told without its words. */
export function isShownAsBlocked(message: Message, blocked: ReadonlySet<string>): boolean {
  const { senderId, kind, system, hidden, forwarded, reported } = message;
  const bySender = blocked.has(senderId);
  if (kind === 'system') {
    if (system?.type === 'renamed') return bySender === (system.name === undefined);
    return system?.type !== 'topic' || bySender === (system.topic === undefined);
  }
  if (bySender) return hidden === true && forwarded === undefined && !reported;
  // Hidden from everyone, whomever they block.
  if (reported) return true;
  return (forwarded !== undefined && blocked.has(forwarded.senderId)) === (hidden === true);
}
