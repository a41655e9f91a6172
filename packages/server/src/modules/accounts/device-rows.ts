/** SQL of devices. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Device } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export async function devices(db: Queryable, userId: string): Promise<Device[]> {
  const { rows } = await db.query<Device>(
    `select id, kind, created_at as "createdAt" from accounts.push_devices where user_id = $1 order by created_at, id`,
    [userId],
  );
  return rows;
}

/** The device of this index, where there is one; until the transaction ends no other one claims it. */
export async function claim(
  tx: Queryable,
  index: Buffer,
): Promise<{ id: string; userId: string; createdAt: number } | undefined> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.push:' || encode($1, 'hex'), 0))`, [index]);
  const { rows } = await tx.query<{ id: string; userId: string; createdAt: number }>(
    `select id, user_id as "userId", created_at as "createdAt" from accounts.push_devices
     where target_index = $1 for update`,
    [index],
  );
  return rows[0];
}

export async function count(tx: Queryable, userId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    'select count(*)::int as count from accounts.push_devices where user_id = $1',
    [userId],
  );
  return rows[0]?.count ?? 0;
}

export async function save(
  tx: Queryable,
  device: Device & { userId: string; target: Buffer; index: Buffer },
): Promise<void> {
  await tx.query(
    `insert into accounts.push_devices (id, user_id, kind, target, target_index, created_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update
       set user_id = excluded.user_id, target = excluded.target, created_at = excluded.created_at`,
    [device.id, device.userId, device.kind, device.target, device.index, new Date(device.createdAt)],
  );
}

export async function remove(db: Queryable, userId: string, deviceId: string): Promise<void> {
  await db.query('delete from accounts.push_devices where id = $2 and user_id = $1', [userId, deviceId]);
}
