/** What modules see of PostgreSQL. `database.ts` implements it with `pg`. */

/** Something to ask: the pool, or one connection inside a transaction. `int8` arrives as number, `timestamptz` as epoch ms. */
export interface Queryable {
  /** With `name` the statement is prepared once per connection and reused. */
  query<Row>(sql: string | { name: string; text: string }, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
}

export interface Database extends Queryable {
  /**
   * Runs `fn` on one connection between BEGIN and COMMIT; whatever it throws rolls back and is thrown on. With
   * `snapshot`, read only and REPEATABLE READ: every query sees the same instant.
   */
  transaction<T>(fn: (tx: Queryable) => Promise<T>, mode?: 'snapshot'): Promise<T>;
}
