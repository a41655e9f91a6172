/** Changes to what only a member sees of their own membership. */
import type { MyMembership, NotifyLevel } from '@confab/protocol';
import { type ChangeInput, oneByOne } from './committer.ts';
import { saveMembers } from './membership.ts';
import { presentMe, type MemberRow, type RoomRow } from './rows.ts';
import type { By, RoomTx } from './room-tx.ts';

export function membershipChanges() {
  const update = oneByOne(
    'updateMe',
    async (
      input: ChangeInput &
        By & {
          notify?: NotifyLevel | undefined;
          mutedUntil?: number | null | undefined;
          favourite?: boolean | undefined;
          markedUnread?: boolean | undefined;
        },
      tx,
    ): Promise<MyMembership> => {
      const { room, member } = await tx.enterAsMember(input);
      const changed: MemberRow = {
        ...member,
        notify: input.notify ?? member.notify,
        muted_until: input.mutedUntil === undefined ? member.muted_until : input.mutedUntil,
        favourite: input.favourite ?? member.favourite,
        marked_unread: input.markedUnread ?? member.marked_unread,
      };
      return presentMe(await saveMine(tx, room, member, changed));
    },
  );

  /** Counts anew what awaits a member, after something outside of the room changed what counts for them. */
  const recount = oneByOne('recount', async (input: ChangeInput & { actorId: string }, tx): Promise<void> => {
    const room = tx.room(input.roomId);
    const [member] = await tx.members([{ roomId: input.roomId, userId: input.actorId }]);
    // Who has left meanwhile has nothing to be told.
    if (room === undefined || member === undefined || member.left_at !== null) return;
    await saveMine(tx, room, member, { ...member, mine: member.mine + 1 });
  });
  return { update, recount };
}

/**
 * Writes a private change of a membership under the next `mine`, and tells that person's connections. `numbered`: it is
 * also the room change `row.rev`, of which the others are told apart. Nothing happens when nothing changed.
 */
export async function saveMine(
  tx: RoomTx,
  room: RoomRow,
  before: MemberRow,
  after: MemberRow,
  numbered = false,
): Promise<MemberRow> {
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  const row = { ...after, mine: before.mine + 1 };
  await saveMembers(tx, [row]);
  const { unread, mentions } = await tx.countUnread(room, row);
  tx.emit(`user:${row.user_id}`, {
    event: 'me',
    payload: { roomId: room.room_id, rev: room.rev, numbered, me: presentMe(row), unread, mentions },
  });
  return row;
}
