/** Changes to what only a member sees of their own membership. */
import type { MyMembership, NotifyLevel } from '@confab/protocol';
import { type ChangeInput, oneByOne } from './committer.ts';
import { saveMembers } from './membership.ts';
import { presentMe, type MemberRow, type RoomRow } from './rows.ts';
import type { By, Reader, RoomTx } from './room-tx.ts';

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
  const recount = oneByOne('recount', async (input: ChangeInput<string>, tx): Promise<void> => {
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
  const [row = after] = await saveEachMine(tx, [{ room, member: { ...after, mine: before.mine } }], numbered);
  return row;
}

/**
 * Writes private changes of present members, each of another one and with the `mine` that it had, as `saveMine` does of
 * one.
 */
export async function saveEachMine(tx: RoomTx, changed: readonly Reader[], numbered = false): Promise<MemberRow[]> {
  const readers = changed.map(({ room, member }) => ({ room, member: { ...member, mine: member.mine + 1 } }));
  const rows = readers.map(({ member }) => member);
  await saveMembers(tx, rows);
  const counts = await tx.countUnread(readers);
  readers.forEach(({ room, member }, i) => {
    const { unread, mentions } = counts[i] ?? { unread: 0, mentions: 0 };
    tx.emit(`user:${member.user_id}`, {
      event: 'me',
      payload: { roomId: room.room_id, rev: room.rev, numbered, me: presentMe(member), unread, mentions },
    });
  });
  return rows;
}
