/** SQL of people. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Profile, PublicProfile, PublicUser, Role } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

const PUBLIC = 'u.id, u.username, u.name, u.role';
const PUBLIC_PROFILE = `${PUBLIC}, u.bio, u.languages, u.time_zone as "timeZone", u.avatar, u.seller,
  u.created_at as "createdAt"`;
const PROFILE = `${PUBLIC_PROFILE}, u.email, u.email_verified_at is not null as "emailVerified", u.phone,
  u.guest_until as "guestUntil"`;

/** A profile as it is stored: the number is sealed. */
export type ProfileRow = Omit<Profile, 'phone'> & { phone: Buffer | null };

export interface NewUser {
  id: string;
  username: string;
  name: string;
  role: Role;
  email: string | null;
  emailVerified: boolean;
  passwordHash: string | null;
  guestUntil: number | null;
  createdAt: number;
}

/** False, and nothing is written, when the username is taken: of parallel calls exactly one gets it. */
export async function insertUser(db: Queryable, user: NewUser): Promise<boolean> {
  const at = new Date(user.createdAt);
  const { rows } = await db.query(
    `insert into accounts.users
       (id, email, email_verified_at, username, name, role, password_hash, guest_until, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     on conflict (username) do nothing returning id`,
    [
      user.id,
      user.email,
      user.emailVerified ? at : null,
      user.username,
      user.name,
      user.role,
      user.passwordHash,
      user.guestUntil === null ? null : new Date(user.guestUntil),
      at,
    ],
  );
  return rows.length === 1;
}

export async function profile(db: Queryable, userId: string): Promise<ProfileRow | undefined> {
  const { rows } = await db.query<ProfileRow>(`select ${PROFILE} from accounts.users u where u.id = $1`, [userId]);
  return rows[0];
}

export async function publicProfile(db: Queryable, userId: string): Promise<PublicProfile | undefined> {
  const { rows } = await db.query<PublicProfile>(`select ${PUBLIC_PROFILE} from accounts.users u where u.id = $1`, [
    userId,
  ]);
  return rows[0];
}

export async function publicUsers(db: Queryable, userIds: readonly string[]): Promise<PublicUser[]> {
  const { rows } = await db.query<PublicUser>(
    { name: 'accounts.public_users', text: `select ${PUBLIC} from accounts.users u where id = any($1::uuid[])` },
    [userIds],
  );
  return rows;
}

export async function usersByName(db: Queryable, usernames: readonly string[]): Promise<PublicUser[]> {
  const { rows } = await db.query<PublicUser>(
    { name: 'accounts.users_by_name', text: `select ${PUBLIC} from accounts.users u where username = any($1::text[])` },
    [usernames],
  );
  return rows;
}

export async function officers(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    "select id from accounts.users where role in ('moderator', 'admin', 'owner')",
  );
  return rows.map(({ id }) => id);
}

