import type { Message, MessagePage } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Profiles } from '../accounts/index.ts';
import { accessRoom, type Committer } from '../rooms/index.ts';
import { deleteKind, editKind, readKind } from './changes.ts';
import { presentMessage } from './rows.ts';
import { sendKind } from './send.ts';
import { page, type PageRequest } from './store.ts';

/** Messages: sending, changing, reading. Socket and REST both end here. */
export class MessageService {
  readonly #deps: { db: Database; committer: Committer; profiles: Profiles; metrics: Metrics };
  readonly #send;
  readonly #edit;
  readonly #delete;

  constructor(deps: { db: Database; committer: Committer; profiles: Profiles; ids: Ids; metrics: Metrics }) {
    this.#deps = deps;
    this.#send = sendKind(deps.profiles, deps.ids);
    this.#edit = editKind(deps.profiles);
    this.#delete = deleteKind(deps.profiles);
  }

  /**
   * Resolves once the message is committed, with the message that is stored under (room, actor, clientId): this one, or
   * the one an earlier try stored. Messages handed in one after the other for one room are numbered in that order.
   * @throws ProtocolError not_found, forbidden, client_id_reused, overloaded, unavailable
   */
  async send(
    actor: Actor,
    roomId: string,
    input: { clientId: string; body: string; replyTo: string | null },
  ): Promise<Message> {
    const { clientId, body, replyTo } = input;
    const message = await this.#deps.committer.run(this.#send, {
      roomId,
      senderId: actor.userId,
      clientId,
      body,
      replyTo,
    });
    this.#deps.metrics.messagesSent.inc();
    return message;
  }

  /** Idempotent. @throws ProtocolError not_found, forbidden, message_deleted */
  edit(actor: Actor, roomId: string, messageId: string, body: string): Promise<Message> {
    return this.#deps.committer.run(this.#edit, { roomId, actorId: actor.userId, messageId, body });
  }

  /** Idempotent. @throws ProtocolError not_found, forbidden */
  delete(actor: Actor, roomId: string, messageId: string): Promise<Message> {
    return this.#deps.committer.run(this.#delete, { roomId, actorId: actor.userId, messageId });
  }

  /** Idempotent and monotonic. @throws ProtocolError not_found */
  markRead(actor: Actor, roomId: string, n: number): Promise<{ lastReadN: number; unread: number }> {
    return this.#deps.committer.run(readKind, { roomId, userId: actor.userId, n });
  }

  /** A page of history, in one snapshot with the room's numbers. @throws ProtocolError not_found */
  async history(actor: Actor, roomId: string, request: PageRequest): Promise<MessagePage> {
    const { messages, newest } = await this.#deps.db.transaction(async (db) => {
      const { room } = await accessRoom(db, actor, roomId, 'read');
      return { messages: (await page(db, roomId, request)).map(presentMessage), newest: room.n };
    }, 'snapshot');
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
}
