/** Messages by what was put on them or says my name. Each list is one query, and leaves out the people I block. */
import type { Message, PublicUser } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { accessRoom } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { formatPosition, parsePosition } from './positions.ts';
import { forViewer, type MessageRow, presentMessage } from './rows.ts';
import { EVERYONE } from './unread.ts';

const PINS = {
  name: 'messages.pins',
  text: `SELECT * FROM chat.messages
         WHERE room_id = $1 AND parts ? 'pinned' AND deleted_at IS NULL AND sender_id <> ALL($2::uuid[])
         ORDER BY (parts->'pinned'->>'at')::bigint DESC, rev DESC`,
};

// Of both lists: $1 is the reader, $2 whom they block, $3 to $5 the position to go on from, $6 the limit.
const AFTER = (x: string) =>
  `($3::timestamptz IS NULL OR (${x}.created_at, ${x}.room_id, ${x}.n) < ($3, $4::uuid, $5::bigint))`;
const NEWEST = (x: string) => `ORDER BY ${x}.created_at DESC, ${x}.room_id DESC, ${x}.n DESC LIMIT $6`;

// Whoever is out of a room is out of its threads, so following a thread is enough to read it.
const STARS = {
  name: 'messages.stars',
  text: `SELECT x.*
         FROM chat.members m JOIN chat.rooms r USING (room_id)
         JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
         CROSS JOIN LATERAL unnest(m.starred) s (message_id)
         JOIN chat.messages x ON x.room_id = m.room_id AND x.message_id = s.message_id
         WHERE m.user_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND g.deleted_at IS NULL
           AND x.deleted_at IS NULL AND x.sender_id <> ALL($2::uuid[]) AND ${AFTER('x')}
         ${NEWEST('x')}`,
};

// By name wherever I may read, followed or not; what is meant for everyone where I was there to be meant.
const MENTIONS = {
  name: 'messages.mentions',
  text: `SELECT msg.*
         FROM (
           (SELECT x.room_id, x.n, x.created_at
            FROM chat.mentions x JOIN chat.rooms r USING (room_id)
            JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
            JOIN chat.members m ON m.room_id = g.room_id AND m.user_id = $1 AND m.left_at IS NULL
            WHERE x.user_id = $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL
              AND x.sender_id <> ALL($2::uuid[]) AND ${AFTER('x')}
            ${NEWEST('x')})
           UNION
           (SELECT e.*
            FROM chat.members m JOIN chat.rooms r USING (room_id)
            JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
            CROSS JOIN LATERAL (
              SELECT x.room_id, x.n, x.created_at FROM chat.mentions x
              WHERE x.room_id = m.room_id AND x.user_id = '${EVERYONE}' AND x.created_at >= m.joined_at
                AND x.sender_id <> $1 AND x.sender_id <> ALL($2::uuid[]) AND ${AFTER('x')}
              ${NEWEST('x')}) e
            WHERE m.user_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND g.deleted_at IS NULL)
         ) found
         JOIN chat.messages msg USING (room_id, n)
         ${NEWEST('msg')}`,
};

export interface ListRequest {
  limit: number;
  cursor?: string | undefined;
}
export interface MessageList {
  messages: Message[];
  users: PublicUser[];
}
export type MessageListPage = MessageList & { nextCursor: string | null };

export class MessageLists {
  readonly #deps: { db: Database; profiles: Profiles; blocks: Blocks };

  constructor(deps: { db: Database; profiles: Profiles; blocks: Blocks }) {
    this.#deps = deps;
  }

  /** Pinned messages of a room, the newest pin first. @throws ProtocolError not_found */
  async pins(actor: Actor, roomId: string): Promise<MessageList> {
    const blocked = await this.#blocked(actor);
    const rows = await this.#deps.db.transaction(async (db) => {
      await accessRoom(db, actor, roomId, 'read');
      return (await db.query<MessageRow>(PINS, [roomId, blocked])).rows;
    }, 'snapshot');
    return this.#present(rows, blocked);
  }

  /** A page of the messages `actor` starred, the newest first. @throws ProtocolError bad_input (cursor) */
  stars(actor: Actor, request: ListRequest): Promise<MessageListPage> {
    return this.#page(STARS, actor, request);
  }

  /** A page of the messages that mention `actor`, the newest first. @throws ProtocolError bad_input (cursor) */
  mentions(actor: Actor, request: ListRequest): Promise<MessageListPage> {
    return this.#page(MENTIONS, actor, request);
  }

  async #page(
    sql: { name: string; text: string },
    actor: Actor,
    { limit, cursor }: ListRequest,
  ): Promise<MessageListPage> {
    const from = cursor === undefined ? null : parsePosition(cursor);
    const position = from === null ? [null, null, null] : [new Date(from.createdAt), from.roomId, from.n];
    const blocked = await this.#blocked(actor);
    const values = [actor.userId, blocked, ...position, limit + 1];
    const { rows } = await this.#deps.db.query<MessageRow>(sql, values);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      ...(await this.#present(rows.slice(0, limit), blocked)),
      nextCursor:
        last === undefined ? null : formatPosition({ createdAt: last.created_at, roomId: last.room_id, n: last.n }),
    };
  }

  async #blocked(actor: Actor): Promise<string[]> {
    return [...(await this.#deps.blocks.blockedByOne(actor.userId))];
  }

  async #present(rows: readonly MessageRow[], blocked: readonly string[]): Promise<MessageList> {
    const veiled = new Set(blocked);
    const messages = rows.map((row) => forViewer(presentMessage(row), veiled));
    const named = messages.flatMap((m) => [m.senderId, ...(m.pinned === undefined ? [] : [m.pinned.by])]);
    return { messages, users: await this.#deps.profiles.publicUsers([...new Set(named)]) };
  }
}
