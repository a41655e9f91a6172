/** What this module keeps about a person. No key, no hash and no secret is among it. */
import type { Queryable } from '../../platform/db/index.ts';
import { paged, type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import type { Core } from './core.ts';
import { settingsOf } from './settings.ts';

/** Each one row, or a few of them by nature. */
const FEW: Record<string, string> = {
  identities: 'select provider, subject, name, created_at as "createdAt" from accounts.identities where user_id = $1',
  passkeys: `select name, created_at as "createdAt", last_used_at as "lastUsedAt" from accounts.passkeys
             where user_id = $1 order by created_at`,
  devices: 'select kind, created_at as "createdAt" from accounts.push_devices where user_id = $1 order by created_at',
  'api-tokens': `select t.name, t.scopes, s.created_at as "createdAt", s.last_used_at as "lastUsedAt"
                 from accounts.api_tokens t join accounts.sessions s on s.id = t.session_id
                 where s.user_id = $1 order by s.created_at`,
  'second-factor': `select t.confirmed_at as "since",
                      (select count(*)::int from accounts.recovery_codes c
                       where c.user_id = t.user_id and c.used_at is null) as "recoveryCodesLeft"
                    from accounts.totp t where t.user_id = $1 and t.confirmed_at is not null`,
};

export function accountsPersonalData(core: Core): Pick<PersonalData, 'files'> {
  const { db, people } = core;
  return {
    files: (userId) => [
      { name: 'account/profile.json', rows: () => rowsOf(async () => [await people.profile(userId)]) },
      { name: 'account/settings.json', rows: () => rowsOf(async () => [await settingsOf(db, userId)]) },
      ...Object.entries(FEW).map(([name, sql]) => ({
        name: `account/${name}.jsonl`,
        rows: () => rowsOf(async () => (await db.query<object>(sql, [userId])).rows),
      })),
      {
        name: 'account/sessions.jsonl',
        rows: () => paged<{ id: string }>((last, limit) => sessions(db, userId, last, limit)),
      },
      {
        name: 'account/audit.jsonl',
        rows: () => paged<{ id: string }>((last, limit) => audited(db, userId, last, limit)),
      },
    ],
  };
}

async function sessions(db: Queryable, userId: string, last: { id: string } | undefined, limit: number) {
  const { rows } = await db.query<{ id: string }>(
    `select id, method, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt",
       ended_at as "endedAt", end_reason as "endReason", user_agent as "userAgent", ip
     from accounts.sessions where user_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [userId, last?.id ?? null, limit],
  );
  return rows;
}

/** What they did and what was done to their account; of others who did it, neither who nor where from. */
async function audited(db: Queryable, userId: string, last: { id: string } | undefined, limit: number) {
  const { rows } = await db.query<{ id: string }>(
    `select id, at, action, actor_id = $1 as "byMe", target_id = $1 as "onMe",
       case when actor_id = $1 or actor_id is null then ip end as ip, details
     from (
       (select * from accounts.audit_log where actor_id = $1 and ($2::uuid is null or id > $2) order by id limit $3)
       union
       (select * from accounts.audit_log where target_id = $1 and ($2::uuid is null or id > $2) order by id limit $3)
     ) as entries
     order by id limit $3`,
    [userId, last?.id ?? null, limit],
  );
  return rows;
}
