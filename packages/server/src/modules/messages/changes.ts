/** Edit, delete and read, as the committer runs them. */
import { LIMITS, type Message, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type By,
  type ChangeInput,
  type ChangeKind,
  demand,
  may,
  oneByOne,
  type RoomTx,
  saveMine,
  showsReadMark,
} from '../rooms/index.ts';
import type { Automod, Blocks, Judge, ModerationLog, Notices } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { demandRank, type OnMessage, recordAct } from './on-message.ts';
import { tellAuthor } from './hiding.ts';
import { eraseMessages } from './removal.ts';
import { differingLanguage, loadLanguages, roomLanguage } from './language.ts';
import { findMentions, saveMentions } from './mentions.ts';
import { type MessageRow, presentMessage, withPart } from './rows.ts';
import { countAhead } from './count-ahead.ts';
import { askJudge, isPaced, refuseHaste, screen } from './screen.ts';
import { enqueueConsequences, savePace } from './screening.ts';
import { indexChanged } from './search-index.ts';
import { findMessage } from './store.ts';

interface EditDeps {
  db: Queryable;
  profiles: Profiles;
  blocks: Blocks;
  automod: Automod;
  jobs: Jobs;
}

const EDITS = {
  name: 'messages.edits_count',
  text: 'SELECT count(*) AS count FROM chat.message_edits WHERE room_id = $1 AND n = $2',
};

/**
 * Replaces the body of one's own message and keeps the old one for moderators, so many of them. The same body again changes
 * nothing. An edit is screened like something new, and counts as such in slow mode, but cannot wait for approval: what would
 * have to is refused.
 */
export function editKind(deps: EditDeps): ChangeKind<Edit, Message, EditReady> {
  return {
    name: 'edit',
    async prepare(batch) {
      const written = batch.map(({ textId: id, roomId, parentId, actorId: userId, body }) => {
        return { id, roomId: parentId ?? roomId, userId, body };
      });
      const [people, judge] = await Promise.all([
        deps.profiles.publicUsers([...new Set(batch.map(({ actorId }) => actorId))]),
        deps.automod.judgeFor(written),
      ]);
      const users = new Map(people.map((user) => [user.id, user]));
      if (judge.counts) await countAhead(deps.db, judge, written, users);
      return { users, judge };
    },
    async apply(batch, tx, ready) {
      const edits = oneByOne('edit', (input: Edit, within) => edit(input, within, ready, deps));
      const outcomes = await edits.apply(batch, tx);
      ready.judge.takeBack();
      return outcomes;
    },
  };
}

/** @property textId what automod counts it by: once, however often it is tried */
type Edit = OnMessage & { body: string; textId: string };

/** What is known before any lock is taken. */
interface EditReady {
  users: ReadonlyMap<string, PublicUser>;
  judge: Judge;
}

