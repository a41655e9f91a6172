/** Who is writing in one room: told by events that are never repeated, so each fades by itself. */
import type { Clock } from './clock.ts';

/** ms someone counts as writing after the last word of it. */
const FADES_AFTER = 6000;
/** ms between two words that I am writing. */
const TELL_EVERY = 3000;

interface TypingOptions {
  clock: Clock;
  /** Tells the others once that I am writing. */
  tell: () => void;
  onChange: () => void;
}

const NOBODY: readonly string[] = [];

export class Typing {
  readonly #options: TypingOptions;
  readonly #fading = new Map<string, { cancel(): void }>();
  #users = NOBODY;
  #toldAt = -Infinity;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  get users(): readonly string[] {
    return this.#users;
  }

  /** I am writing. */
  tell(): void {
    const now = this.#options.clock.now();
    if (now - this.#toldAt < TELL_EVERY) return;
    this.#toldAt = now;
    this.#options.tell();
  }

  /** I sent what I was writing: the next keystroke is told at once. */
  sent(): void {
    this.#toldAt = -Infinity;
  }

  /** Someone is writing. */
  receive(userId: string): void {
    this.#fading.get(userId)?.cancel();
    this.#fading.set(
      userId,
      this.#options.clock.setTimeout(() => this.ended(userId), FADES_AFTER),
    );
    if (!this.#users.includes(userId)) this.#show([...this.#users, userId]);
  }

  /** What they were writing has arrived, or they stopped. */
  ended(userId: string): void {
    this.#fading.get(userId)?.cancel();
    if (this.#fading.delete(userId)) this.#show(this.#users.filter((id) => id !== userId));
  }

  clear(): void {
    for (const timer of this.#fading.values()) timer.cancel();
    this.#fading.clear();
    if (this.#users.length > 0) this.#show(NOBODY);
  }

  #show(users: readonly string[]): void {
    this.#users = users;
    this.#options.onChange();
  }
}
