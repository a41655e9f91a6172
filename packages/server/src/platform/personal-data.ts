/** What a module keeps about people: to be taken along by them, and to be removed with their account. */

/** A file of somebody's archive: one JSON value a line. */
export interface PersonalFile {
  /** Such as `rooms/messages.jsonl`. */
  name: string;
  /** Begun when its turn comes. Reads in small pages and holds nothing between them: it may be left at any row. */
  rows(): AsyncIterable<object>;
}

/** Each module that keeps something about people has one. */
export interface PersonalData {
  files(userId: string): PersonalFile[];
  /** Removes what nobody else needs, after the account is gone. Idempotent: it is called again until it succeeds. */
  erase(userId: string): Promise<void>;
}

const PAGE = 200;

/**
 * All rows, page after page.
 * @param read up to `limit` rows that come after `last` in the order of a key; from the first on when it is undefined
 */
export async function* paged<Row extends object>(
  read: (last: Row | undefined, limit: number) => Promise<Row[]>,
): AsyncGenerator<Row, void, undefined> {
  let last: Row | undefined;
  for (;;) {
    const rows = await read(last, PAGE);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

/** Those of one query that are few by nature. */
export async function* rowsOf<Row extends object>(read: () => Promise<Row[]>): AsyncGenerator<Row, void, undefined> {
  yield* await read();
}
