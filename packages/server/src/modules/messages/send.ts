import { hash } from 'node:crypto';
import { type Message, type NewPoll, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type ChangeInput,
  type ChangeKind,
  join,
  may,
  type MemberRow,
  type Outcome,
  refusal,
  type RoomTx,
  type Seat,
  seatOf,
} from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { insertMessages } from './insert.ts';
import { findMentions, type Mentioned, saveMentions } from './mentions.ts';
import { enqueueClosings, newPoll, refusePoll } from './polls.ts';
import { emitMessage } from './publish.ts';
import { type MessageRow, type Parts, presentMessage } from './rows.ts';
import { dropScheduled, waitingScheduled } from './scheduled-rows.ts';
import { bumpThreads } from './threads.ts';

export interface Send extends ChangeInput {
  senderId: string;
  clientId: string;
  body: string;
  replyTo: string | null;
  poll?: NewPoll | undefined;
  forwarded?: Message['forwarded'] | undefined;
  /** The scheduled message whose time has come: it ends with this, and is not sent when it was taken back. */
  scheduledId?: string | undefined;
}

// LATERAL with OFFSET 0 is one probe of a key for each: a join planned while the table is small, and kept for as long as the
// connection lives, would read all of it later.
const SENT_BEFORE = {
  name: 'messages.sent_before',
  text: `SELECT m.* FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS s (room_id, sender_id, client_id)
         CROSS JOIN LATERAL (SELECT * FROM chat.messages x
                             WHERE x.room_id = s.room_id AND x.sender_id = s.sender_id AND x.client_id = s.client_id
                             OFFSET 0) m`,
};
const EXISTING = {
  name: 'messages.existing',
  text: `SELECT s.room_id, s.message_id FROM unnest($1::uuid[], $2::uuid[]) AS s (room_id, message_id)
         CROSS JOIN LATERAL (SELECT deleted_at FROM chat.messages x
                             WHERE x.room_id = s.room_id AND x.message_id = s.message_id OFFSET 0) m
         WHERE m.deleted_at IS NULL`,
};
const PEERS = {
  name: 'messages.direct_peers',
  text: 'SELECT room_id, user_id FROM chat.members WHERE room_id = ANY($1::uuid[])',
};
export interface SendDeps {
  profiles: Profiles;
  blocks: Blocks;
  ids: Ids;
  jobs: Jobs;
}

type ByPerson = ReadonlyMap<string, ReadonlySet<string>>;
/** What is known before any lock is taken. */
interface Ready {
  users: ReadonlyMap<string, PublicUser>;
  /** By username. */
  named: ReadonlyMap<string, PublicUser>;
  mentioned: ReadonlyMap<Send, Mentioned>;
  blockedBy: ByPerson;
  blockersOf: ByPerson;
}

/**
 * Sends many messages, of many rooms, in a few statements. A message sent before under the same (room, sender, clientId)
 * is answered again instead of being stored twice; other content under that clientId is refused.
 */
export function sendKind(deps: SendDeps): ChangeKind<Send, Message, Ready> {
  return {
    name: 'send',
    prepare: (batch) => prepare(batch, deps),
    async apply(batch, tx, ready) {
      const facts = await loadFacts(batch, tx, ready);
      const fresh: MessageRow[] = [];
      const outcomes = batch.map((send): Outcome<Message> => {
        const before = facts.sent.get(sendKey(send));
        const error = refuse(send, tx, facts, before, ready);
        if (error !== null) return { ok: false, error };
        if (before !== undefined) return { ok: true, value: presentMessage(before) };
        const row = number(send, tx, deps.ids, facts, ready);
        facts.sent.set(sendKey(send), row);
        fresh.push(row);
        return { ok: true, value: presentMessage(row) };
      });
      await dropScheduled(
        tx,
        batch.filter((_, i) => outcomes[i]?.ok),
      );
      if (fresh.length === 0) return outcomes;
      await insertMessages(tx, fresh);
      await saveMentions(tx, fresh, false);
      await enqueueClosings(tx, fresh, deps.jobs);
      for (const row of fresh) {
        await emitMessage(tx, presentMessage(row), senderOf(row, ready), ready.blockersOf);
      }
      await followThreads(tx, fresh, facts, ready);
      await bumpThreads(tx, fresh, deps);
      return outcomes;
    },
  };
}

