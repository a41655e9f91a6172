/** Edit, delete and read, as the committer runs them. */
import { type Message, ProtocolError } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, type ChangeKind, demand, may, oneByOne, saveMine, showsReadMark } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import type { OnMessage } from './on-message.ts';
import { findMentions, saveMentions } from './mentions.ts';
import { presentMessage, withPart } from './rows.ts';
import { indexChanged } from './search-index.ts';
import { findMessage } from './store.ts';

/** Replaces the body of one's own message and keeps the old one for moderators. The same body again changes nothing. */
export function editKind(deps: {
  profiles: Profiles;
  blocks: Blocks;
}): ChangeKind<OnMessage & { body: string }, Message> {
  return oneByOne('edit', async (input, tx) => {
    const { room, seat } = await tx.enter(input.roomId, input.actorId);
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.sender_id !== input.actorId || row.kind === 'system' || row.kind === 'poll')
      throw new ProtocolError('forbidden');
    demand('editOwnMessage', seat);
    if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
    if (row.body === input.body) return presentMessage(row);
    const found = findMentions(input.body);
    const named = found.usernames.length === 0 ? [] : await deps.profiles.usersByName(found.usernames);
    const governing = room.parent_room_id ?? room.room_id;
    const members = await tx.members(named.map((user) => ({ roomId: governing, userId: user.id })));
    const userIds = members
      .filter((member) => member.left_at === null && member.user_id !== input.actorId)
      .map((member) => member.user_id);
    const everyone = may('mentionEveryone', seat) ? found.everyone : null;
    const mentions = userIds.length > 0 || everyone !== null ? { userIds, everyone } : undefined;
    const change = { body: input.body, edited_at: tx.now, parts: withPart(row.parts, 'mentions', mentions) };
    const message = await changeMessage(tx, room, row, change, deps);
    await tx.db.query('INSERT INTO chat.message_edits (room_id, n, rev, body, until) VALUES ($1, $2, $3, $4, $5)', [
      row.room_id,
      row.n,
      message.rev,
      row.body,
      new Date(tx.now),
    ]);
    const changed = { ...row, ...change, rev: message.rev };
    await saveMentions(tx, [changed], true);
    await indexChanged(tx, changed);
    return message;
  });
}

/** Erases everything but the message's place, for everyone. Deleting again changes nothing. */
export function deleteKind(deps: { profiles: Profiles; blocks: Blocks }): ChangeKind<OnMessage, Message> {
  return oneByOne('delete', async (input, tx) => {
    const { room, seat } = await tx.enter(input.roomId, input.actorId);
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.kind === 'system') throw new ProtocolError('forbidden');
    const own = row.sender_id === input.actorId && may('deleteOwnMessage', seat);
    if (!own) demand('deleteAnyMessage', seat);
    if (row.deleted_at !== null) return presentMessage(row);
    // The thread goes on: it is others' words.
    const parts = row.parts?.thread === undefined ? null : { thread: row.parts.thread };
    const change = { body: '', reply_to: null, client_hash: null, parts, deleted_at: tx.now };
    const message = await changeMessage(tx, room, row, change, deps);
    for (const table of ['message_edits', 'mentions', 'reactions', 'poll_votes']) {
      await tx.db.query(`DELETE FROM chat.${table} WHERE room_id = $1 AND n = $2`, [row.room_id, row.n]);
    }
    await indexChanged(tx, { ...row, ...change, rev: message.rev });
    return message;
  });
}

/**
 * Moves a read mark forward, never back and never past the newest message, and ends `markedUnread`. Where read marks are
 * shown it is a numbered change for everyone; elsewhere only the person's own connections are told.
 */
export const readKind = oneByOne(
  'read',
  async (input: ChangeInput & { actorId: string; n: number }, tx): Promise<{ lastReadN: number; unread: number }> => {
    const { room, member } = await tx.enterAsMember(input.roomId, input.actorId);
    const lastReadN = Math.max(Math.min(input.n, room.n), member.last_read_n);
    const moved = lastReadN > member.last_read_n;
    const numbered = moved && showsReadMark(room, member);
    const rev = numbered ? tx.nextRev(room) : member.rev;
    const after = { ...member, last_read_n: lastReadN, marked_unread: false, rev };
    if (numbered) {
      const payload = { roomId: room.room_id, rev, userId: member.user_id, lastReadN };
      tx.emit(`room:${room.room_id}`, { event: 'read', payload, except: [member.user_id] });
    }
    await saveMine(tx, room, member, after, numbered);
    return { lastReadN, unread: (await tx.countUnread(room, after)).unread };
  },
);
