import type { Role } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';

/** Which room a thread hangs on. It never changes, so what is once known is known for good. */
export class RoomDirectory {
  readonly #db: Queryable;
  readonly #parents = new Map<string, Promise<string | null>>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  /**
   * The parent of a thread; null for every other room, and for one that does not exist. Callers who ask for the same
   * room are answered in the order in which they asked.
   */
  parentOf(roomId: string): Promise<string | null> {
    const known = this.#parents.get(roomId);
    if (known !== undefined) return known;
    const asked = this.#load(roomId);
    this.#parents.set(roomId, asked);
    // The oldest go first: rooms that are in use come back at once.
    const [oldest] = this.#parents.keys();
    if (this.#parents.size > MAX_KNOWN && oldest !== undefined) this.#parents.delete(oldest);
    return asked;
  }

  /** What every change by `actor` in a room begins with. */
  async inputBy(
    actor: Pick<Actor, 'userId' | 'role'>,
    roomId: string,
  ): Promise<{ roomId: string; parentId: string | null; actorId: string; actorRole: Role }> {
    return { roomId, parentId: await this.parentOf(roomId), actorId: actor.userId, actorRole: actor.role };
  }

  async #load(roomId: string): Promise<string | null> {
    try {
      const { rows } = await this.#db.query<{ parent_room_id: string | null }>(
        { name: 'rooms.parent', text: 'SELECT parent_room_id FROM chat.rooms WHERE room_id = $1' },
        [roomId],
      );
      // A room that is not there yet may be a thread later.
      if (rows[0] === undefined) this.#parents.delete(roomId);
      return rows[0]?.parent_room_id ?? null;
    } catch (error) {
      this.#parents.delete(roomId);
      throw error;
    }
  }
}

const MAX_KNOWN = 100_000;
