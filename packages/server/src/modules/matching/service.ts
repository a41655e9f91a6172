import { type MatchState, type MatchWishes, ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { MatchQueue } from '../../platform/matching/index.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, closeRoom, type Committer, oneByOne } from '../rooms/index.ts';
import type { Ages, Blocks, Silences } from '../safety/index.ts';
import { matchChanges } from './changes.ts';
import { Matchmaker, type MayMeet } from './matchmaker.ts';
import { matchingPersonalData } from './personal-data.ts';
import {
  beginToWait,
  ceaseToWait,
  type EndReason,
  forgetMeetings,
  type Seeker,
  seekerOf,
  waitAsMember,
} from './seekers.ts';

/** Ends of sessions after which nobody is met any more. */
const CUT_OFF: ReadonlyMap<string, EndReason> = new Map([
  ['banned', 'moderated'],
  ['disabled', 'moderated'],
  ['deactivated', 'left'],
  ['deleted', 'left'],
]);
/** After that it does not matter any more that two have met. */
const MEETINGS_MS = 24 * 3_600_000;
const CLEANING_BATCH = 500;

export interface MatchDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Logger;
  metrics: Metrics;
  committer: Committer;
  profiles: Profiles;
  blocks: Blocks;
  silences: Silences;
  ages: Ages;
  presence: PresenceStore;
  queue: MatchQueue;
  mayMeet: MayMeet;
}

/**
 * Strangers who meet. A person waits once, or is in one match, whatever devices they have; every change is told to all of
 * them. Who waits and who is with whom is a row of the database, so it outlives every node.
 */
