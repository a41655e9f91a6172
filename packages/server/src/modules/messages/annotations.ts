import type { Message, MyMembership } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Announce, Committer, RoomDirectory } from '../rooms/index.ts';
import type { Blocks, ModerationLog } from '../safety/index.ts';
import { pinKind } from './pins.ts';
import { closePollJob, closePollKind, endPollKind, voteKind } from './polls.ts';
import { reactKind } from './reactions.ts';
import { forViewer } from './rows.ts';
import { starKind } from './stars.ts';

export interface AnnotationDeps {
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  blocks: Blocks;
  jobs: Jobs;
  announce: Announce;
  trail: ModerationLog;
}

/** What people put on messages: reactions, pins, stars and votes. Every method is one atomic, idempotent change. */
export class AnnotationService {
  readonly #deps: AnnotationDeps;
  readonly #react;
  readonly #pin;
  readonly #star;
  readonly #vote;
  readonly #closePoll;

  constructor(deps: AnnotationDeps) {
    this.#deps = deps;
    this.#react = reactKind(deps);
    this.#pin = pinKind(deps);
    this.#star = starKind(deps);
    this.#vote = voteKind(deps);
    this.#closePoll = closePollKind(deps);
    const endPoll = endPollKind(deps);
    deps.jobs.handle(closePollJob, async ({ roomId, messageId }) => {
      const parentId = await deps.directory.parentOf(roomId);
      await deps.committer.run(endPoll, { roomId, parentId, actorId: null, messageId });
    });
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, message_deleted, blocked, limit_reached */
  async react(actor: Actor, roomId: string, messageId: string, emoji: string, on: boolean): Promise<Message> {
    const input = { ...(await this.#on(actor, roomId, messageId)), emoji, on };
    return this.#shown(actor, await this.#deps.committer.run(this.#react, input));
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, message_deleted, blocked, limit_reached */
  async pin(actor: Actor, roomId: string, messageId: string, on: boolean): Promise<Message> {
    const input = { ...(await this.#on(actor, roomId, messageId)), on };
    return this.#shown(actor, await this.#deps.committer.run(this.#pin, input));
  }

  /** @throws ProtocolError not_found, message_deleted, blocked, limit_reached */
  async star(actor: Actor, roomId: string, messageId: string, on: boolean): Promise<MyMembership> {
    return this.#deps.committer.run(this.#star, { ...(await this.#on(actor, roomId, messageId)), on });
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, message_deleted, blocked, poll_closed, bad_input */
  async vote(actor: Actor, roomId: string, messageId: string, options: readonly number[]): Promise<Message> {
    const input = { ...(await this.#on(actor, roomId, messageId)), options };
    return this.#shown(actor, await this.#deps.committer.run(this.#vote, input));
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, message_deleted, bad_input */
  async closePoll(actor: Actor, roomId: string, messageId: string): Promise<Message> {
    const input = await this.#on(actor, roomId, messageId);
    return this.#shown(actor, await this.#deps.committer.run(this.#closePoll, input));
  }

  async #on(actor: Actor, roomId: string, messageId: string) {
    return { ...(await this.#deps.directory.inputBy(actor, roomId)), messageId };
  }

  async #shown(actor: Actor, message: Message): Promise<Message> {
    return forViewer(message, await this.#deps.blocks.blockedByOne(actor.userId));
  }
}
