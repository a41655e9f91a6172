import { type LanguageRoom, type Lounge, ProtocolError, type RouteParsed } from '@confab/protocol';
import { z } from 'zod';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import { Repeated } from '../../platform/http/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { JobKind, Jobs } from '../../platform/jobs/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Pictures } from '../../platform/pictures/index.ts';
import type { Ages, ModerationLog } from '../safety/index.ts';
import { languageRoomChanges, presentLanguageRoom, type RoomChange } from './changes.ts';
import { refusals } from './gate.ts';
import { leaveAbsentGuests, type VisitDeps } from './guests.ts';
import { HeadCounts } from './heads.ts';
import { Kept } from './kept.ts';
import { hashed, pathOf, type Picture, pictureBy, savePicture } from './pictures.ts';
import * as store from './store.ts';

/** All of them are in one answer. */
const MAX_LOUNGES = 50;
/** The list is made anew this often at most, however many ask. */
const KEPT_MS = 2000;
/** Members looked at in one step. */
const PAGE = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

export interface LoungeDeps extends VisitDeps {
  bus: Bus;
  ids: Ids;
  jobs: Jobs;
  log: Logger;
  ages: Ages;
  trail: ModerationLog;
  pictures: Pictures;
}

type NewLounge = RouteParsed<'createLounge'>['body'] & { picture?: Picture | null };
/** `picture` null: none any more. */
type LoungeChange = RouteParsed<'updateLounge'>['body'] & { picture?: Picture | null };
type NewLanguageRoom = RouteParsed<'createLanguageRoom'>['body'];
/** Who does it; null: the command line. */
type ActorId = string | null;

/** What follows from a change of a lounge for its rooms: done at once, and by this job should the node die before. */
const settleJob: JobKind<{ loungeId: string }> = {
  name: 'lounges.settle',
  payload: z.object({ loungeId: z.string() }),
};

/** Lounges, and their language rooms. Whoever calls has asked whether the actor may. */
export class LoungeService {
  readonly #deps: LoungeDeps;
  readonly #changes: ReturnType<typeof languageRoomChanges>;
  readonly #heads: HeadCounts;
  readonly #list: Kept<Repeated<{ lounges: Lounge[] }>>;
  #demoted: Promise<void> = Promise.resolve();
  #subscriptions: readonly Unsubscribe[] = [];

