import {
  badInput,
  type ClientEventParsed,
  type Message,
  type MessagePage,
  ProtocolError,
  type PublicUser,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { READINGS, Shares, WAITING_READINGS } from '../../platform/shares.ts';
import type { Profiles } from '../accounts/index.ts';
import { accessRoom, type Committer, demand, type ModeratorNews, type RoomDirectory } from '../rooms/index.ts';
import type { Automod, Blocks, ModerationLog, Notices, Silences } from '../safety/index.ts';
import { deleteKind, editKind, readKind } from './changes.ts';
import { demandUnblocked } from './on-message.ts';
import { forViewer, presentMessage } from './rows.ts';
import type { ScheduledRow } from './scheduled-rows.ts';
import type { SearchIndexer } from './search-indexer.ts';
import { sendKind } from './send.ts';
import type { Send } from './send-facts.ts';
import { earlierBodies, findMessage, page, type PageRequest } from './store.ts';

export interface MessageDeps {
  db: Database;
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  blocks: Blocks;
  silences: Silences;
  ids: Ids;
  jobs: Jobs;
  metrics: Metrics;
  automod: Automod;
  trail: ModerationLog;
  notices: Notices;
  news: ModeratorNews;
  indexer: SearchIndexer;
}

type NewMessage = Omit<ClientEventParsed<'message:send'>, 'roomId'>;

/** Messages: sending, changing, reading. Socket and REST both end here. */
export class MessageService {
  readonly #deps: MessageDeps;
  readonly #send;
  readonly #edit;
  readonly #delete;
  readonly #readings = new Shares(READINGS, WAITING_READINGS);

  constructor(deps: MessageDeps) {
    this.#deps = deps;
    this.#send = sendKind(deps);
    this.#edit = editKind(deps);
    this.#delete = deleteKind(deps);
  }

  /**
   * Resolves once the message is committed, with the message that is stored under (room, actor, clientId): this one, or
   * the one an earlier try stored; one that waits for approval has that `status`. Messages handed in one after the other
   * for one room are numbered in that order.
   * @throws ProtocolError not_found, forbidden, client_id_reused, slow_mode, message_rejected, limit_reached, overloaded,
   * unavailable, age_confirmation_required, and what `refusal` names
   */
  async send(actor: Actor, roomId: string, input: NewMessage): Promise<Message> {
    const { clientId, replyTo, poll } = input;
    const parentId = await this.#deps.directory.parentOf(roomId);
    const source = input.forward === undefined ? undefined : await this.#forwardable(actor, input.forward);
    return this.#say({
      roomId,
      parentId,
      actorId: actor.userId,
      senderId: actor.userId,
      clientId,
      body: source?.body ?? input.body ?? poll?.question ?? '',
      replyTo,
      poll,
      forwarded: source?.forwarded ?? (source && { senderId: source.senderId, createdAt: source.createdAt }),
    });
  }

  /**
   * Sends a scheduled message in its author's name, as `send` would now, and ends it: both or none, and once only.
   * @throws ProtocolError as `send`; not_found also when it was sent or taken back
   */
  async sendDue(row: ScheduledRow): Promise<Message> {
    return this.#say({
      roomId: row.room_id,
      parentId: await this.#deps.directory.parentOf(row.room_id),
      actorId: null,
      senderId: row.user_id,
      clientId: row.client_id,
      body: row.body,
      replyTo: row.reply_to,
      scheduledId: row.scheduled_id,
    });
  }

  async #say(send: Send): Promise<Message> {
    const message = await this.#deps.committer.run(this.#send, send);
    if (message.status === 'pending') this.#deps.news.tell('held', send.parentId ?? send.roomId);
    if (message.status !== undefined) return message;
    this.#deps.metrics.messagesSent.inc();
    this.#deps.indexer.wake();
    return message;
  }

  /**
   * Idempotent.
   * @throws ProtocolError not_found, forbidden, message_deleted, slow_mode, limit_reached, message_rejected: an edit cannot wait
   */
  async edit(actor: Actor, roomId: string, messageId: string, body: string): Promise<Message> {
    return this.#deps.committer.run(this.#edit, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      messageId,
      body,
      textId: this.#deps.ids.uuid(),
    });
  }

  /**
   * Idempotent. @param reason for the author of what a moderator deletes
   * @throws ProtocolError not_found, forbidden
   */
  async delete(actor: Actor, roomId: string, messageId: string, reason?: string): Promise<Message> {
    return this.#deps.committer.run(this.#delete, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      messageId,
      reason: reason ?? null,
    });
  }

  /** Idempotent and monotonic. @throws ProtocolError not_found */
  async markRead(actor: Actor, roomId: string, n: number): Promise<{ lastReadN: number; unread: number }> {
    return this.#deps.committer.run(readKind, { ...(await this.#deps.directory.inputBy(actor, roomId)), n });
  }

  /** A page of history, in one snapshot with the room's numbers; few at once for one person. @throws ProtocolError not_found */
  history(actor: Actor, roomId: string, request: PageRequest): Promise<MessagePage> {
    return this.#readings.run(actor.userId, () => this.#page(actor, roomId, request));
  }

  async #page(actor: Actor, roomId: string, request: PageRequest): Promise<MessagePage> {
    const { rows, newest } = await this.#deps.db.transaction(async (db) => {
      const { room } = await accessRoom(db, actor, roomId, 'read');
      return { rows: await page(db, roomId, request), newest: room.n };
    }, 'snapshot');
    const blocked = await this.#deps.blocks.blockedByOne(actor.userId);
    const messages = rows.map((row) => forViewer(presentMessage(row), blocked));
    // Numbers have no gap, so what lies beyond the page follows from its ends, or from the anchor of an empty page.
    const first = messages[0]?.n ?? request.before ?? (request.after ?? newest) + 1;
    const last = messages.at(-1)?.n ?? first - 1;
    return {
      messages,
      hasMoreBefore: first > 1 && newest > 0,
      hasMoreAfter: last < newest,
      users: await this.#deps.profiles.publicUsers([...new Set(messages.map((m) => m.senderId))]),
    };
  }

  /** One message, as `actor` may see it. @throws ProtocolError not_found */
  async one(actor: Actor, roomId: string, messageId: string): Promise<{ message: Message; user: PublicUser }> {
    await accessRoom(this.#deps.db, actor, roomId, 'read');
    const row = await findMessage(this.#deps.db, roomId, messageId);
    const blocked = await this.#deps.blocks.blockedByOne(actor.userId);
    const [user] = await this.#deps.profiles.publicUsers([row.sender_id]);
    if (user === undefined) throw new ProtocolError('not_found');
    return { message: forViewer(presentMessage(row), blocked), user };
  }

  /**
   * Earlier bodies, the oldest first: for the author, and for moderators. None once the message is deleted, nor while it is
   * hidden: then they are read in the case.
   * @throws ProtocolError not_found, forbidden, blocked
   */
  async edits(actor: Actor, roomId: string, messageId: string): Promise<{ body: string; until: number }[]> {
    const { seat } = await accessRoom(this.#deps.db, actor, roomId, 'read');
    const row = await findMessage(this.#deps.db, roomId, messageId);
    if (row.sender_id !== actor.userId) demand('seeEdits', seat);
    await demandUnblocked(this.#deps.blocks, actor.userId, row, seat);
    if ((row.hidden_at ?? null) !== null) return [];
    return earlierBodies(this.#deps.db, row);
  }

  // A message whose words may be passed on: it can be read, and says something.
  async #forwardable(actor: Actor, source: { roomId: string; messageId: string }): Promise<Message> {
    const { message } = await this.one(actor, source.roomId, source.messageId);
    if (message.deletedAt !== null) throw new ProtocolError('message_deleted');
    if (message.hidden === true || message.kind !== 'text')
      throw badInput('forward', 'is no message that can be passed on');
    return message;
  }
}
