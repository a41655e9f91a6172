/** An installation is never without somebody who may do everything. */
import { ProtocolError } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

/** Whoever takes owners away does so one after another. Before any row is locked, so that none waits for the other. */
export async function lockOwners(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.owners', 0))`);
}

/** Whether there is one, in whatever state. After `lockOwners`. */
export async function hasOwner(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query(`select from accounts.users where role = 'owner' limit 1`);
  return rows.length > 0;
}

/**
 * Asked in the transaction that takes an owner away (by role, state or ban), before it locks or changes their row, or
 * after `lockOwners`: two owners cannot leave at once and each take the other for the one who stays. Whoever is no owner
 * may always go.
 * @throws ProtocolError last_owner when nobody but `userId` is owner and can come in
 */
export async function demandOtherOwner(tx: Queryable, userId: string): Promise<void> {
  await lockOwners(tx);
  const { rows } = await tx.query(
    `select from accounts.users u
     where u.id = $1 and u.role = 'owner' and not exists (
       select from accounts.users o
       where o.role = 'owner' and o.id <> u.id and o.state = 'active' and o.banned_at is null
     )`,
    [userId],
  );
  if (rows.length > 0) throw new ProtocolError('last_owner');
}
