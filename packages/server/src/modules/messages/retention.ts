/** Messages are erased when they are older than the operator lets rooms of a kind keep them. */
import type { RightsKind } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, closeRoom, type Committer, oneByOne } from '../rooms/index.ts';
import type { Blocks, ModerationLog } from '../safety/index.ts';
import { eraseMessages } from './removal.ts';
import type { MessageRow } from './rows.ts';

/** For how many milliseconds rooms of a kind keep messages; a kind that is not named keeps them. */
export type Retention = Partial<Record<RightsKind, number>>;

export interface RetentionDeps {
  db: Database;
  clock: Clock;
  committer: Committer;
  profiles: Profiles;
  blocks: Blocks;
  trail: ModerationLog;
  retention: Retention;
}

/** Messages erased under one lock. */
const BATCH = 50;
/** Messages of one room before it is others' turn. */
const PER_TURN = 1000;
/** Messages of a kind in one run: what is left is for the next. */
const PER_RUN = 10_000;
const ROOMS = 100;
/** Messages of closed rooms removed by one statement. */
const REMOVED = 500;

// Numbers have no gap, so the first that was not looked at yet tells. A room that is younger than that has nothing old.
const OLD = `EXISTS (SELECT FROM chat.messages m
                     WHERE m.room_id = r.room_id AND m.n = r.erased_n + 1 AND coalesce(m.said_at, m.created_at) < $2)`;
// `g` is the room whose kind counts: of a thread the one it hangs on.
const DUE = `SELECT r.room_id AS "roomId", NULL::uuid AS "parentId" FROM chat.rooms r
             WHERE r.kind = $1 AND r.deleted_at IS NULL AND r.created_at < $2 AND ${OLD}
             UNION ALL
             SELECT r.room_id, r.parent_room_id FROM chat.rooms g JOIN chat.rooms r ON r.parent_room_id = g.room_id
             WHERE g.kind = $1 AND g.deleted_at IS NULL AND g.created_at < $2 AND r.deleted_at IS NULL AND ${OLD}
             LIMIT ${ROOMS}`;
const OLDEST = `SELECT m.* FROM chat.rooms r JOIN chat.messages m USING (room_id)
                WHERE r.room_id = $1 AND m.n > r.erased_n ORDER BY m.n LIMIT ${BATCH}`;
// Nobody sees these, so that their places need not stay.
const REMOVE = `DELETE FROM chat.messages WHERE (room_id, n) IN (
                  SELECT m.room_id, m.n FROM chat.rooms r
                  JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
                  JOIN chat.messages m ON m.room_id = r.room_id
                  WHERE r.deleted_at IS NOT NULL AND r.created_at < $2 AND g.kind = $1 AND m.created_at < $2 LIMIT ${REMOVED})
                RETURNING deleted_at IS NULL AND kind <> 'system' AS erased`;
const ENDED = `SELECT room_id AS "roomId" FROM chat.rooms
               WHERE kind = 'match' AND deleted_at IS NULL AND archived_at < $1 LIMIT ${ROOMS}`;
// Threads go before the room they hang on.
const PURGE = `DELETE FROM chat.rooms WHERE room_id = ANY(ARRAY(
                 SELECT r.room_id FROM chat.rooms r
                 JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
                 WHERE r.deleted_at < $1 AND g.kind = 'match'
                   AND NOT EXISTS (SELECT FROM chat.messages m WHERE m.room_id = r.room_id)
                   AND NOT EXISTS (SELECT FROM chat.rooms t WHERE t.parent_room_id = r.room_id)
                 LIMIT ${ROOMS} FOR UPDATE OF r SKIP LOCKED))
               RETURNING 1`;

/**
 * Erases what is too old, pinned or not, in threads too: as a deletion does it, so that places and numbers stay and devices
 * are told. What the room says of itself stays. Of closed rooms the rows go, and of closed matches the rooms as well: nobody
 * is a member who could miss them. Each run is one entry of the trail for each kind.
 */
