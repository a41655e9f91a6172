/** SQL of mobile numbers: sealed, and found by their blind index. Instants are epoch ms. */
import type { Queryable } from '../../platform/db/index.ts';

/** Until the transaction ends, no other one gives a number to anybody: two people may exchange theirs. */
export async function lockPhones(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.phones', 0))`);
}

/** Takes a number away from whoever else has it; resolves to whom that was. */
export async function takePhone(tx: Queryable, index: Buffer, userId: string, at: number): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `update accounts.users set phone = null, phone_index = null, updated_at = $3
     where phone_index = $1 and id <> $2 returning id`,
    [index, userId, new Date(at)],
  );
  return rows[0]?.id;
}

export async function setPhone(
  tx: Queryable,
  userId: string,
  phone: { sealed: Buffer; index: Buffer },
  at: number,
): Promise<void> {
  await tx.query('update accounts.users set phone = $2, phone_index = $3, updated_at = $4 where id = $1', [
    userId,
    phone.sealed,
    phone.index,
    new Date(at),
  ]);
}

/** Whether there was one. */
export async function removePhone(tx: Queryable, userId: string, at: number): Promise<boolean> {
  const { rows } = await tx.query(
    `update accounts.users set phone = null, phone_index = null, updated_at = $2
     where id = $1 and phone is not null returning id`,
    [userId, new Date(at)],
  );
  return rows.length > 0;
}
