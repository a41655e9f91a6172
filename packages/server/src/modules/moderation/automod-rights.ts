import { isAtLeast, ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { accessRoom } from '../rooms/index.ts';

/**
 * Rules of the instance are read by its moderators and changed by its admins, those of a room are for whoever configures
 * moderation there.
 * @throws ProtocolError forbidden, not_found (a room they are not in), room_archived
 */
export async function demandRules(
  db: Queryable,
  actor: Actor,
  roomId: string | null,
  what: 'read' | 'change',
): Promise<void> {
  if (roomId === null) {
    if (!isAtLeast(actor.role, what === 'read' ? 'moderator' : 'admin')) throw new ProtocolError('forbidden');
    return;
  }
  const { room } = await accessRoom(db, actor, roomId, 'configureModeration');
  // What is said in a thread is held against the rules of the room it hangs on.
  if (room.kind === 'thread') throw new ProtocolError('forbidden');
}
