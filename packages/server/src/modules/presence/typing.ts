import type { Actor } from '../../platform/actor.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { accessRoom } from '../rooms/index.ts';
import type { Blocks, Silences } from '../safety/index.ts';

/** Of one person in one room, at most one word in this time is passed on by this node. */
const PASS_EVERY_MS = 2000;

export interface TypingDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  blocks: Blocks;
  silences: Silences;
}

/** That someone is writing. Nothing is stored or numbered, and nothing is repeated. */
export class TypingService {
  readonly #deps: TypingDeps;
  /** When each `<person> <room>` was passed on, the oldest first. */
  readonly #passed = new Map<string, number>();

  constructor(deps: TypingDeps) {
    this.#deps = deps;
  }

  /**
   * Tells the others in the room, except across a block.
   * @throws ProtocolError not_found, forbidden, room_archived, silenced: whoever may not send may not say that they are about to
   */
  async typing(actor: Actor, roomId: string): Promise<void> {
    const { db, bus, clock, silences } = this.#deps;
    await accessRoom(db, actor, roomId, 'send', clock.now());
    await silences.demandVoice(actor.userId);
    if (!this.#mayPass(`${actor.userId} ${roomId}`)) return;
    const except = [actor.userId, ...(await this.#apart(actor.userId, roomId))];
    bus.publish(`room:${roomId}`, { event: 'typing', payload: { roomId, userId: actor.userId }, except });
  }

  #mayPass(key: string): boolean {
    const now = this.#deps.clock.now();
    for (const [old, at] of this.#passed) {
      if (now - at < PASS_EVERY_MS) break;
      this.#passed.delete(old);
    }
    if (this.#passed.has(key)) return false;
    this.#passed.set(key, now);
    return true;
  }

  // Those in the room who block the person, or whom they block.
  async #apart(userId: string, roomId: string): Promise<string[]> {
    const { db, blocks } = this.#deps;
    const [blocked, blockers] = await Promise.all([blocks.blockedBy([userId]), blocks.blockersOf([userId])]);
    const apart = [...(blocked.get(userId) ?? []), ...(blockers.get(userId) ?? [])];
    if (apart.length === 0) return [];
    const { rows } = await db.query<{ user_id: string }>(
      {
        name: 'presence.members_of',
        text: 'SELECT user_id FROM chat.members WHERE room_id = $1 AND user_id = ANY($2::uuid[]) AND left_at IS NULL',
      },
      [roomId, apart],
    );
    return rows.map((row) => row.user_id);
  }
}
