import type { ChatPreferences } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export const DEFAULT_PREFERENCES: ChatPreferences = { shareReads: true, shareLastSeen: true };

/** What those of `userIds` who ever changed them let others see. */
export async function preferencesOf(db: Queryable, userIds: readonly string[]): Promise<Map<string, ChatPreferences>> {
  const { rows } = await db.query<{ user_id: string; share_reads: boolean; share_last_seen: boolean }>(
    { name: 'rooms.preferences', text: 'SELECT * FROM chat.preferences WHERE user_id = ANY($1::uuid[])' },
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, { shareReads: row.share_reads, shareLastSeen: row.share_last_seen }]));
}
