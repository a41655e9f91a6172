import {
  type ClientEventOutput,
  LIMITS,
  type Member,
  type PublicUser,
  ProtocolError,
  type RoomChanges,
  type RoomSnapshot,
  type RoomSummary,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { BatchLoader } from '../../platform/batch-loader.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import { READINGS, Shares, WAITING_READINGS } from '../../platform/shares.ts';
import type { Profiles } from '../accounts/index.ts';
import { authorsOf, forViewer, page, presentMessage } from '../messages/index.ts';
import { accessRoom, listsMembers, type MemberRow, presentMember } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changesSince, type RoomDelta } from './changes.ts';
import { type Head, headsLoader, roomHeads } from './heads.ts';
import { charactersIn, type RoomRings } from './rings.ts';
import { formatPosition, parsePosition, summariesOf, summariesPage, type Viewer } from './summaries.ts';

/** Messages in a snapshot. */
const SNAPSHOT_PAGE = 50;
/** Rooms whose changes one answer to `sync` lists, and how many changes these may have together: bounds the answer and the work. */
const CHANGED_PER_SYNC = 50;
const CHANGES_PER_SYNC = 1000;
/** Characters of the messages that one answer replays. */
const REPLAYED_CHARACTERS = 1_000_000;
/** Rooms one answer to `sync` adds. */
const ADDED_PER_SYNC = 200;

/** What this client holds of a room. */
export interface Held {
  roomId: string;
  rev: number;
  mine: number;
}

interface Synced {
  answer: ClientEventOutput<'sync'>;
  roomIds: readonly string[];
}

/**
 * The reading side: chat list, snapshots and repair. Each answer is of one instant (one database snapshot); few are made at once
 * for one person.
 */
export class SyncService {
  readonly #db: Database;
  readonly #profiles: Profiles;
  readonly #blocks: Blocks;
  readonly #rings: RoomRings;
  readonly #heads: BatchLoader<Head[]>;
  readonly #readings = new Shares(READINGS, WAITING_READINGS);

  constructor(deps: { db: Database; profiles: Profiles; blocks: Blocks; rings: RoomRings }) {
    this.#db = deps.db;
    this.#profiles = deps.profiles;
    this.#blocks = deps.blocks;
    this.#rings = deps.rings;
    this.#heads = headsLoader(deps.db);
  }