async function edit(input: Edit, tx: RoomTx, { users, judge }: EditReady, deps: EditDeps): Promise<Message> {
  const { room, seat } = await tx.enter(input);
  const row = await findMessage(tx.db, input.roomId, input.messageId);
  if (row.sender_id !== input.actorId || row.kind === 'system' || row.kind === 'poll')
    throw new ProtocolError('forbidden');
  demand('editOwnMessage', seat);
  // The words of somebody else: they stay what that one said.
  if (row.parts?.forwarded !== undefined) throw new ProtocolError('forbidden');
  if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
  // What is decided upon stays as it is.
  if ((row.hidden_at ?? null) !== null) throw new ProtocolError('forbidden');
  if (row.body === input.body) return presentMessage(row);
  await demandEditsLeft(tx, row);
  const found = findMentions(input.body);
  const user = users.get(input.actorId);
  if (user === undefined) throw new Error('who edits a message has no profile');
  const governing = room.parent_room_id ?? room.room_id;
  const [member] = await tx.members([{ roomId: governing, userId: input.actorId }]);
  const speaker = { user, seat, governing: tx.governing(room) ?? room, member };
  const haste = refuseHaste(speaker, tx.now);
  if (haste !== null) throw haste;
  const text = { id: input.textId, body: input.body, mentioned: found };
  const [judged] = await askJudge([{ speaker, text }], judge, tx.now);
  if (judged === undefined) throw new Error('automod did not answer');
  const verdict = screen(speaker, text, judged, tx.now);
  await enqueueConsequences(tx, deps.jobs, { speaker, messageId: row.message_id, verdict });
  if (verdict.outcome !== 'allow') throw new ProtocolError('message_rejected', { reason: verdict.reason ?? '' });
  const named = found.usernames.length === 0 ? [] : await deps.profiles.usersByName(found.usernames);
  const members = await tx.members(named.map((user) => ({ roomId: governing, userId: user.id })));
  const userIds = members
    .filter((member) => member.left_at === null && member.user_id !== input.actorId)
    .map((member) => member.user_id);
  const everyone = may('mentionEveryone', seat) ? found.everyone : null;
  const mentions = userIds.length > 0 || everyone !== null ? { userIds, everyone } : undefined;
  const language = roomLanguage(tx, input.roomId);
  if (language !== null) await loadLanguages();
  const parts = withPart(row.parts, 'language', differingLanguage(input.body, language));
  const change = { body: input.body, edited_at: tx.now, parts: withPart(parts, 'mentions', mentions) };
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
  await indexChanged(tx, [changed]);
  await deps.automod.posted(tx.db, [{ roomId: governing, userId: row.sender_id, body: changed.body }]);
  if (member !== undefined && isPaced(speaker)) await savePace(tx, [member]);
  return message;
}

/** @throws ProtocolError limit_reached */
async function demandEditsLeft(tx: RoomTx, row: MessageRow): Promise<void> {
  if (row.edited_at === null) return;
  const { rows } = await tx.db.query<{ count: number }>(EDITS, [row.room_id, row.n]);
  if ((rows[0]?.count ?? 0) < LIMITS.edits) return;
  throw new ProtocolError('limit_reached', { reason: `A message can be edited ${LIMITS.edits} times.` });
}

interface DeleteDeps {
  profiles: Profiles;
  blocks: Blocks;
  trail: ModerationLog;
  notices: Notices;
}

/**
 * Erases everything but the message's place, for everyone. Deleting again changes nothing. What others wrote is for those
 * who stand above them, is recorded, and its author is told.
 */
export function deleteKind(deps: DeleteDeps): ChangeKind<OnMessage & { reason: string | null }, Message> {
  return oneByOne('delete', async (input, tx) => {
    const entered = await tx.enter(input);
    const { room, seat } = entered;
    const { reason } = input;
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.kind === 'system') throw new ProtocolError('forbidden');
    const own = row.sender_id === input.actorId && may('deleteOwnMessage', seat);
    if (!own) {
      demand('deleteAnyMessage', seat);
      const [author] = await deps.profiles.publicUsers([row.sender_id]);
      if (author === undefined) throw new Error('the sender of a message has no profile');
      await demandRank(tx, entered, author, input.actorId);
    }
    if (row.deleted_at !== null) return presentMessage(row);
    const [message] = await eraseMessages(tx, room, [row], deps);
    if (!own) {
      await recordAct(tx, deps.trail, input, row, { action: 'message.deleted', reason });
      await tellAuthor(tx, room, row, { type: 'messages_removed', reason }, deps);
    }
    return message ?? presentMessage(row);
  });
}

/**
 * Moves a read mark forward, never back and never past the newest message, and ends `markedUnread`. Where read marks are
 * shown it is a numbered change for everyone; elsewhere only the person's own connections are told.
 */
export const readKind = oneByOne(
  'read',
  async (input: ChangeInput & By & { n: number }, tx): Promise<{ lastReadN: number; unread: number }> => {
    const { room, member } = await tx.enterAsMember(input);
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
    const [count] = await tx.countUnread([{ room, member: after }]);
    return { lastReadN, unread: count?.unread ?? 0 };
  },
);
