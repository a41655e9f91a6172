/** Opening a side conversation about a message. */
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  accessRoom,
  type Candidate,
  candidates,
  type ChangeInput,
  type ChangeKind,
  type Committer,
  demand,
  follow,
  oneByOne,
  type TakeSnapshot,
  threadRoomId,
} from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { withPart } from './rows.ts';
import { findMessage } from './store.ts';

export interface ThreadDeps {
  db: Database;
  committer: Committer;
  profiles: Profiles;
  blocks: Blocks;
}

interface OpenThread extends ChangeInput<string> {
  parentId: string;
  messageId: string;
  opener: Candidate;
  /** Of the message. */
  author: Candidate;
  /** Whether one of them blocks the other. */
  blocked: boolean;
}

/**
 * Makes the thread at the first call; at every call whoever opens it follows it. The author of the message follows it
 * from the beginning, unless they and the opener want nothing of each other.
 */
function openThreadKind(deps: ThreadDeps): ChangeKind<OpenThread, void> {
  return oneByOne('openThread', async (input, tx) => {
    const { room: parent, seat } = await tx.enterAsMember({
      roomId: input.parentId,
      actorId: input.opener.user.id,
      actorRole: input.opener.user.role,
    });
    const row = await findMessage(tx.db, parent.room_id, input.messageId);
    if (row.kind === 'system') throw new ProtocolError('forbidden');
    const known = tx.room(input.roomId);
    if (known !== undefined) return follow(tx, known, input.opener);
    demand('openThread', seat);
    if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
    if (parent.kind === 'direct' && input.blocked) throw new ProtocolError('blocked');
    const { room } = await tx.create({
      room_id: input.roomId,
      kind: 'thread',
      name: null,
      topic: '',
      created_by: input.opener.user.id,
      parent_room_id: parent.room_id,
      parent_message_id: row.message_id,
      parent_n: row.n,
    });
    await follow(tx, room, input.opener);
    const [authorThere] = await tx.members([{ roomId: parent.room_id, userId: row.sender_id }]);
    if (authorThere?.left_at === null && !input.blocked) await follow(tx, room, input.author);
    const thread = { roomId: room.room_id, count: 0, lastAt: null };
    await changeMessage(tx, parent, row, { parts: withPart(row.parts, 'thread', thread) }, deps);
  });
}

export class ThreadService {
  readonly #deps: ThreadDeps;
  readonly #open: ChangeKind<OpenThread, void>;

  constructor(deps: ThreadDeps) {
    this.#deps = deps;
    this.#open = openThreadKind(deps);
  }

  /**
   * The id of the thread about a message: the same one at every call, also under parallel calls.
   * @throws ProtocolError not_found, forbidden, room_archived, message_deleted, blocked
   */
  async open(actor: Actor, roomId: string, messageId: string): Promise<string> {
    const { db, blocks, committer } = this.#deps;
    const { room } = await accessRoom(db, actor, roomId, 'read');
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    const { sender_id: authorId } = await findMessage(db, roomId, messageId);
    const [opener, author] = await candidates(this.#deps, [actor.userId, authorId], () => '');
    if (opener === undefined || author === undefined) throw new ProtocolError('not_found');
    const blocked = authorId !== actor.userId && (await blocks.between(actor.userId, authorId));
    const threadId = threadRoomId(messageId);
    const by = { roomId: threadId, parentId: roomId, actorId: actor.userId };
    await committer.run(this.#open, { ...by, messageId, opener, author, blocked });
    return threadId;
  }
}

export function threadRoutes(threads: ThreadService, snapshot: TakeSnapshot): RestHandlers<'openThread'> {
  return {
    async openThread({ actor, params }) {
      return snapshot(actor, await threads.open(actor, params.roomId, params.messageId));
    },
  };
}
