/** Straight to the database, for what nobody could do from outside. */
import pg from 'pg';

export async function sql<Row extends object>(
  { databaseUrl }: { databaseUrl: string },
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