async function prepare(batch: readonly Send[], deps: { profiles: Profiles; blocks: Blocks }): Promise<Ready> {
  const senders = [...new Set(batch.map((send) => send.senderId))];
  const mentioned = new Map(batch.map((send) => [send, findMentions(send.body)]));
  const usernames = [...new Set([...mentioned.values()].flatMap((found) => found.usernames))];
  const [users, named, blockedBy, blockersOf] = await Promise.all([
    deps.profiles.publicUsers(senders),
    usernames.length === 0 ? [] : deps.profiles.usersByName(usernames),
    deps.blocks.blockedBy(senders),
    deps.blocks.blockersOf([...new Set([...senders, ...batch.flatMap((send) => send.forwarded?.senderId ?? [])])]),
  ]);
  return {
    users: new Map(users.map((user) => [user.id, user])),
    named: new Map(named.map((user) => [user.username, user])),
    mentioned,
    blockedBy,
    blockersOf,
  };
}

interface Facts {
  /** Present members, by room and person. */
  members: ReadonlyMap<string, MemberRow>;
  /** Messages by (room, sender, clientId); grows with the batch. */
  sent: Map<string, MessageRow>;
  /** `room message` of the messages replied to that exist. */
  replied: ReadonlySet<string>;
  /** Ids of the scheduled messages of this batch that were not taken back. */
  waiting: ReadonlySet<string>;
  /** The two people of each direct room. */
  peers: ReadonlyMap<string, readonly string[]>;
}

async function loadFacts(batch: readonly Send[], tx: RoomTx, ready: Ready): Promise<Facts> {
  const pairs = batch.flatMap((send) => {
    const named = ready.mentioned.get(send)?.usernames.flatMap((name) => ready.named.get(name)?.id ?? []) ?? [];
    const rooms = [send.roomId, send.parentId].filter((id) => id !== null);
    return rooms.flatMap((roomId) => [send.senderId, ...named].map((userId) => ({ roomId, userId })));
  });
  const members = await tx.members(pairs);
  const sent = await tx.db.query<MessageRow>(SENT_BEFORE, [
    batch.map((send) => send.roomId),
    batch.map((send) => send.senderId),
    batch.map((send) => send.clientId),
  ]);
  const replies = batch.filter((send) => send.replyTo !== null);
  const replied = await some<{ room_id: string; message_id: string }>(tx, replies, EXISTING, [
    replies.map((send) => send.roomId),
    replies.map((send) => send.replyTo),
  ]);
  // A thread in a direct room is between the same two.
  const direct = [...new Set(batch.map((send) => send.parentId ?? send.roomId))].filter(
    (id) => tx.room(id)?.kind === 'direct',
  );
  const peers = await some<{ room_id: string; user_id: string }>(tx, direct, PEERS, [direct]);
  return {
    members: new Map(members.filter((m) => m.left_at === null).map((m) => [`${m.room_id} ${m.user_id}`, m])),
    sent: new Map(
      sent.rows.map((row) => [sendKey({ roomId: row.room_id, senderId: row.sender_id, clientId: row.client_id }), row]),
    ),
    replied: new Set(replied.map((row) => `${row.room_id} ${row.message_id}`)),
    waiting: await waitingScheduled(tx, batch),
    peers: new Map(
      [...Map.groupBy(peers, (row) => row.room_id)].map(([id, rows]) => [id, rows.map((row) => row.user_id)]),
    ),
  };
}

// Asks only where there is something to ask about.
async function some<Row>(
  tx: RoomTx,
  about: readonly unknown[],
  sql: { name: string; text: string },
  values: readonly unknown[],
): Promise<Row[]> {
  return about.length === 0 ? [] : (await tx.db.query<Row>(sql, values)).rows;
}

function seatFor(send: Send, tx: RoomTx, facts: Facts): Seat | null {
  const room = tx.room(send.roomId);
  const governing = room && tx.governing(room);
  const role = governing && facts.members.get(`${governing.room_id} ${send.senderId}`)?.role;
  return governing === undefined || role === undefined ? null : seatOf(governing, role);
}

