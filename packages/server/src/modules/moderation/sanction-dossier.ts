/** What moderators know of somebody. */
import { isAtLeast, ProtocolError, type RouteOutput } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { DemandLive, Profiles } from '../accounts/index.ts';
import type { ModerationLog } from '../safety/index.ts';
import { presentMine, presentSanction, sanctionsOf } from './sanction-rows.ts';

export interface DossierDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  profiles: Profiles;
  trail: ModerationLog;
  demandLive: DemandLive;
  /** Reports of a person and by them, in cases that the actor may see. */
  countReports(actor: Actor, userId: string): Promise<{ reported: number; reporting: number }>;
}

const MODERATED = `SELECT m.room_id FROM chat.members m JOIN chat.rooms r USING (room_id)
  WHERE m.user_id = $1 AND m.left_at IS NULL AND m.role IN ('owner', 'admin', 'moderator')
    AND r.deleted_at IS NULL AND r.kind IN ('group', 'public', 'language')`;

export class Dossiers {
  readonly #deps: DossierDeps;

  constructor(deps: DossierDeps) {
    this.#deps = deps;
  }

  /**
   * To moderators of the instance everything; to those of rooms what happened there, and no notes. The newest first. Of oneself
   * nobody is told more than anybody is: neither whose decision it was nor what was noted.
   * @throws ProtocolError forbidden to whoever moderates nothing; not_found
   */
  async of(actor: Actor, userId: string): Promise<RouteOutput<'moderatedUser'>> {
    const { db, profiles } = this.#deps;
    const roomIds = isAtLeast(actor.role, 'moderator') ? null : await this.#moderated(actor.userId);
    if (roomIds?.length === 0) throw new ProtocolError('forbidden');
    const [user] = await profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    const isSelf = userId === actor.userId;
    const [rows, notes, counts] = await Promise.all([
      sanctionsOf(db, userId, roomIds),
      roomIds === null && !isSelf ? this.#notes(userId) : [],
      this.#deps.countReports(actor, userId),
    ]);
    const sanctions = rows.map(isSelf ? presentMine : presentSanction);
    const others = [...sanctions.flatMap(({ by }) => by ?? []), ...notes.map(({ by }) => by)];
    return {
      user,
      sanctions,
      notes,
      ...counts,
      users: await profiles.publicUsers([...new Set(others)]),
    };
  }

  /** Notes are neither changed nor removed. @throws ProtocolError not_found */
  async note(actor: Actor, userId: string, body: string): Promise<{ id: string }> {
    const { db, clock, ids, profiles, trail, demandLive } = this.#deps;
    const [user] = await profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    const id = ids.uuid();
    await db.transaction(async (tx) => {
      await demandLive(tx, actor);
      await tx.query('INSERT INTO safety.user_notes VALUES ($1, $2, $3, $4, $5)', [
        id,
        userId,
        actor.userId,
        body,
        new Date(clock.now()),
      ]);
      await trail.record(tx, {
        action: 'member.noted',
        actorId: actor.userId,
        targetId: userId,
        details: { noteId: id },
      });
    });
    return { id };
  }

  async #moderated(userId: string): Promise<string[]> {
    const { rows } = await this.#deps.db.query<{ room_id: string }>(MODERATED, [userId]);
    return rows.map((row) => row.room_id);
  }

  async #notes(userId: string): Promise<{ id: string; by: string; text: string; createdAt: number }[]> {
    const { rows } = await this.#deps.db.query<{ id: string; by: string; text: string; createdAt: number }>(
      `SELECT note_id AS id, written_by AS by, body AS text, created_at AS "createdAt" FROM safety.user_notes
       WHERE user_id = $1 ORDER BY note_id DESC LIMIT 500`,
      [userId],
    );
    return rows;
  }
}
