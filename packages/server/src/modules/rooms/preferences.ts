/** What people let others see. */
import type { ChatPreferences, PublicUser } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, type Committer, oneByOne } from './committer.ts';
import { emitMember, saveMembers } from './membership.ts';
import { listsMembers } from './rows.ts';
import { someAtATime, Sweeps } from './sweeps.ts';

const DEFAULT_PREFERENCES: ChatPreferences = { shareReads: true, shareLastSeen: true };

/** What those of `userIds` who ever changed them let others see; the others share everything. */
export async function preferencesOf(db: Queryable, userIds: readonly string[]): Promise<Map<string, ChatPreferences>> {
  const { rows } = await db.query<{ user_id: string; share_reads: boolean; share_last_seen: boolean }>(
    { name: 'rooms.preferences', text: 'SELECT * FROM chat.preferences WHERE user_id = ANY($1::uuid[])' },
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, { shareReads: row.share_reads, shareLastSeen: row.share_last_seen }]));
}

/**
 * A numbered change of the member, told to everyone: the others see the read mark from now on, or no longer. By the wish as it
 * is under the room's lock: of two nodes that follow different ones the later wins.
 */
const shareReads = oneByOne('shareReads', async (input: ChangeInput & { user: PublicUser }, tx): Promise<void> => {
  const room = tx.room(input.roomId);
  if (room === undefined) return;
  const { id } = input.user;
  const [member] = await tx.members([{ roomId: room.room_id, userId: id }]);
  const shares = (await preferencesOf(tx.db, [id])).get(id)?.shareReads;
  if (member === undefined || shares === undefined || member.left_at !== null || member.shares_reads === shares) return;
  const changed = { ...member, shares_reads: shares };
  // Where read marks are not shown at all there is nothing to tell.
  if (listsMembers(room)) {
    changed.rev = tx.nextRev(room);
    emitMember(tx, room, changed, input.user);
  }
  await saveMembers(tx, [changed]);
});

export class PreferenceService {
  readonly #deps: { db: Database; bus: Bus; committer: Committer; profiles: Profiles };
  readonly #sweeps = new Sweeps();

  constructor(deps: { db: Database; bus: Bus; committer: Committer; profiles: Profiles }) {
    this.#deps = deps;
  }

  async get(actor: Actor): Promise<ChatPreferences> {
    return (await preferencesOf(this.#deps.db, [actor.userId])).get(actor.userId) ?? DEFAULT_PREFERENCES;
  }

  /**
   * Rooms joined from now on follow the new preferences; resolves once all the others do as they stand then, each by a change
   * of its own, some at a time. A call that failed halfway is completed by calling again.
   */
  async update(actor: Actor, change: { [K in keyof ChatPreferences]?: boolean | undefined }): Promise<ChatPreferences> {
    const { db } = this.#deps;
    const { rows } = await db.query<{ share_reads: boolean; share_last_seen: boolean }>(
      `INSERT INTO chat.preferences AS p VALUES ($1, coalesce($2, true), coalesce($3, true))
       ON CONFLICT (user_id) DO UPDATE
       SET share_reads = coalesce($2, p.share_reads), share_last_seen = coalesce($3, p.share_last_seen)
       RETURNING share_reads, share_last_seen`,
      [actor.userId, change.shareReads ?? null, change.shareLastSeen ?? null],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('preferences that were just stored are missing');
    if (change.shareLastSeen !== undefined) {
      const payload = { userId: actor.userId };
      this.#deps.bus.publish(`presence:${actor.userId}`, { event: 'presence:changed', payload });
    }
    if (change.shareReads !== undefined) await this.#sweeps.run(actor.userId, () => this.#apply(actor.userId));
    return { shareReads: row.share_reads, shareLastSeen: row.share_last_seen };
  }

  async #apply(userId: string): Promise<void> {
    const { db, committer, profiles } = this.#deps;
    const [user] = await profiles.publicUsers([userId]);
    if (user === undefined) return;
    const { rows } = await db.query<{ room_id: string; parent_room_id: string | null }>(
      `SELECT r.room_id, r.parent_room_id FROM chat.members m JOIN chat.rooms r USING (room_id)
       JOIN chat.preferences p ON p.user_id = m.user_id
       WHERE m.user_id = $1 AND m.left_at IS NULL AND m.shares_reads <> p.share_reads AND r.deleted_at IS NULL`,
      [userId],
    );
    await someAtATime(rows, ({ room_id: roomId, parent_room_id: parentId }) =>
      committer.run(shareReads, { roomId, parentId, actorId: null, user }),
    );
  }
}
