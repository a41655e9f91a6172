import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountsWorld, startAccounts } from '../../../test/accounts.ts';

let world: AccountsWorld;
beforeAll(async () => {
  world = await startAccounts();
});
afterAll(() => world.close());

/** A row of the person $1 in each table that refers to people; sign-up made the others. */
const ROWS = {
  challenges: `insert into accounts.challenges (hash, purpose, user_id, data, created_at, expires_at)
    values ('\\x01', 'phone', $1, '\\x01', now(), now() + interval '100 years')`,
  identities: `insert into accounts.identities values ('peer', 'subject', $1, 'Ada', now())`,
  passkeys: `insert into accounts.passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
    values (gen_random_uuid(), $1, 'credential', '\\x01', 0, '{}', 'Key', now())`,
  push_devices: `insert into accounts.push_devices values (gen_random_uuid(), $1, 'fcm', '\\x01', '\\x01', now())`,
  recovery_codes: `insert into accounts.recovery_codes (user_id, hash) values ($1, '\\x01')`,
  search_terms: undefined,
  sessions: undefined,
  totp: `insert into accounts.totp (user_id, secret, confirmed_at) values ($1, '\\x01', now())`,
};

test('of a deleted account nothing is left in any table that refers to people, and nobody else loses anything', async () => {
  const { rows: tables } = await world.db.query<{ name: string }>(
    `select c.conrelid::regclass::text as name from pg_constraint c
     where c.contype = 'f' and c.confrelid = 'accounts.users'::regclass order by name`,
  );
  // A new table belongs into erase.ts, and here.
  expect(tables.map(({ name }) => name)).toEqual(Object.keys(ROWS).map((table) => `accounts.${table}`));
  const caller = world.caller();
  const [left, stays] = [await caller.signUp('leaver'), await caller.signUp('stayer')];
  for (const sql of Object.values(ROWS)) if (sql !== undefined) await world.db.query(sql, [left.user.id]);
  const counted = (userId: string) =>
    Promise.all(
      tables.map(async ({ name }) => {
        const { rows } = await world.db.query(`select from ${name} where user_id = $1`, [userId]);
        return [name, rows.length > 0] as const;
      }),
    );
  expect((await counted(left.user.id)).filter(([, some]) => !some)).toEqual([]);
  const before = await counted(stays.user.id);
  const { status } = await caller.call('deleteAccount', { token: left.accessToken, body: { username: 'leaver' } });
  expect(status).toBe(204);
  expect((await counted(left.user.id)).filter(([, some]) => some)).toEqual([]);
  expect(await counted(stays.user.id)).toEqual(before);
});
