import { badInput, type Message, type PublicUser, type Room } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { RestHandlers } from '../../platform/http/index.ts';
import {
  accessRoom,
  type Committer,
  type ModeratorNews,
  presentRoom,
  type RoomDirectory,
  type RoomRow,
} from '../rooms/index.ts';
import { decideKind, dropKind, type HeldDeps } from './held.ts';
import { type HeldRow, presentHeld } from './held-rows.ts';

const OFFICES = new Set<string>(['owner', 'admin', 'moderator']);

// $1 who asks, $2 whether they have an office on the whole instance, $3 one room (with its threads) or null, $4 and $5
// the last one seen. What one wrote oneself is for others to decide.
const QUEUE = {
  name: 'messages.held_queue',
  text: `SELECT h.* FROM chat.held h
         JOIN chat.rooms r USING (room_id)
         JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
         LEFT JOIN chat.members m ON m.room_id = g.room_id AND m.user_id = $1 AND m.left_at IS NULL
         WHERE h.status = 'pending' AND h.sender_id <> $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL
           AND ($3::uuid IS NULL OR $3 IN (r.room_id, g.room_id))
           AND (m.role IN ('owner', 'admin', 'moderator') OR ($2 AND g.kind IN ('public', 'language')))
           AND ($4::timestamptz IS NULL OR (h.created_at, h.message_id) > ($4, $5::uuid))
         ORDER BY h.created_at, h.message_id LIMIT $6`,
};
const ROOMS = {
  name: 'messages.held_rooms',
  text: `SELECT DISTINCT g.* FROM chat.rooms r
         JOIN chat.rooms g ON g.room_id IN (r.room_id, r.parent_room_id) WHERE r.room_id = ANY($1::uuid[])`,
};

export interface HeldServiceDeps extends HeldDeps {
  db: Database;
  committer: Committer;
  directory: RoomDirectory;
  news: ModeratorNews;
}

export interface HeldQueue {
  messages: { message: Message; ruleId: string | null }[];
  rooms: Room[];
  users: PublicUser[];
  nextCursor: string | null;
}

/** Messages that wait for approval. */
export class HeldService {
  readonly #deps: HeldServiceDeps;
  readonly #decide: ReturnType<typeof decideKind>;

  constructor(deps: HeldServiceDeps) {
    this.#deps = deps;
    this.#decide = decideKind(deps);
  }

  /**
   * A page of what waits for `actor` to decide, the oldest first: in a room and its threads, or wherever they moderate.
   * @throws ProtocolError not_found, forbidden, bad_input (cursor)
   */
  async queue(
    actor: Actor,
    { roomId, limit, cursor }: { roomId?: string | undefined; limit: number; cursor?: string | undefined },
  ): Promise<HeldQueue> {
    const { db, profiles } = this.#deps;
    if (roomId !== undefined) await accessRoom(db, actor, roomId, 'moderate');
    const from = cursor === undefined ? [null, null] : parseCursor(cursor);
    const values = [actor.userId, OFFICES.has(actor.role), roomId ?? null, ...from, limit + 1];
    const { rows } = await db.query<HeldRow>(QUEUE, values);
    const page = rows.slice(0, limit);
    const rooms = await db.query<RoomRow>(ROOMS, [[...new Set(page.map((row) => row.room_id))]]);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      messages: page.map((row) => ({ message: presentHeld(row), ruleId: row.rule_id })),
      rooms: rooms.rows.map(presentRoom),
      users: await profiles.publicUsers([...new Set(page.map((row) => row.sender_id))]),
      nextCursor: last === undefined ? null : `${last.created_at}.${last.message_id}`,
    };
  }

  /**
   * The message as it is then: said, or rejected. As `decideKind`.
   * @throws ProtocolError not_found, forbidden, already_decided, room_archived
   */
  async decide(
    actor: Actor,
    roomId: string,
    messageId: string,
    decision: { approve: true } | { approve: false; reason: string },
  ): Promise<Message> {
    const by = await this.#deps.directory.inputBy(actor, roomId);
    const message = await this.#deps.committer.run(this.#decide, { ...by, messageId, decision });
    this.#deps.news.tell('held', by.parentId ?? roomId);
    return message;
  }

  /** As `dropKind`. @throws ProtocolError not_found, already_decided */
  async drop(actor: Actor, roomId: string, messageId: string): Promise<void> {
    const parentId = await this.#deps.directory.parentOf(roomId);
    await this.#deps.committer.run(dropKind, { roomId, parentId, actorId: actor.userId, messageId });
    this.#deps.news.tell('held', parentId ?? roomId);
  }
}

export function heldRoutes(held: HeldService): RestHandlers<'held' | 'decideHeld' | 'dropHeld'> {
  return {
    held: ({ actor, query }) => held.queue(actor, query),
    decideHeld: ({ actor, params, body }) => held.decide(actor, params.roomId, params.messageId, body),
    dropHeld: ({ actor, params }) => held.drop(actor, params.roomId, params.messageId),
  };
}

/** @throws ProtocolError bad_input (cursor) */
function parseCursor(cursor: string): [Date, string] {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, createdAt, messageId] = match ?? [];
  if (createdAt === undefined || messageId === undefined) throw badInput('cursor', 'is not a cursor of this list');
  return [new Date(Number(createdAt)), messageId];
}