export class MatchService {
  readonly personalData: PersonalData;
  readonly #deps: MatchDeps;
  readonly #changes: ReturnType<typeof matchChanges>;
  readonly #matchmaker: Matchmaker;
  /** Work that nobody waits for. */
  readonly #pending = new Set<Promise<void>>();
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: MatchDeps) {
    this.#deps = deps;
    this.#changes = matchChanges(deps);
    this.#matchmaker = new Matchmaker({
      ...deps,
      meet: (couple) =>
        deps.committer.run(this.#changes.meet, { roomId: deps.ids.uuid(), parentId: null, actorId: null, ...couple }),
      dismiss: (userId, reason) => this.dismiss(userId, reason),
    });
    this.personalData = matchingPersonalData(deps.db, (userId) => this.dismiss(userId, 'left'));
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#deps.bus.subscribe('sessions', (frame) => {
      if (frame.event === 'sessions:changed') {
        for (const userId of frame.payload.userIds) this.#later(this.#roleChanged(userId));
      }
      if (frame.event !== 'sessions:ended') return;
      const reason = CUT_OFF.get(frame.payload.reason);
      const { userId } = frame.payload;
      if (reason !== undefined && userId !== undefined) this.#later(this.dismiss(userId, reason));
    });
    this.#matchmaker.start();
  }

  /** Resolves once nothing is under way any more. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#matchmaker.stop();
    await Promise.all(this.#pending);
  }

  /**
   * Looks for somebody, and ends the match one is in. Whoever waits already goes on waiting, with these wishes.
   * @throws ProtocolError age_confirmation_required, silenced
   */
  async find(actor: Actor, wishes: MatchWishes): Promise<MatchState> {
    await this.#demandMay(actor);
    return this.#seek(actor, wishes);
  }

  /**
   * Leaves whom one is with, and looks for somebody else with the same wishes. Whoever waits goes on waiting.
   * @throws ProtocolError age_confirmation_required, silenced; not_found for whoever neither waits nor was in a match
   */
  async next(actor: Actor): Promise<MatchState> {
    await this.#demandMay(actor);
    const seeker = await seekerOf(this.#deps.db, actor.userId);
    if (seeker === undefined) throw new ProtocolError('not_found');
    const { languages, interests, meetGuests } = seeker;
    return this.#seek(actor, { languages, interests, meetGuests });
  }

  /** Looks no more, and leaves whom one is with. Idempotent. */
  async stopLooking(actor: Actor): Promise<MatchState> {
    await this.dismiss(actor.userId, 'left');
    return { state: 'idle' };
  }

  async state(actor: Actor): Promise<MatchState> {
    const seeker = await seekerOf(this.#deps.db, actor.userId);
    if (seeker === undefined) return { state: 'idle' };
    if (seeker.ticket !== null) return { state: 'waiting', since: seeker.since };
    const { roomId, ended, common } = seeker;
    if (ended !== null) return { state: 'ended', roomId, reason: ended };
    const [user] = await this.#deps.profiles.publicUsers([seeker.peerId]);
    return user === undefined ? { state: 'idle' } : { state: 'matched', roomId, user, common };
  }

  /** Takes somebody out of the queue or out of their match, whose other one is told the reason. Idempotent. */
  async dismiss(userId: string, reason: EndReason): Promise<void> {
    const { db } = this.#deps;
    let dismissed = false;
    for (;;) {
      const ticket = await ceaseToWait(db, userId);
      if (ticket !== undefined) {
        this.#later(this.#deps.queue.remove(userId, ticket));
        dismissed = true;
        break;
      }
      const seeker = await seekerOf(db, userId);
      if (seeker === undefined) break;
      dismissed = true;
      // Who was given away a moment ago is out of the queue, and is looked for once more.
      await this.#leave(seeker, reason);
    }
    if (dismissed) this.#tell(userId, { state: 'idle' });
  }

  /** One of them blocked the other, or does so no longer: they do not stay together across a block. */
  async blockChanged(blocker: string, blocked: string): Promise<void> {
    const seeker = await seekerOf(this.#deps.db, blocker);
    if (seeker?.roomId === undefined || seeker.roomId === null || seeker.peerId !== blocked) return;
    if (seeker.ended === null && (await this.#deps.blocks.between(blocker, blocked))) {
      await this.dismiss(blocker, 'left');
    }
  }

  /**
   * Deletes the rooms of matches that both have left, and forgets who met whom long ago. Idempotent, and harmless on
   * several nodes at once.
   */
  async removeEmptyMatches(): Promise<void> {
    const { db, committer, clock } = this.#deps;
    for (;;) {
      const { rows } = await db.query<{ room_id: string }>(
        `SELECT room_id FROM chat.rooms
         WHERE kind = 'match' AND deleted_at IS NULL AND archived_at IS NOT NULL AND member_count = 0
         ORDER BY created_at LIMIT $1`,
        [CLEANING_BATCH],
      );
      await Promise.all(
        rows.map(({ room_id: roomId }) => committer.run(removeEmpty, { roomId, parentId: null, actorId: null })),
      );
      if (rows.length < CLEANING_BATCH) break;
    }
    while ((await forgetMeetings(db, clock.now() - MEETINGS_MS, CLEANING_BATCH)) === CLEANING_BATCH);
  }

  async #demandMay({ userId }: Actor): Promise<void> {
    const { ages, silences } = this.#deps;
    if (!(await ages.confirmed(userId))) throw new ProtocolError('age_confirmation_required');
    await silences.demandVoice(userId);
  }

  async #seek({ userId, role }: Actor, wishes: MatchWishes): Promise<MatchState> {
    const { db, clock, ids, queue } = this.#deps;
    for (;;) {
      const ticket = ids.uuid();
      const asked = { userId, ticket, since: clock.now(), guest: role === 'guest', ...wishes };
      const waiting = await beginToWait(db, asked);
      if (waiting !== undefined) {
        const state: MatchState = { state: 'waiting', since: waiting.since };
        if (waiting.ticket === ticket) this.#tell(userId, state);
        // Not waited for, so that the answer comes before whatever follows from it. What is lost is put in again.
        this.#later(queue.put(waiting));
        return state;
      }
      const seeker = await seekerOf(db, userId);
      if (seeker !== undefined) await this.#leave(seeker, 'left');
    }
  }

  // The role of a guest changes but once: when they become a member. Of the nodes that hear of it one puts them in again.
  async #roleChanged(userId: string): Promise<void> {
    const waiting = await waitAsMember(this.#deps.db, userId);
    if (waiting !== undefined) await this.#deps.queue.put(waiting);
  }

  async #leave(seeker: Seeker, reason: EndReason): Promise<void> {
    if (seeker.roomId === null) return;
    const [user] = await this.#deps.profiles.publicUsers([seeker.userId]);
    if (user === undefined) throw new Error('somebody in a match is nobody');
    const { roomId } = seeker;
    await this.#deps.committer.run(this.#changes.part, { roomId, parentId: null, actorId: null, user, reason });
  }

  #tell(userId: string, state: MatchState): void {
    this.#deps.bus.publish(`user:${userId}`, { event: 'match', payload: state });
  }

  #later(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'a change of matching was not passed on'))
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}

const removeEmpty = oneByOne('removeEmptyMatch', async ({ roomId }: ChangeInput, tx) => {
  const room = tx.room(roomId);
  if (room?.kind === 'match' && room.archived_at !== null && room.member_count === 0) await closeRoom(tx, room);
});
