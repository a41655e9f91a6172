/** SQL of what people show and set. Each function takes the pool or a transaction. */
import type { DirectFrom, Profile, Settings } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export type Shown = Pick<Profile, 'name' | 'bio' | 'languages' | 'timeZone' | 'avatar' | 'seller'>;

/** What others may see of a person who has not left for good, locked until the transaction ends. */
export async function lockShown(tx: Queryable, userId: string): Promise<Shown | undefined> {
  const { rows } = await tx.query<Shown>(
    `select name, bio, languages, time_zone as "timeZone", avatar, seller from accounts.users
     where id = $1 and state <> 'deleted' for no key update`,
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

/** Of the settings, those that a person made. */
export type Chosen = { [K in keyof Settings]?: Partial<Settings[K]> };

/** @param lock until the transaction ends; then undefined also for whoever has left for good */
export async function chosen(db: Queryable, userId: string, lock?: 'lock'): Promise<Chosen | undefined> {
  const { rows } = await db.query<{ settings: Chosen }>(
    `select settings from accounts.users
     where id = $1 ${lock === undefined ? '' : `and state <> 'deleted' for no key update`}`,
    [userId],
  );
  return rows[0]?.settings;
}

export async function saveChosen(tx: Queryable, userId: string, settings: Chosen, at: number): Promise<void> {
  await tx.query('update accounts.users set settings = $2, updated_at = $3 where id = $1', [
    userId,
    JSON.stringify(settings),
    new Date(at),
  ]);
}

/** Those of `userIds` whose account is open, with who may begin a direct conversation with them. */
export async function reachable(db: Queryable, userIds: readonly string[]): Promise<Map<string, DirectFrom>> {
  const { rows } = await db.query<{ id: string; directFrom: DirectFrom }>(
    {
      name: 'accounts.reachable',
      text: `select id, coalesce(settings #>> '{privacy,directFrom}', 'everyone') as "directFrom"
             from accounts.users where id = any($1::uuid[]) and state in ('active', 'deactivated')`,
    },
    [userIds],
  );
  return new Map(rows.map((row) => [row.id, row.directFrom]));
}

/** Those of `userIds` who can do something at `now` (epoch ms). */
export async function able(db: Queryable, userIds: readonly string[], now: number): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select id from accounts.users where id = any($1::uuid[])
       and state = 'active' and (banned_at is null or banned_until <= $2)`,
    [userIds, new Date(now)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Those of `userIds` who are banned at `now` (epoch ms) or disabled. */
export async function shutOut(
  db: Queryable,
  userIds: readonly string[],
  now: number,
): Promise<Map<string, 'account_banned' | 'account_disabled'>> {
  const { rows } = await db.query<{ id: string; why: 'account_banned' | 'account_disabled' }>(
    `select id, case state when 'disabled' then 'account_disabled' else 'account_banned' end as why
     from accounts.users where id = any($1::uuid[])
       and (state = 'disabled' or (banned_at is not null and (banned_until is null or banned_until > $2)))`,
    [userIds, new Date(now)],
  );
  return new Map(rows.map(({ id, why }) => [id, why]));
}
