/** Guests do not stay: whoever came into a language room as a guest is out of it again some time after they went away. */
import type { PublicUser } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Committer } from '../rooms/index.ts';
import type { languageRoomChanges } from './changes.ts';

/** How long a guest may be away. */
const AWAY_MS = 10 * 60_000;
/** People looked at in one step. */
const PAGE = 500;

export interface VisitDeps {
  db: Database;
  clock: Clock;
  store: PresenceStore;
  profiles: Profiles;
  committer: Committer;
}

/**
 * Notes which guests in language rooms are away, and takes out those who were so, whenever this looked, for 10 minutes.
 * Who has become a member stays. Idempotent; to be run about once a minute. @throws ProtocolError unavailable
 */
export async function leaveAbsentGuests(
  { db, clock, store, profiles, committer }: VisitDeps,
  { endVisits }: Pick<ReturnType<typeof languageRoomChanges>, 'endVisits'>,
): Promise<void> {
  const there = new Set(await store.everyone());
  await db.query(
    `DELETE FROM chat.lounge_guests g WHERE NOT EXISTS (
       SELECT FROM chat.members m JOIN chat.rooms r USING (room_id)
       WHERE m.room_id = g.room_id AND m.user_id = g.user_id AND m.left_at IS NULL AND r.deleted_at IS NULL)`,
  );
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await db.query<{ user_id: string }>(
      'SELECT DISTINCT user_id FROM chat.lounge_guests WHERE user_id > $1 ORDER BY user_id LIMIT $2',
      [after, PAGE],
    );
    const ids = rows.map((row) => row.user_id);
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last;
    await look(ids);
  }

  async function look(ids: readonly string[]): Promise<void> {
    const users = await profiles.publicUsers(ids);
    const guests = new Map(users.filter(({ role }) => role === 'guest').map((user) => [user.id, user]));
    await db.query('DELETE FROM chat.lounge_guests WHERE user_id = ANY($1::uuid[])', [
      ids.filter((id) => !guests.has(id)),
    ]);
    await db.query(
      `UPDATE chat.lounge_guests g SET away_since = CASE WHEN a.away THEN $3::timestamptz END
       FROM unnest($1::uuid[], $2::bool[]) AS a (user_id, away)
       WHERE g.user_id = a.user_id AND (g.away_since IS NOT NULL) <> a.away`,
      [[...guests.keys()], [...guests.keys()].map((id) => !there.has(id)), new Date(clock.now())],
    );
    const { rows } = await db.query<{ room_id: string; user_id: string }>(
      'SELECT room_id, user_id FROM chat.lounge_guests WHERE user_id = ANY($1::uuid[]) AND away_since <= $2',
      [[...guests.keys()], new Date(clock.now() - AWAY_MS)],
    );
    for (const [roomId, gone] of Map.groupBy(rows, (row) => row.room_id)) {
      const people = gone
        .map((row) => guests.get(row.user_id))
        .filter((user): user is PublicUser => user !== undefined);
      await committer.run(endVisits, { roomId, parentId: null, actorId: null, people });
    }
  }
}