function refuse(
  send: Send,
  tx: RoomTx,
  facts: Facts,
  before: MessageRow | undefined,
  ready: Ready,
): ProtocolError | null {
  const seat = seatFor(send, tx, facts);
  if (seat === null) return new ProtocolError('not_found');
  if (send.scheduledId !== undefined && !facts.waiting.has(send.scheduledId)) return new ProtocolError('not_found');
  if (before !== undefined) {
    // Erased with the body: then there is nothing left to compare with.
    const same = before.client_hash === null || before.client_hash.equals(contentHash(send));
    return same ? null : new ProtocolError('client_id_reused');
  }
  const error = refusal('send', seat);
  if (error !== null) return error;
  const wrongPoll = refusePoll(send.poll, tx.now);
  if (wrongPoll !== null) return wrongPoll;
  const peer = facts.peers.get(send.parentId ?? send.roomId)?.find((id) => id !== send.senderId);
  if (
    peer !== undefined &&
    (ready.blockedBy.get(send.senderId)?.has(peer) || ready.blockersOf.get(send.senderId)?.has(peer))
  ) {
    return new ProtocolError('blocked');
  }
  if (send.replyTo !== null && !facts.replied.has(`${send.roomId} ${send.replyTo}`)) {
    return new ProtocolError('not_found', { fields: [{ field: 'replyTo', problem: 'is no message of this room' }] });
  }
  return null;
}

function number(send: Send, tx: RoomTx, ids: Ids, facts: Facts, ready: Ready): MessageRow {
  const room = tx.room(send.roomId);
  const seat = seatFor(send, tx, facts);
  if (room === undefined || seat === null) throw new Error('a room vanished while it was locked');
  return {
    room_id: send.roomId,
    message_id: ids.uuid(),
    n: tx.nextN(room),
    rev: tx.nextRev(room),
    sender_id: send.senderId,
    client_id: send.clientId,
    client_hash: contentHash(send),
    kind: send.poll === undefined ? 'text' : 'poll',
    body: send.body,
    reply_to: send.replyTo,
    parts: partsOf(send, seat, facts, ready),
    created_at: tx.now,
    edited_at: null,
    deleted_at: null,
  };
}

function partsOf(send: Send, seat: Seat, facts: Facts, ready: Ready): Parts | null {
  const found = ready.mentioned.get(send);
  const userIds = (found?.usernames ?? [])
    .flatMap((name) => ready.named.get(name)?.id ?? [])
    .filter((id) => id !== send.senderId && facts.members.has(`${send.parentId ?? send.roomId} ${id}`));
  const everyone = may('mentionEveryone', seat) ? (found?.everyone ?? null) : null;
  const parts: Parts = {
    ...(userIds.length > 0 || everyone !== null ? { mentions: { userIds, everyone } } : {}),
    ...(send.poll === undefined ? {} : { poll: newPoll(send.poll) }),
    ...(send.forwarded === undefined ? {} : { forwarded: send.forwarded }),
  };
  return Object.keys(parts).length === 0 ? null : parts;
}

// Whoever says something in a thread follows it.
async function followThreads(tx: RoomTx, fresh: readonly MessageRow[], facts: Facts, ready: Ready): Promise<void> {
  const followed = new Set<string>();
  for (const row of fresh) {
    const room = tx.room(row.room_id);
    const key = `${row.room_id} ${row.sender_id}`;
    if (room?.kind !== 'thread' || facts.members.has(key) || followed.has(key)) continue;
    followed.add(key);
    const sharesReads = facts.members.get(`${room.parent_room_id} ${row.sender_id}`)?.shares_reads ?? true;
    await join(tx, room, [{ user: senderOf(row, ready), role: 'member', sharesReads }]);
  }
}

function senderOf(row: MessageRow, ready: Ready): PublicUser {
  const user = ready.users.get(row.sender_id);
  if (user === undefined) throw new Error('the sender of a message has no profile');
  return user;
}

function sendKey(send: Pick<Send, 'roomId' | 'senderId' | 'clientId'>): string {
  return `${send.roomId} ${send.senderId} ${send.clientId}`;
}

// Tells other content from the same; 16 bytes are plenty for that.
function contentHash(send: Send): Buffer {
  const poll = send.poll === undefined ? '' : JSON.stringify(send.poll);
  return hash('sha256', `${send.replyTo ?? ''}\n${poll}\n${send.body}`, 'buffer').subarray(0, 16);
}