  constructor(deps: LoungeDeps) {
    this.#deps = deps;
    this.#changes = languageRoomChanges({ ages: deps.ages, log: deps.trail });
    this.#heads = new HeadCounts(deps);
    this.#list = new Kept(deps.clock, KEPT_MS, async () => new Repeated({ lounges: await this.#load() }));
    deps.jobs.handle(settleJob, ({ loungeId }) => this.#settle(loungeId));
  }

  async start(): Promise<void> {
    const { bus, log } = this.#deps;
    this.#subscriptions = await Promise.all([
      bus.subscribe('caches', (frame) => {
        if (frame.event === 'caches:stale' && frame.payload.lounges === true) this.#list.forget();
      }),
      bus.subscribe('sessions', (frame) => {
        if (frame.event !== 'sessions:changed') return;
        this.#demoted = this.#demoted
          .then(() => this.turnOutDemoted())
          .catch((error: unknown) => log.warn({ err: error }, 'who lost an office is turned out of lounges later'));
      }),
    ]);
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#demoted;
  }

  /** In their order, each with its rooms, the oldest first. As of 2 s ago at most; changes of lounges are in it at once. */
  async list(): Promise<Lounge[]> {
    return (await this.answer()).value.lounges;
  }

  /** `list`, as everyone is given it. */
  answer(): Promise<Repeated<{ lounges: Lounge[] }>> {
    return this.#list.get();
  }

  /** As in `list`. @throws ProtocolError not_found */
  async rooms(loungeId: string): Promise<LanguageRoom[]> {
    return (await this.#find(loungeId)).rooms;
  }

  /** @throws ProtocolError limit_reached */
  async create(actorId: ActorId, input: NewLounge): Promise<Lounge> {
    const { db, ids, clock, trail } = this.#deps;
    const { minRole, adultsOnly, picture = null, ...fields } = input;
    const loungeId = ids.uuid();
    const row = {
      ...fields,
      lounge_id: loungeId,
      picture: pathOf(loungeId, picture),
      min_role: minRole,
      adults_only: adultsOnly,
      created_at: clock.now(),
    };
    await db.transaction(async (tx) => {
      await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('chat.lounges', 0))");
      if ((await store.allLounges(tx)).length >= MAX_LOUNGES) throw new ProtocolError('limit_reached');
      await store.saveLounge(tx, row);
      await savePicture(tx, loungeId, picture, row.created_at);
      await trail.record(tx, {
        action: 'lounge.opened',
        actorId,
        details: { loungeId, name: row.name },
      });
    });
    this.#changed();
    return store.presentLounge(row, []);
  }

  /**
   * Answers once its rooms are as it says now, and whoever may not be in it any more is out of them. What is as it was already
   * is no change, and is not recorded.
   * @throws ProtocolError not_found
   */
  async update(
    actorId: ActorId,
    loungeId: string,
    change: LoungeChange,
  ): Promise<{ lounge: Lounge; isChanged: boolean }> {
    const { db, jobs, trail, clock } = this.#deps;
    const { picture } = change;
    const isChanged = await db.transaction(async (tx) => {
      const before = await store.loungeById(tx, loungeId, 'locked');
      if (before === undefined) throw new ProtocolError('not_found');
      const after = {
        ...before,
        name: change.name ?? before.name,
        topic: change.topic ?? before.topic,
        picture: picture === undefined ? before.picture : pathOf(loungeId, picture),
        rules: change.rules ?? before.rules,
        min_role: change.minRole ?? before.min_role,
        guests: change.guests ?? before.guests,
        adults_only: change.adultsOnly ?? before.adults_only,
        position: change.position ?? before.position,
      };
      const changes = store.changesOf(before, after);
      if (Object.keys(changes).length === 0) return false;
      await store.saveLounge(tx, after);
      if (picture !== undefined) await savePicture(tx, loungeId, picture, clock.now());
      await trail.record(tx, { action: 'lounge.changed', actorId, details: { loungeId, ...changes } });
      await jobs.enqueue(tx, settleJob, { loungeId }, { key: `lounge ${loungeId}` });
      return true;
    });
    if (isChanged) await this.#settle(loungeId);
    return { lounge: await this.#find(loungeId), isChanged };
  }

  /**
   * What becomes the `picture` of a lounge.
   * @throws ProtocolError bad_input naming `picture`; overloaded
   */
  async drawPicture(bytes: Buffer): Promise<Picture> {
    return hashed(await this.#deps.pictures.square(bytes));
  }

  /** The picture of a lounge, a WebP. @throws ProtocolError not_found when it has none, or another one */
  async picture(loungeId: string, hash: string): Promise<Buffer> {
    const image = await pictureBy(this.#deps.db, loungeId, hash);
    if (image === undefined) throw new ProtocolError('not_found');
    return image;
  }

  /** Answers once its rooms are gone too. @throws ProtocolError not_found */
  async delete(actorId: ActorId, loungeId: string): Promise<void> {
    const { db, jobs, trail } = this.#deps;
    await db.transaction(async (tx) => {
      const gone = await store.dropLounge(tx, loungeId);
      if (gone === undefined) throw new ProtocolError('not_found');
      await trail.record(tx, { action: 'lounge.closed', actorId, details: { loungeId, name: gone.name } });
      await jobs.enqueue(tx, settleJob, { loungeId }, { key: `lounge ${loungeId}` });
    });
    await this.#settle(loungeId);
  }

  /** @throws ProtocolError not_found, limit_reached */
  async createRoom(actorId: ActorId, loungeId: string, input: NewLanguageRoom): Promise<LanguageRoom> {
    const { committer, ids } = this.#deps;
    const name = input.name ?? endonym(input.language);
    const change = { ...input, name, roomId: ids.uuid(), parentId: null, loungeId, actorId };
    const row = await committer.run(this.#changes.open, change);
    this.#changed();
    return presentLanguageRoom(row, new Map());
  }

  /** Whoever is in it stays, also where that is more than fit now. What is as it was is no change. @throws ProtocolError not_found */
  async updateRoom(
    actorId: ActorId,
    loungeId: string,
    roomId: string,
    change: RoomChange,
  ): Promise<LanguageRoom & { isChanged: boolean }> {
    const input = { roomId, parentId: null, loungeId, actorId, change };
    const { room, isChanged } = await this.#deps.committer.run(this.#changes.change, input);
    this.#changed();
    return { ...presentLanguageRoom(room, await this.#heads.counts()), isChanged };
  }

  /** @throws ProtocolError not_found */
  async deleteRoom(actorId: ActorId, loungeId: string, roomId: string): Promise<void> {
    await this.#deps.committer.run(this.#changes.close, { roomId, parentId: null, loungeId, actorId });
    this.#changed();
  }

  /** As the function of the same name. */
  leaveAbsentGuests(): Promise<void> {
    return leaveAbsentGuests(this.#deps, this.#changes);
  }

  /** Takes out of lounges for people with an office whoever lost theirs. Idempotent. */
  async turnOutDemoted(): Promise<void> {
    for (const lounge of await store.allLounges(this.#deps.db)) {
      if (lounge.min_role !== 'guest' && lounge.min_role !== 'user') await this.#settle(lounge.lounge_id);
    }
  }

  async #find(loungeId: string): Promise<Lounge> {
    const lounge = (await this.list()).find(({ id }) => id === loungeId);
    if (lounge === undefined) throw new ProtocolError('not_found');
    return lounge;
  }

  async #load(): Promise<Lounge[]> {
    const { db } = this.#deps;
    const [lounges, rooms, heads] = await Promise.all([
      store.allLounges(db),
      store.allLanguageRooms(db),
      this.#heads.counts(),
    ]);
    const ofLounge = Map.groupBy(rooms, (row) => row.lounge_id);
    return lounges.map((row) => {
      const its = ofLounge.get(row.lounge_id) ?? [];
      return store.presentLounge(
        row,
        its.map((room) => presentLanguageRoom(room, heads)),
      );
    });
  }

  /** Makes the rooms of a lounge what it says, room by room and page by page; of one that is gone they go. Idempotent. */
  async #settle(loungeId: string): Promise<void> {
    const { db, committer } = this.#deps;
    for (const roomId of await store.roomIdsOf(db, loungeId)) {
      const lounge = await committer.run(this.#changes.follow, { roomId, parentId: null, actorId: null });
      if (lounge !== null) await this.#turnOut(roomId, lounge);
    }
    this.#changed();
  }

  async #turnOut(roomId: string, lounge: store.LoungeRow): Promise<void> {
    const { db, profiles, ages, committer } = this.#deps;
    let ids = await store.memberIdsAfter(db, roomId, FIRST, PAGE);
    while (ids.length > 0) {
      const members = await profiles.publicUsers(ids);
      const refused = await refusals(lounge, members, ages);
      const people = members.filter(({ id }) => refused.has(id));
      if (people.length > 0) {
        await committer.run(this.#changes.turnOut, { roomId, parentId: null, actorId: null, people });
      }
      ids = await store.memberIdsAfter(db, roomId, ids.at(-1) ?? FIRST, PAGE);
    }
  }

  #changed(): void {
    this.#list.forget();
    this.#deps.bus.publish('caches', { event: 'caches:stale', payload: { lounges: true } });
  }
}

/** What a language calls itself, with a capital where its letters have them. */
function endonym(tag: string): string {
  const name = new Intl.DisplayNames([tag], { type: 'language', languageDisplay: 'standard' }).of(tag) ?? tag;
  const [first = ''] = name;
  return first.toLocaleUpperCase(tag) + name.slice(first.length);
}
