/** SQL of authenticator apps and recovery codes. Secrets are sealed; instants are epoch ms. */
import type { Queryable } from '../../platform/db/index.ts';

/** Where the sealed secrets of a person belong. */
export function totpPlace(userId: string): string {
  return `totp:${userId}`;
}

/** Begins an enrolment; one begun before no longer counts, a confirmed one stays. */
export async function setPendingTotp(db: Queryable, userId: string, secret: Buffer, at: number): Promise<void> {
  await db.query(
    `insert into accounts.totp (user_id, pending_secret, pending_at) values ($1, $2, $3)
     on conflict (user_id) do update set pending_secret = excluded.pending_secret, pending_at = excluded.pending_at`,
    [userId, secret, new Date(at)],
  );
}

/** @param since begun then or later */
export async function pendingTotp(db: Queryable, userId: string, since: number): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ secret: Buffer | null }>(
    'select pending_secret as secret from accounts.totp where user_id = $1 and pending_at >= $2',
    [userId, new Date(since)],
  );
  return rows[0]?.secret ?? undefined;
}

/** What was begun counts from now on, for codes of steps after `step`. */
export async function confirmTotp(tx: Queryable, userId: string, step: number, at: number): Promise<void> {
  await tx.query(
    `update accounts.totp set secret = pending_secret, confirmed_at = $3, last_step = $2, pending_secret = null,
       pending_at = null
     where user_id = $1`,
    [userId, step, new Date(at)],
  );
}

export async function confirmedTotp(db: Queryable, userId: string): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ secret: Buffer }>(
    'select secret from accounts.totp where user_id = $1 and secret is not null',
    [userId],
  );
  return rows[0]?.secret;
}

/** False when a code of this step or a later one was taken before: of calls at the same time one gets true. */
export async function takeStep(db: Queryable, userId: string, step: number): Promise<boolean> {
  const { rows } = await db.query(
    'update accounts.totp set last_step = $2 where user_id = $1 and last_step < $2 returning user_id',
    [userId, step],
  );
  return rows.length === 1;
}

/** Whether there was a confirmed one. */
export async function deleteTotp(tx: Queryable, userId: string): Promise<boolean> {
  const { rows } = await tx.query<{ confirmed: boolean }>(
    'delete from accounts.totp where user_id = $1 returning secret is not null as confirmed',
    [userId],
  );
  return rows[0]?.confirmed ?? false;
}

/** Those there were stop working. */
export async function replaceRecoveryCodes(tx: Queryable, userId: string, hashes: readonly Buffer[]): Promise<void> {
  await tx.query('delete from accounts.recovery_codes where user_id = $1', [userId]);
  await tx.query('insert into accounts.recovery_codes (user_id, hash) select $1, unnest($2::bytea[])', [
    userId,
    hashes,
  ]);
}

/** False when there is no such code or it was used: of calls at the same time one gets true. */
export async function takeRecoveryCode(db: Queryable, userId: string, hash: Buffer, at: number): Promise<boolean> {
  const { rows } = await db.query(
    `update accounts.recovery_codes set used_at = $3 where user_id = $1 and hash = $2 and used_at is null
     returning user_id`,
    [userId, hash, new Date(at)],
  );
  return rows.length === 1;
}

/** How many are left. */
export async function countRecoveryCodes(db: Queryable, userId: string): Promise<number> {
  const { rows } = await db.query<{ left: number }>(
    'select count(*)::int as left from accounts.recovery_codes where user_id = $1 and used_at is null',
    [userId],
  );
  return rows[0]?.left ?? 0;
}
