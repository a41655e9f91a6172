/** What moderators set in a room: slow mode, lock, read-only, whose messages wait for approval. */
import { type HoldFor, ProtocolError, type Room } from '@confab/protocol';
import type { RestHandlers } from '../../platform/http/index.ts';
import type { ModerationLog } from '../safety/index.ts';
import { emitRoom } from './changes.ts';
import { type ChangeInput, type ChangeKind, type Committer, oneByOne } from './committer.ts';
import type { RoomDirectory } from './directory.ts';
import { demand } from './policy.ts';
import type { By } from './room-tx.ts';
import { presentRoom } from './rows.ts';

interface Settings {
  slowMode?: number | undefined;
  locked?: boolean | undefined;
  raid?: false | undefined;
  readOnly?: boolean | undefined;
  hold?: readonly HoldFor[] | undefined;
}

/** All of it or nothing. What is as it was already changes nothing, and is not recorded. */
function moderateKind(trail: ModerationLog): ChangeKind<ChangeInput & By & { settings: Settings }, Room> {
  return oneByOne('moderateRoom', async ({ settings, ...by }, tx) => {
    const { room, seat } = await tx.enter(by);
    // A thread is under the rules of the room it hangs on.
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    demand('moderate', seat);
    const { slowMode, locked, raid, readOnly, hold } = settings;
    if (readOnly !== undefined || hold !== undefined) demand('configureModeration', seat);
    const before = presentRoom(room).moderation;
    if (slowMode !== undefined) room.slow_mode = slowMode;
    if (locked !== undefined && locked !== (room.locked_at !== null)) room.locked_at = locked ? tx.now : null;
    if (raid === false) room.raid_until = null;
    if (readOnly !== undefined) room.read_only = readOnly;
    if (hold !== undefined) room.hold = [...new Set(hold)].toSorted();
    const after = presentRoom(room).moderation;
    if (JSON.stringify(before) === JSON.stringify(after)) return presentRoom(room);
    await tx.saveModeration(room);
    await trail.record(tx.db, {
      action: 'room.moderated',
      actorId: by.actorId,
      roomId: room.room_id,
      details: { before, after },
    });
    return emitRoom(tx, room);
  });
}

export function roomModerationRoutes(deps: {
  committer: Committer;
  directory: RoomDirectory;
  trail: ModerationLog;
}): RestHandlers<'moderateRoom'> {
  const moderate = moderateKind(deps.trail);
  return {
    async moderateRoom({ actor, params, body }) {
      const by = await deps.directory.inputBy(actor, params.roomId);
      return deps.committer.run(moderate, { ...by, settings: body });
    },
  };
}
