/** Rows of `chat.statuses`, and what a person looks like to others. */
import type { Presence, PresenceStatus } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Liveness } from '../../platform/presence/index.ts';

export interface StatusRow {
  user_id: string;
  mode: 'auto' | 'dnd' | 'invisible';
  text: string | null;
  emoji: string | null;
  until: number | null;
  last_seen: number | null;
}

/** What is left out stays as it is; null clears. */
export interface StatusChange {
  status?: StatusRow['mode'] | undefined;
  text?: string | null | undefined;
  emoji?: string | null | undefined;
  until?: number | null | undefined;
}

export async function statusesOf(db: Queryable, userIds: readonly string[]): Promise<Map<string, StatusRow>> {
  const { rows } = await db.query<StatusRow>(
    { name: 'presence.statuses', text: 'SELECT * FROM chat.statuses WHERE user_id = ANY($1::uuid[])' },
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, row]));
}

/**
 * Another text or emoji lasts until it is changed, unless `until` comes with it. Whoever turns invisible was last seen at
 * that moment.
 */
export async function saveStatus(db: Queryable, userId: string, change: StatusChange, now: number): Promise<void> {
  const { status, text, emoji, until } = change;
  const endsAnew = until !== undefined || text !== undefined || emoji !== undefined;
  await db.query(
    `INSERT INTO chat.statuses AS s (user_id, mode, text, emoji, until, last_seen)
     VALUES ($1, coalesce($2, 'auto'), $4, $6, $8, CASE $2 WHEN 'invisible' THEN $9::timestamptz END)
     ON CONFLICT (user_id) DO UPDATE SET
       mode = coalesce($2, s.mode),
       text = CASE WHEN $3 THEN $4 ELSE s.text END,
       emoji = CASE WHEN $5 THEN $6 ELSE s.emoji END,
       until = CASE WHEN $7 THEN $8 ELSE s.until END,
       last_seen = CASE WHEN $2 = 'invisible' AND s.mode <> 'invisible' THEN $9 ELSE s.last_seen END`,
    [
      userId,
      status ?? null,
      text !== undefined,
      text === '' ? null : (text ?? null),
      emoji !== undefined,
      emoji ?? null,
      endsAnew,
      until === undefined || until === null ? null : new Date(until),
      new Date(now),
    ],
  );
}

/** When people were last there (epoch ms), unless that is known to be later. Of the invisible nothing is noted. */
export async function saveLastSeen(db: Queryable, seen: ReadonlyMap<string, number>): Promise<void> {
  // In order of id: two nodes that note the same people cannot wait for each other.
  await db.query(
    {
      name: 'presence.last_seen',
      text: `INSERT INTO chat.statuses AS s (user_id, last_seen)
             SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS seen (id, at) ORDER BY id
             ON CONFLICT (user_id) DO UPDATE SET last_seen = greatest(s.last_seen, excluded.last_seen)
             WHERE s.mode <> 'invisible'`,
    },
    [[...seen.keys()], [...seen.values()].map((at) => new Date(at))],
  );
}

/** How a person appears at `now` (epoch ms) to those who may see them. */
export function present(
  userId: string,
  liveness: Liveness | undefined,
  row: StatusRow | undefined,
  sharesLastSeen: boolean,
  now: number,
): Presence {
  const status = statusOf(liveness, row?.mode ?? 'auto');
  const ended = row === undefined || (row.until !== null && row.until <= now);
  return {
    userId,
    status,
    text: ended ? null : row.text,
    emoji: ended ? null : row.emoji,
    until: ended ? null : row.until,
    lastSeen: status === 'offline' && sharesLastSeen ? (row?.last_seen ?? null) : null,
  };
}

/** How a person appears to those whom they block, and to those who block them. */
export function unseen(userId: string): Presence {
  return { userId, status: 'offline', text: null, emoji: null, until: null, lastSeen: null };
}

function statusOf(liveness: Liveness | undefined, mode: StatusRow['mode']): PresenceStatus {
  if (liveness === undefined || mode === 'invisible') return 'offline';
  if (mode === 'dnd') return 'dnd';
  return liveness === 'active' ? 'online' : 'away';
}
