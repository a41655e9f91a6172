/** SQL of what people show and set. Each function takes the pool or a transaction. */
import type { Profile } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export type Shown = Pick<Profile, 'name' | 'bio' | 'languages' | 'timeZone' | 'avatar' | 'seller'>;

/** What others may see of a person, locked until the transaction ends. */
export async function lockShown(tx: Queryable, userId: string): Promise<Shown | undefined> {
  const { rows } = await tx.query<Shown>(
    `select name, bio, languages, time_zone as "timeZone", avatar, seller from accounts.users
     where id = $1 for no key update`,
    [userId],
  );
  return rows[0];
}

export async function saveShown(tx: Queryable, userId: string, shown: Shown, at: number): Promise<void> {
  const { name, bio, languages, timeZone, avatar, seller } = shown;
  await tx.query(
    `update accounts.users set name = $2, bio = $3, languages = $4, time_zone = $5, avatar = $6, seller = $7,
       updated_at = $8
     where id = $1`,
    [userId, name, bio, languages, timeZone, avatar, seller === null ? null : JSON.stringify(seller), new Date(at)],
  );
}
