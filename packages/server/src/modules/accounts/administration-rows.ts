/** SQL of accounts as those see them who run the place. Instants are epoch ms. */
import type { Account, AccountState, Role } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

const ACCOUNT = `u.id, u.username, u.name, u.role, u.email, u.email_verified_at is not null as "emailVerified", u.state,
  u.created_at as "createdAt", (select max(s.last_used_at) from accounts.sessions s where s.user_id = u.id) as "lastUsedAt",
  u.banned_at as "bannedAt", u.banned_until as "bannedUntil", u.ban_reason as "banReason"`;

type Row = Omit<Account, 'ban'> & { bannedAt: number | null; bannedUntil: number | null; banReason: string | null };

export interface AccountFilter {
  /** The beginning of a username or address. */
  q: string | null;
  role: Role | null;
  state: AccountState | null;
  before: string | null;
  limit: number;
}

/** The newest first. A ban that is over is shown for up to an hour. */
export async function accounts(db: Queryable, { q, role, state, before, limit }: AccountFilter): Promise<Account[]> {
  const { rows } = await db.query<Row>(
    `select ${ACCOUNT} from accounts.users u
     where ($1::text is null or starts_with(u.username, $1) or starts_with(u.email, $1))
       and ($2::text is null or u.role = $2) and ($3::text is null or u.state = $3)
       and ($4::uuid is null or u.id < $4)
     order by u.id desc limit $5`,
    [q, role, state, before, limit],
  );
  return rows.map(accountOf);
}

export async function account(db: Queryable, userId: string): Promise<Account | undefined> {
  const { rows } = await db.query<Row>(`select ${ACCOUNT} from accounts.users u where u.id = $1`, [userId]);
  return rows.map(accountOf)[0];
}

function accountOf({ bannedAt, bannedUntil, banReason, ...row }: Row): Account {
  const ban = bannedAt === null ? null : { since: bannedAt, until: bannedUntil, reason: banReason ?? '' };
  return { ...row, ban };
}

export async function setRole(tx: Queryable, userId: string, role: Role, at: number): Promise<void> {
  await tx.query('update accounts.users set role = $2, updated_at = $3 where id = $1', [userId, role, new Date(at)]);
}

/** The role, as it is now, of whoever disabled it last; undefined where nobody did. */
export async function disabledBy(tx: Queryable, userId: string): Promise<Role | undefined> {
  const { rows } = await tx.query<{ role: Role }>(
    `select u.role from accounts.audit_log a join accounts.users u on u.id = a.actor_id
     where a.target_id = $1 and a.action = 'account.disabled' order by a.id desc limit 1`,
    [userId],
  );
  return rows[0]?.role;
}

/** @param ban null ends it */
export async function setBan(
  tx: Queryable,
  userId: string,
  ban: { until: number | null; reason: string } | null,
  at: number,
): Promise<void> {
  await tx.query(
    `update accounts.users set banned_at = $2, banned_until = $3, ban_reason = $4, updated_at = $5 where id = $1`,
    [
      userId,
      ban === null ? null : new Date(at),
      ban === null || ban.until === null ? null : new Date(ban.until),
      ban?.reason ?? null,
      new Date(at),
    ],
  );
}
