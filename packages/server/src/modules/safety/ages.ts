import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ages } from './contracts.ts';

export class AgeService implements Ages {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(deps: { db: Database; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  async confirmed(userId: string): Promise<boolean> {
    return (await this.confirmedAt(userId)) !== null;
  }

  async confirmedAmong(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#db.query<{ user_id: string }>(
      'SELECT user_id FROM safety.age_confirmations WHERE user_id = ANY($1::uuid[])',
      [userIds],
    );
    return new Set(rows.map((row) => row.user_id));
  }

  /** Epoch ms, or null. */
  async confirmedAt(userId: string): Promise<number | null> {
    const { rows } = await this.#db.query<{ confirmed_at: number }>(
      'SELECT confirmed_at FROM safety.age_confirmations WHERE user_id = $1',
      [userId],
    );
    return rows[0]?.confirmed_at ?? null;
  }

  /** Idempotent: the first time counts. */
  async confirm(userId: string): Promise<void> {
    await this.#db.query('INSERT INTO safety.age_confirmations VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      userId,
      new Date(this.#clock.now()),
    ]);
  }
}
