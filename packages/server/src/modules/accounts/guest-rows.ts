/** SQL of guests. Instants are epoch ms. */
import type { Queryable } from '../../platform/db/index.ts';
import type { SessionLifetimes } from './sessions.ts';

/**
 * The guest becomes a member; answers the name they have now, undefined (and nothing is written) for whoever is no guest
 * whose time lasts.
 * @throws a unique violation when the username is taken
 */
export async function makeMember(
  tx: Queryable,
  userId: string,
  member: { email: string; username: string; name: string | undefined; passwordHash: string },
  at: number,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `update accounts.users
     set role = 'user', guest_until = null, email = $2, username = $3, name = coalesce($4, name), password_hash = $5,
       updated_at = $6
     where id = $1 and role = 'guest' and guest_until > $6 returning name`,
    [userId, member.email, member.username, member.name ?? null, member.passwordHash, new Date(at)],
  );
  return rows[0]?.name;
}

/** The sessions of somebody who was a guest, and their refresh tokens that are not spent, live as long as those of members. */
export async function extendSessions(
  tx: Queryable,
  userId: string,
  at: number,
  { idle, absolute }: SessionLifetimes,
): Promise<void> {
  await tx.query(
    `with extended as (
       update accounts.sessions
       set ends_at = created_at + make_interval(secs => $3),
         expires_at = least($2::timestamptz + make_interval(secs => $4), created_at + make_interval(secs => $3))
       where user_id = $1 and ended_at is null and expires_at > $2 returning id, expires_at
     )
     update accounts.refresh_tokens t set expires_at = extended.expires_at
     from extended where t.session_id = extended.id and t.spent_at is null`,
    [userId, new Date(at), absolute, idle],
  );
}

export async function expiredGuests(db: Queryable, now: number, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from accounts.users where guest_until <= $1 order by guest_until limit $2',
    [new Date(now), limit],
  );
  return rows.map(({ id }) => id);
}

/** Whether it is a guest whose time is over; nobody else changes that until the transaction ends. */
export async function lockExpiredGuest(tx: Queryable, userId: string, now: number): Promise<boolean> {
  const { rows } = await tx.query('select from accounts.users where id = $1 and guest_until <= $2 for no key update', [
    userId,
    new Date(now),
  ]);
  return rows.length > 0;
}
