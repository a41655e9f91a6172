import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { saveLastSeen } from './statuses.ts';

/** Notes when people were last there: whoever goes while a write is under way goes into the next, in one statement. */
export class LastSeen {
  readonly #db: Database;
  readonly #clock: Clock;
  #waiting = new Set<string>();
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Resolves once it is written. */
  note(userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) this.#waiting.add(userId);
    this.#next ??= this.#writing.then(() => this.#write());
    return this.#next;
  }

  /** Resolves once nothing is under way. */
  async written(): Promise<void> {
    await (this.#next ?? this.#writing);
  }

  #write(): Promise<void> {
    const userIds = [...this.#waiting];
    this.#waiting = new Set();
    this.#next = undefined;
    const written = saveLastSeen(this.#db, userIds, this.#clock.now());
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
