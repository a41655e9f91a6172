/** What it takes to send a batch of messages: what is known before any lock is taken, and what under the locks. */
import { hash } from 'node:crypto';
import { type Message, type NewPoll, type PublicUser } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, type MemberRow, type RoomTx, unconfirmedAt } from '../rooms/index.ts';
import type { Automod, Blocks, Judge, Silences } from '../safety/index.ts';
import { countAhead, type Written } from './count-ahead.ts';
import { heldBefore, presentHeld } from './held-rows.ts';
import { findMentions, type Mentioned } from './mentions.ts';
import { newPoll } from './polls.ts';
import { type MessageRow, presentMessage } from './rows.ts';
import { waitingScheduled } from './scheduled-rows.ts';
import { textOf } from './search-index.ts';

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
  db: Queryable;
  profiles: Profiles;
  blocks: Blocks;
  silences: Silences;
  automod: Automod;
  ids: Ids;
  jobs: Jobs;
}

type ByPerson = ReadonlyMap<string, ReadonlySet<string>>;
/** What is known before any lock is taken. */
export interface Ready {
  users: ReadonlyMap<string, PublicUser>;
  /** By username. */
  named: ReadonlyMap<string, PublicUser>;
  mentioned: ReadonlyMap<Send, Mentioned>;
  blockedBy: ByPerson;
  blockersOf: ByPerson;
  /** On the whole instance. */
  silenced: ReadonlySet<string>;
  /** Of those whose messages are sent without them. Who sends one on their own has a session that lives. */
  shutOut: Awaited<ReturnType<Profiles['shutOut']>>;
  judge: Judge;
}

export async function prepare(batch: readonly Send[], deps: SendDeps): Promise<Ready> {
  const senders = [...new Set(batch.map((send) => send.senderId))];
  const mentioned = new Map(batch.map((send) => [send, findMentions(send.body)]));
  const usernames = [...new Set([...mentioned.values()].flatMap((found) => found.usernames))];
  const writing = batch.map((send) => ({ roomId: send.parentId ?? send.roomId, userId: send.senderId }));
  const absent = [...new Set(batch.flatMap((send) => (send.scheduledId === undefined ? [] : send.senderId)))];
  const [users, named, blockedBy, blockersOf, silenced, shutOut, judge] = await Promise.all([
    deps.profiles.publicUsers(senders),
    usernames.length === 0 ? [] : deps.profiles.usersByName(usernames),
    deps.blocks.blockedBy(senders),
    deps.blocks.blockersOf([...new Set([...senders, ...batch.flatMap((send) => send.forwarded?.senderId ?? [])])]),
    deps.silences.among(senders),
    absent.length === 0 ? new Map<string, never>() : deps.profiles.shutOut(absent),
    deps.automod.judgeFor(writing),
  ]);
  const byId = new Map(users.map((user) => [user.id, user]));
  if (judge.counts) await countAhead(deps.db, judge, batch.map(writtenOf), byId);
  return {
    users: byId,
    named: new Map(named.map((user) => [user.username, user])),
    mentioned,
    blockedBy,
    blockersOf,
    silenced,
    shutOut,
    judge,
  };
}

function writtenOf(send: Send): Written {
  const parts = send.poll === undefined ? null : { poll: newPoll(send.poll) };
  const body = textOf({ body: send.body, parts });
  return { id: textId(send), roomId: send.parentId ?? send.roomId, userId: send.senderId, body };
}

export interface Facts {
  /** Present members, by room and person. */
  members: ReadonlyMap<string, MemberRow>;
  /** Those who left as well. */
  everMembers: readonly MemberRow[];
  /** Messages by (room, sender, clientId), with a hash of their content (null once erased); grows with the batch. */
  sent: Map<string, { hash: Buffer | null; message: Message }>;
  /** `room message` of the messages replied to that exist. */
  replied: ReadonlySet<string>;
  /** Ids of the scheduled messages of this batch that were not taken back. */
  waiting: ReadonlySet<string>;
  /** The two people of each direct room. */
  peers: ReadonlyMap<string, readonly string[]>;
  /** Rooms of adults and who writes there by their office alone without having confirmed to be one, as `room person`. */
  unconfirmed: ReadonlySet<string>;
}

export async function loadFacts(batch: readonly Send[], tx: RoomTx, ready: Ready): Promise<Facts> {
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
  const holding = new Set(members.flatMap((m) => m.held).map(sendKey));
  const held = await heldBefore(
    tx.db,
    batch.filter((send) => holding.has(sendKey(send))),
  );
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
  const present = new Map(members.filter((m) => m.left_at === null).map((m) => [`${m.room_id} ${m.user_id}`, m]));
  const outside = batch
    .map((send) => ({ roomId: send.parentId ?? send.roomId, userId: send.senderId }))
    .filter(({ roomId, userId }) => tx.room(roomId)?.kind === 'language' && !present.has(`${roomId} ${userId}`));
  const unconfirmed = outside.length === 0 ? [] : await unconfirmedAt(tx.db, outside);
  return {
    members: present,
    everMembers: members,
    sent: new Map(
      [
        ...sent.rows.map((row) => ({ row, message: presentMessage(row) })),
        ...held.map((row) => ({ row, message: presentHeld(row) })),
      ].map(({ row, message }) => [sendKey(message), { hash: row.client_hash, message }]),
    ),
    replied: new Set(replied.map((row) => `${row.room_id} ${row.message_id}`)),
    waiting: await waitingScheduled(tx, batch),
    peers: new Map(
      [...Map.groupBy(peers, (row) => row.room_id)].map(([id, rows]) => [id, rows.map((row) => row.user_id)]),
    ),
    unconfirmed: new Set(unconfirmed.map(({ roomId, userId }) => `${roomId} ${userId}`)),
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

export function sendKey(send: Pick<Send, 'roomId' | 'senderId' | 'clientId'>): string {
  return `${send.roomId} ${send.senderId} ${send.clientId}`;
}

/** The same for what is sent again. */
export function textId(send: Send): string {
  return `${sendKey(send)} ${contentHash(send).toString('base64')}`;
}

/** Tells other content from the same; 16 bytes are plenty for that. */
export function contentHash(send: Send): Buffer {
  const poll = send.poll === undefined ? '' : JSON.stringify(send.poll);
  return hash('sha256', `${send.replyTo ?? ''}\n${poll}\n${send.body}`, 'buffer').subarray(0, 16);
}