  /** A page of the chat list, or of the threads `actor` follows. @throws ProtocolError bad_input (cursor) */
  list(
    actor: Actor,
    list: 'rooms' | 'threads',
    request: { limit: number; cursor?: string | undefined },
  ): Promise<{ rooms: RoomSummary[]; users: PublicUser[]; nextCursor: string | null }> {
    return this.#readings.run(actor.userId, async () => {
      const from = request.cursor === undefined ? null : parsePosition(request.cursor);
      const { summaries, next } = await summariesPage(this.#db, await this.#viewer(actor), list, from, request.limit);
      return {
        rooms: summaries,
        users: await this.#usersOf(summaries, [], []),
        nextCursor: next === null ? null : formatPosition(next),
      };
    });
  }

  /** Everything to show a room with its newest messages. @throws ProtocolError not_found */
  snapshot(actor: Actor, roomId: string): Promise<RoomSnapshot> {
    return this.#readings.run(actor.userId, () => this.#snapshot(actor, roomId));
  }

  async #snapshot(actor: Actor, roomId: string): Promise<RoomSnapshot> {
    const viewer = await this.#viewer(actor);
    const view = await this.#db.transaction(async (db) => {
      const [summary] = await summariesOf(db, viewer, [roomId]);
      if (summary === undefined) throw new ProtocolError('not_found');
      const rows = await page(db, roomId, { limit: SNAPSHOT_PAGE });
      const messages = rows.map((row) => forViewer(presentMessage(row), viewer.blocked));
      const all = listsMembers({ member_count: summary.room.memberCount });
      const members = all ? await this.#membersPage(db, roomId, summary.room.memberCount, undefined) : null;
      return { summary, messages, members };
    }, 'snapshot');
    const { summary, messages, members } = view;
    return {
      ...summary,
      messages,
      hasMoreBefore: (messages[0]?.n ?? 1) > 1,
      members,
      users: await this.#usersOf(
        [summary],
        messages.map((m) => m.senderId),
        members ?? [],
      ),
    };
  }

  /** @throws ProtocolError not_found */
  async mayRead(actor: Actor, roomId: string): Promise<void> {
    await accessRoom(this.#db, actor, roomId, 'read');
  }

  /** A page of present members, by user id. @throws ProtocolError not_found */
  async members(
    actor: Actor,
    roomId: string,
    request: { limit: number; after?: string | undefined },
  ): Promise<{ members: Member[]; users: PublicUser[]; hasMore: boolean }> {
    const rows = await this.#db.transaction(async (db) => {
      await accessRoom(db, actor, roomId, 'read');
      return this.#membersPage(db, roomId, request.limit + 1, request.after);
    }, 'snapshot');
    const members = rows.slice(0, request.limit);
    return { members, users: await this.#usersOf([], [], members), hasMore: rows.length > members.length };
  }

  /** What changed in one room since `since`. @throws ProtocolError not_found */
  changes(actor: Actor, roomId: string, since: number): Promise<RoomChanges> {
    return this.#readings.run(actor.userId, () => this.#changes(actor, roomId, since));
  }

  async #changes(actor: Actor, roomId: string, since: number): Promise<RoomChanges> {
    const viewer = await this.#viewer(actor);
    const delta = await this.#db.transaction(async (db) => {
      const [summary] = await summariesOf(db, viewer, [roomId]);
      if (summary === undefined) throw new ProtocolError('not_found');
      const [only] = await changesSince(db, viewer, [{ summary, since }]);
      return only;
    }, 'snapshot');
    if (delta === undefined) throw new Error('a room has no answer');
    const [answer] = await this.#withUsers([delta]);
    if (answer === undefined) throw new Error('a room has no answer');
    return answer;
  }

  /**
   * What a client that holds `held` must learn, in all its rooms: changed ones with their changes, ones it lacks, and
   * ones it must drop. While `hasMore` it asks again with what it holds then. Also answers all ids of its rooms.
   * A client that lacks only what is still in memory is answered with those events, at the cost of the heads alone.
   */
  sync(actor: Actor, held: readonly Held[]): Promise<Synced> {
    return this.#readings.run(actor.userId, () => this.#sync(actor, held));
  }

  async #sync(actor: Actor, held: readonly Held[]): Promise<Synced> {
    const known = new Map(held.map((h) => [h.roomId, h]));
    const replay = await this.#replay(actor, known);
    if (replay !== null) return replay;
    const viewer = await this.#viewer(actor);
    const view = await this.#db.transaction(async (db) => {
      const heads = (await roomHeads(db, [actor.userId])).get(actor.userId) ?? [];
      const behind = heads.filter((head) => {
        const have = known.get(head.room_id);
        return have !== undefined && (have.rev !== head.rev || have.mine !== head.mine);
      });
      const lacking = heads.filter((head) => !known.has(head.room_id));
      const changed = fitting(behind, known).map((head) => head.room_id);
      const added = lacking.slice(0, ADDED_PER_SYNC).map((head) => head.room_id);
      const summaries = new Map(
        (await summariesOf(db, viewer, [...changed, ...added])).map((summary) => [summary.room.id, summary]),
      );
      const pick = (ids: string[]) => ids.map((id) => summaries.get(id)).filter((s) => s !== undefined);
      const deltas = await changesSince(
        db,
        viewer,
        pick(changed).map((summary) => ({ summary, since: known.get(summary.room.id)?.rev ?? 0 })),
      );
      const told = pick(added);
      const hasMore = behind.length > deltas.length || lacking.length > told.length || deltas.some((d) => d.hasMore);
      return { heads, deltas, added: told, hasMore };
    }, 'snapshot');
    const mine = new Set(view.heads.map((head) => head.room_id));
    return {
      answer: {
        replayed: [],
        changed: await this.#withUsers(view.deltas),
        added: view.added,
        gone: held.map((h) => h.roomId).filter((id) => !mine.has(id)),
        users: await this.#usersOf(view.added, [], []),
        hasMore: view.hasMore,
      },
      roomIds: [...mine],
    };
  }

  /** Ids of all rooms `userId` is a member of, and of the liveliest threads they follow. */
  async roomIds(userId: string): Promise<string[]> {
    return ((await this.#heads.load(userId)) ?? []).map((head) => head.room_id);
  }

  // From memory but for the heads, and for whom the person blocks; null when that cannot be done, or is too much at once.
  async #replay(actor: Actor, known: ReadonlyMap<string, Held>): Promise<Synced | null> {
    const heads = (await this.#heads.load(actor.userId)) ?? [];
    if (heads.length !== known.size) return null;
    const replayed: ClientEventOutput<'sync'>['replayed'] = [];
    let [count, characters] = [0, 0];
    for (const { room_id: roomId, rev, mine } of heads) {
      const held = known.get(roomId);
      if (held === undefined || held.mine !== mine || held.rev > rev) return null;
      const events = held.rev === rev ? [] : this.#rings.between(roomId, held.rev, rev, actor.userId);
      if (events === null) return null;
      count += events.length;
      for (const event of events) characters += charactersIn(event);
      if (count > CHANGES_PER_SYNC || characters > REPLAYED_CHARACTERS) return null;
      if (events.length > 0) replayed.push({ roomId, events });
    }
    // Told before their author was blocked, they are not told again.
    const authors = replayed.flatMap(({ events }) =>
      events.flatMap((frame) => (frame.event === 'message' ? authorsOf(frame.payload.message) : [])),
    );
    if (authors.length > 0) {
      const { blocked } = await this.#viewer(actor);
      if (authors.some((id) => blocked.has(id))) return null;
    }
    const answer = { replayed, changed: [], added: [], gone: [], users: [], hasMore: false };
    return { answer, roomIds: heads.map((head) => head.room_id) };
  }

  async #viewer(actor: Actor): Promise<Viewer> {
    const blocked = await this.#blocks.blockedByOne(actor.userId);
    return { userId: actor.userId, blocked };
  }

  async #membersPage(db: Queryable, roomId: string, limit: number, after: string | undefined): Promise<Member[]> {
    const { rows } = await db.query<MemberRow & { member_count: number }>(
      {
        name: 'sync.members_page',
        text: `SELECT m.*, r.member_count FROM chat.members m JOIN chat.rooms r USING (room_id)
               WHERE room_id = $1 AND m.left_at IS NULL AND ($2::uuid IS NULL OR m.user_id > $2)
               ORDER BY m.user_id LIMIT $3`,
      },
      [roomId, after ?? null, limit],
    );
    return rows.map((row) => presentMember(row, row));
  }

  // One question for the profiles of all rooms.
  async #withUsers(deltas: readonly RoomDelta[]): Promise<RoomChanges[]> {
    const named = deltas.map(({ summary, messages, members }) => {
      const senders = messages.map((message) => message.senderId);
      return namedIn([summary], senders, members);
    });
    const users = await this.#profiles.publicUsers([...new Set(named.flatMap((ids) => [...ids]))]);
    return deltas.map((delta, i) => ({ ...delta, users: users.filter(({ id }) => named[i]?.has(id)) }));
  }

  async #usersOf(
    summaries: readonly RoomSummary[],
    ids: readonly string[],
    members: readonly Member[],
  ): Promise<PublicUser[]> {
    return this.#profiles.publicUsers([...namedIn(summaries, ids, members)]);
  }
}

/** The first of them whose changes fit into one answer; one at least. */
function fitting(behind: readonly Head[], known: ReadonlyMap<string, Held>): readonly Head[] {
  let changes = 0;
  const end = behind.findIndex(({ room_id: roomId, rev }, i) => {
    changes += Math.min(Math.max(rev - (known.get(roomId)?.rev ?? 0), 0), LIMITS.changesPage);
    return i > 0 && changes > CHANGES_PER_SYNC;
  });
  return behind.slice(0, end === -1 ? CHANGED_PER_SYNC : Math.min(end, CHANGED_PER_SYNC));
}

function namedIn(
  summaries: readonly RoomSummary[],
  ids: readonly string[],
  members: readonly Member[],
): ReadonlySet<string> {
  const all = new Set(ids);
  for (const { memberIds, lastMessage } of summaries) {
    for (const id of memberIds) all.add(id);
    if (lastMessage !== null) all.add(lastMessage.senderId);
  }
  for (const member of members) all.add(member.userId);
  return all;
}