export function retentionTask(deps: RetentionDeps): Task {
  const { db, clock, committer, trail, retention } = deps;

  const eraseOld = oneByOne('eraseOld', async (input: ChangeInput & { before: number }, tx) => {
    const room = tx.room(input.roomId);
    if (room === undefined) return { passed: 0, erased: 0 };
    const { rows } = await tx.db.query<MessageRow>(OLDEST, [input.roomId]);
    const young = rows.findIndex((row) => (row.said_at ?? row.created_at) >= input.before);
    const old = young === -1 ? rows : rows.slice(0, young);
    const last = old.at(-1);
    if (last === undefined) return { passed: 0, erased: 0 };
    const left = old.filter((row) => row.deleted_at === null && row.kind !== 'system');
    await eraseMessages(tx, room, left, deps);
    await tx.db.query('UPDATE chat.rooms SET erased_n = $2 WHERE room_id = $1', [room.room_id, last.n]);
    return { passed: old.length, erased: left.length };
  });

  async function applyTo(kind: RightsKind, keptMs: number): Promise<void> {
    const before = clock.now() - keptMs;
    const done = { messages: 0, rooms: 0 };
    try {
      await eraseOf(kind, before, done);
      await removeOf(kind, before, done);
      if (kind === 'match') await purgeMatches(before, done);
    } finally {
      // Also of a run that was cut short.
      if (done.messages + done.rooms > 0) {
        await trail.record(db, { action: 'messages.expired', actorId: null, details: { kind, before, ...done } });
      }
    }
  }

  async function eraseOf(kind: RightsKind, before: number, done: { messages: number }): Promise<void> {
    let left = PER_RUN;
    while (left > 0) {
      const { rows } = await db.query<Omit<ChangeInput, 'actorId'>>(DUE, [kind, new Date(before)]);
      // One room after another, and each for a moment: those who write in them wait no longer than for one another.
      for (const room of rows) {
        for (let turn = 0; turn < PER_TURN && left > 0; turn += BATCH) {
          const { passed, erased } = await committer.run(eraseOld, { ...room, actorId: null, before });
          left -= Math.max(passed, 1);
          done.messages += erased;
          if (passed < BATCH) break;
        }
      }
      if (rows.length === 0) return;
    }
  }

  async function removeOf(kind: RightsKind, before: number, done: { messages: number }): Promise<void> {
    for (let left = PER_RUN; left > 0; left -= REMOVED) {
      const { rows } = await db.query<{ erased: boolean }>(REMOVE, [kind, new Date(before)]);
      done.messages += rows.filter(({ erased }) => erased).length;
      if (rows.length < REMOVED) return;
    }
  }

  async function purgeMatches(before: number, done: { rooms: number }): Promise<void> {
    const ended = await db.query<{ roomId: string }>(ENDED, [new Date(before)]);
    for (const { roomId } of ended.rows) await committer.run(closeMatch, { roomId, parentId: null, actorId: null });
    for (let left = PER_RUN; left > 0; left -= ROOMS) {
      const { rows } = await db.query(PURGE, [new Date(before)]);
      done.rooms += rows.length;
      if (rows.length === 0) return;
    }
  }

  return {
    name: 'messages.retention',
    everyMs: 300_000,
    async run() {
      for (const kind of ['match', 'language', 'public', 'group', 'direct'] as const) {
        const keptMs = retention[kind];
        if (keptMs !== undefined) await applyTo(kind, keptMs);
      }
    },
  };
}

/** Whoever still sits in a match that is long over loses it, and is told. */
const closeMatch = oneByOne('closeMatch', async ({ roomId }: ChangeInput, tx): Promise<void> => {
  const room = tx.room(roomId);
  if (room?.kind === 'match' && room.archived_at !== null) await closeRoom(tx, room);
});
