/** Profiles seen so far. */
import type { PublicUser } from '@confab/protocol';

interface UsersOptions {
  fetch: (userId: string) => Promise<PublicUser>;
  onChange: () => void;
}

export class Users {
  readonly #options: UsersOptions;
  readonly #known = new Map<string, PublicUser>();
  /** Each is asked for once; one that could not be fetched comes with whatever names it next. */
  readonly #asked = new Set<string>();

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  learn(users: readonly PublicUser[]): void {
    const changed = users.filter((user) => !isSame(user, this.#known.get(user.id)));
    for (const user of changed) this.#known.set(user.id, user);
    if (changed.length > 0) this.#options.onChange();
  }

  /** When it is missing it is fetched, and `onChange` tells when it is there. */
  get(userId: string): PublicUser | undefined {
    const user = this.#known.get(userId);
    if (!user && !this.#asked.has(userId)) {
      this.#asked.add(userId);
      this.#options.fetch(userId).then(
        (fetched) => this.learn([fetched]),
        () => undefined,
      );
    }
    return user;
  }
}

function isSame(a: PublicUser, b: PublicUser | undefined): boolean {
  return b !== undefined && a.name === b.name && a.username === b.username && a.role === b.role;
}
