import type { Database } from '../../platform/db/index.ts';
import { saveLastSeen } from './statuses.ts';

/** Notes when people were last there: whoever goes while a write is under way goes into the next, in one statement. */
export class LastSeen {
  readonly #db: Database;
  /** Epoch ms, by person. */
  #waiting = new Map<string, number>();
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(db: Database) {
    this.#db = db;
  }

  /** They were there until `at` (epoch ms). Resolves once it is written. */
  note(userIds: readonly string[], at: number): Promise<void> {
    for (const userId of userIds) this.#waiting.set(userId, Math.max(at, this.#waiting.get(userId) ?? at));
    this.#next ??= this.#writing.then(() => this.#write());
    return this.#next;
  }

  /** Resolves once nothing is under way. */
  async written(): Promise<void> {
    await (this.#next ?? this.#writing);
  }

  #write(): Promise<void> {
    const seen = this.#waiting;
    this.#waiting = new Map();
    this.#next = undefined;
    const written = saveLastSeen(this.#db, seen);
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