export async function signedUp(db: Queryable, userIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; at: number }>(
    'select id, created_at as at from accounts.users where id = any($1::uuid[])',
    [userIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Whoever may be meant by an address: whose it is proven to be, or, while it is nobody’s, the first to have claimed it. */
export async function userByEmail(db: Queryable, email: string): Promise<Login | undefined> {
  const { rows } = await db.query<Login>(
    `select ${LOGIN} from accounts.users u where u.email = $1
     order by u.email_verified_at is null, u.created_at, u.id limit 1`,
    [email],
  );
  return rows[0];
}

/** Whose an address is proven to be. */
export async function provenOwner(db: Queryable, email: string): Promise<Login | undefined> {
  const { rows } = await db.query<Login>(
    `select ${LOGIN} from accounts.users u where u.email = $1 and u.email_verified_at is not null`,
    [email],
  );
  return rows[0];
}

/** Of those who only claimed an address the newest account, or the oldest. */
export async function claimant(db: Queryable, email: string, newest: boolean): Promise<Login | undefined> {
  const order = newest ? 'desc' : 'asc';
  const { rows } = await db.query<Login>(
    `select ${LOGIN} from accounts.users u where u.email = $1 and u.email_verified_at is null
     order by u.created_at ${order}, u.id ${order} limit 1`,
    [email],
  );
  return rows[0];
}

export async function userByUsername(db: Queryable, username: string): Promise<Login | undefined> {
  const { rows } = await db.query<Login>(`select ${LOGIN} from accounts.users u where u.username = $1`, [username]);
  return rows[0];
}

export async function loginOf(db: Queryable, userId: string): Promise<Login | undefined> {
  const { rows } = await db.query<Login>(`select ${LOGIN} from accounts.users u where u.id = $1`, [userId]);
  return rows[0];
}

export interface Login {
  id: string;
  username: string;
  email: string | null;
  emailVerified: boolean;
  passwordHash: string | null;
}
const LOGIN = `u.id, u.username, u.email, u.email_verified_at is not null as "emailVerified", u.password_hash as "passwordHash"`;

export async function setPasswordHash(db: Queryable, userId: string, hash: string, at: number): Promise<void> {
  await db.query('update accounts.users set password_hash = $2, updated_at = $3 where id = $1', [
    userId,
    hash,
    new Date(at),
  ]);
}

/** False, and nothing changes, when the hash is not `from` any more. */
export async function replacePasswordHash(
  db: Queryable,
  userId: string,
  from: string | null,
  to: string,
  at: number,
): Promise<boolean> {
  const { rows } = await db.query(
    `update accounts.users set password_hash = $3, updated_at = $4
     where id = $1 and password_hash is not distinct from $2 returning id`,
    [userId, from, to, new Date(at)],
  );
  return rows.length > 0;
}

/** Every way in that was registered, and every number and device; what is written to the address stays. */
export async function dropWaysIn(tx: Queryable, userId: string): Promise<void> {
  await tx.query('update accounts.users set password_hash = null, phone = null, phone_index = null where id = $1', [
    userId,
  ]);
  for (const table of ['passkeys', 'identities', 'totp', 'recovery_codes', 'push_devices', 'challenges']) {
    await tx.query(`delete from accounts.${table} where user_id = $1`, [userId]);
  }
}

/** What decides whether somebody may come in. Locked until the transaction ends: nobody is banned meanwhile. */
export interface Standing {
  role: Role;
  state: 'active' | 'deactivated' | 'disabled' | 'deleted';
  bannedAt: number | null;
  bannedUntil: number | null;
  banReason: string | null;
  guestUntil: number | null;
  hasTotp: boolean;
}

export async function lockStanding(tx: Queryable, userId: string): Promise<Standing | undefined> {
  const { rows } = await tx.query<Standing>(
    `select role, state, banned_at as "bannedAt", banned_until as "bannedUntil", ban_reason as "banReason",
       guest_until as "guestUntil",
       exists (select from accounts.totp t where t.user_id = users.id and t.confirmed_at is not null) as "hasTotp"
     from accounts.users where id = $1 for no key update`,
    [userId],
  );
  return rows[0];
}

/** The ban of somebody who could come in but for it, whether it is over or not; undefined where there is none. */
export async function banOf(
  db: Queryable,
  userId: string,
): Promise<Pick<Standing, 'bannedAt' | 'bannedUntil' | 'banReason'> | undefined> {
  const { rows } = await db.query<Standing>(
    `select banned_at as "bannedAt", banned_until as "bannedUntil", ban_reason as "banReason"
     from accounts.users where id = $1 and state in ('active', 'deactivated') and banned_at is not null`,
    [userId],
  );
  return rows[0];
}

export async function setState(tx: Queryable, userId: string, state: Standing['state'], at: number): Promise<void> {
  await tx.query('update accounts.users set state = $2, updated_at = $3 where id = $1', [userId, state, new Date(at)]);
}

/**
 * One after another, until their transactions end, as far as this address is concerned. Whoever also locks a person does so
 * after this.
 */
export async function lockAddress(tx: Queryable, email: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.email:' || $1, 0))`, [email]);
}

/**
 * The address is this account’s from now on. Others that only claimed it lose it.
 * @returns false when it is proven to be another account’s
 */
export async function proveEmail(tx: Queryable, userId: string, email: string, at: number): Promise<boolean> {
  await lockAddress(tx, email);
  const { rows } = await tx.query(
    'select from accounts.users where email = $1 and email_verified_at is not null and id <> $2',
    [email, userId],
  );
  if (rows.length > 0) return false;
  await tx.query('update accounts.users set email = null where email = $1 and id <> $2', [email, userId]);
  await tx.query('update accounts.users set email = $2, email_verified_at = $3, updated_at = $3 where id = $1', [
    userId,
    email,
    new Date(at),
  ]);
  return true;
}

// ---- search

/** Replaces what `userId` is found by. */
export async function setSearchTerms(db: Queryable, userId: string, terms: readonly string[]): Promise<void> {
  await db.query('delete from accounts.search_terms where user_id = $1', [userId]);
  await db.query('insert into accounts.search_terms (term, user_id) select unnest($2::text[]), $1', [userId, terms]);
}

/** A person that search may find: no guest, who has not left, nor asked not to be found. */
export async function findable(
  db: Queryable,
  userId: string,
): Promise<Pick<PublicUser, 'id' | 'username' | 'name'> | undefined> {
  const { rows } = await db.query<PublicUser>(
    `select id, username, name from accounts.users
     where id = $1 and state = 'active' and role <> 'guest'
       and (settings #>> '{privacy,findable}') is distinct from 'false'`,
    [userId],
  );
  return rows[0];
}

/**
 * Up to `limit` people with a term that begins with `prefix`, those with the alphabetically first term first, and whoever
 * has exactly this username. Reads at most `limit * termsPerUser` index entries, however many people match.
 */
export async function findUsers(
  db: Queryable,
  prefix: string,
  limit: number,
  termsPerUser: number,
): Promise<PublicUser[]> {
  // No LIKE, hence no wildcards: by code points, the prefix and the largest of them bound what begins with it.
  const { rows } = await db.query<PublicUser>(
    `select u.id, u.username, u.name, u.role
     from (
       select user_id, min(term) as term
       from (
         (select term, user_id from accounts.search_terms
          where term >= $1 and term < $1 || U&'\\+10FFFF' order by term, user_id limit $2)
         union all
         select username collate "C", id from accounts.users where username = $1 and role <> 'guest'
       ) as entries
       group by user_id
     ) as found
     join accounts.users u on u.id = found.user_id and u.state = 'active'
     order by found.term, u.id
     limit $3`,
    [prefix, limit * termsPerUser, limit],
  );
  return rows;
}
