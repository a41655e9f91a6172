import { badInput, isAtLeast, ProtocolError, type PublicUser, type Role, type Sanction } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import {
  type BanRecords,
  demandNotFromAbove,
  demandRank,
  type DemandLive,
  type InstanceBans,
  mayBan,
  type Profiles,
} from '../accounts/index.ts';
import type { RemoveMessages } from '../messages/index.ts';
import type { Committer, RoomDirectory } from '../rooms/index.ts';
import type { SilenceService } from '../safety/index.ts';
import { type RoomSanctionDeps, roomSanctionChanges } from './sanction-changes.ts';
import { inForce, lockSanction, presentSanction, type SanctionRow, sanctionsToldTo } from './sanction-rows.ts';
import { recordDecision, recordSanction, type Told } from './sanction-steps.ts';

const SINCE_MS = { hour: 3_600_000, day: 86_400_000 } as const;
export type Since = keyof typeof SINCE_MS;

export interface SanctionDeps extends RoomSanctionDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  bans: InstanceBans;
  demandLive: DemandLive;
  silences: SilenceService;
  removeMessages: RemoveMessages;
}

/** What somebody wants done to somebody. `until`: epoch ms; null: until it is lifted. */
export interface NewSanction {
  type: Sanction['type'];
  userId: string;
  /** null: on the whole instance. */
  roomId: string | null;
  reason: string;
  until: number | null;
  removeMessages: Since | null;
}

/** What whoever decides is, and what those are who may have decided before. */
interface Ranks {
  own: Role;
  officers: readonly PublicUser[];
}

/** Warnings, mutes, kicks and bans, of rooms and of the instance. Nobody moderates upwards, their equals or themselves. */
export class SanctionService {
  readonly #deps: SanctionDeps;
  readonly #inRoom: ReturnType<typeof roomSanctionChanges>;

  constructor(deps: SanctionDeps) {
    this.#deps = deps;
    this.#inRoom = roomSanctionChanges(deps);
  }

  /**
   * Done, recorded and told in one transaction; a mute or ban replaces the one before it. In a thread the room it hangs on
   * counts. Messages are removed afterwards, so that nothing is written meanwhile.
   * @param ip of the caller, for the audit log of accounts
   * @throws ProtocolError not_found: no such room or person, or nobody there whom it could concern; forbidden; bad_input
   */
  async impose(actor: Actor, ip: string, input: NewSanction): Promise<Sanction> {
    const { type, roomId, reason, until, removeMessages } = input;
    if (until !== null && (type === 'warn' || type === 'kick')) throw badInput('until', 'is for mutes and bans');
    if (until !== null && until <= this.#deps.clock.now()) throw badInput('until', 'must be in the future');
    if (roomId === null) {
      if (removeMessages !== null) throw badInput('removeMessages', 'is for rooms');
      return presentSanction(await this.#imposeEverywhere(actor, ip, input));
    }
    const by = await this.#governing(actor, roomId);
    const user = await this.#person(input.userId);
    const officers = await this.#officers();
    const sanctionId = this.#deps.ids.uuid();
    const change = { ...by, sanctionId, user, type, reason, until, officers };
    const row = await this.#deps.committer.run(this.#inRoom.impose, change);
    if (removeMessages !== null) await this.removeMessages(actor, roomId, user.id, removeMessages, reason);
    return presentSanction(row);
  }

  /** What was done about the actor, the newest first, without who did it; of what they were not told, without why. */
  mine(actor: Actor): Promise<Sanction[]> {
    return sanctionsToldTo(this.#deps.db, actor.userId);
  }

  /**
   * Deletes what somebody wrote in a room and its threads in the last hour or day, and answers how many messages that were.
   * Idempotent. A batch at a time, each recorded with what it deletes; the person is told of it once.
   * @throws ProtocolError not_found, forbidden
   */
  async removeMessages(actor: Actor, roomId: string, userId: string, since: Since, reason: string): Promise<number> {
    const { clock } = this.#deps;
    const by = await this.#governing(actor, roomId);
    const user = await this.#person(userId);
    return this.#deps.removeMessages({ ...by, user, since: clock.now() - SINCE_MS[since], reason });
  }

  /** What is recorded with bans of the whole instance, whoever imposes or ends them. */
  get banRecords(): BanRecords {
    return {
      banned: async (deed, ban) => {
        const officers = await this.#officers();
        return async (tx, own) => {
          const { told } = await this.#replace(tx, { own, officers }, { type: 'ban', ...deed, ...ban });
          return () => this.#tell(told);
        };
      },
      lifted: async (deed) => {
        const officers = await this.#officers();
        return async (tx, own) => {
          const now = this.#deps.clock.now();
          const all: (Told | null)[] = [];
          for (const row of await this.#inForce(tx, { own, officers }, { type: 'ban', userId: deed.userId })) {
            const decision = { actorId: deed.actorId, reason: '', appeal: null };
            const about = { roomName: null, now, tell: true };
            all.push(
              (await recordDecision(this.#deps, tx, await lockSanction(tx, row.sanction_id), decision, about)).told,
            );
          }
          return { ends: true, after: () => all.forEach((told) => this.#tell(told)) };
        };
      },
    };
  }

  async #imposeEverywhere(actor: Actor, ip: string, input: NewSanction): Promise<SanctionRow> {
    const { db, silences, bans, demandLive } = this.#deps;
    const { type, userId, reason, until } = input;
    if (!isAtLeast(actor.role, 'moderator')) throw new ProtocolError('forbidden');
    if (type === 'kick') throw badInput('type', 'is for rooms');
    demandRank({ id: actor.userId, role: actor.role }, await this.#person(userId));
    const sanction = { type, userId, actorId: actor.userId, reason, until };
    const officers = await this.#officers();
    if (type === 'ban') {
      let imposed: SanctionRow | undefined;
      await bans.ban({ actor, userId, ip }, { reason, until }, async (tx, own) => {
        const { row, told } = await this.#replace(tx, { own, officers }, sanction);
        imposed = row;
        return () => this.#tell(told);
      });
      if (imposed === undefined) throw new Error('a ban was not recorded');
      return imposed;
    }
    const { row } = await this.#publishing(async (tx) => {
      await demandLive(tx, actor);
      // Before the rest, as it makes those who mute the same person take turns.
      if (type === 'mute') await silences.begin(tx, userId, until);
      return this.#replace(tx, { own: actor.role, officers }, sanction);
    }, db);
    if (type === 'mute') silences.changed();
    return row;
  }

  /** Records it, in place of one before it. @throws ProtocolError forbidden where that is from higher up */
  async #replace(
    tx: Queryable,
    by: Ranks,
    sanction: { type: Sanction['type']; userId: string; actorId: string; reason: string; until: number | null },
  ): Promise<{ row: SanctionRow; told: Told | null }> {
    const { ids, clock } = this.#deps;
    const { type, userId, actorId, reason, until } = sanction;
    if (type === 'mute' || type === 'ban') await this.#inForce(tx, by, { type, userId });
    const place = { sanction_id: ids.uuid(), type, user_id: userId, room_id: null };
    const row = { ...place, reason, until, imposed_by: actorId, created_at: clock.now() };
    return recordSanction(this.#deps, tx, row, { roomName: null, tell: true });
  }

  /** What is in force on the whole instance. @throws ProtocolError forbidden where it is from higher up */
  async #inForce(
    tx: Queryable,
    { own, officers }: Ranks,
    { type, userId }: { type: 'mute' | 'ban'; userId: string },
  ): Promise<SanctionRow[]> {
    const rows = await inForce(tx, { user_id: userId, room_id: null, type }, this.#deps.clock.now());
    for (const { imposed_by, created_at, until } of rows) {
      demandNotFromAbove(own, officers.find(({ id }) => id === imposed_by)?.role);
      if (type === 'ban' && !mayBan(own, created_at, until)) throw new ProtocolError('forbidden');
    }
    return rows;
  }

  async #officers(): Promise<PublicUser[]> {
    const { profiles } = this.#deps;
    return profiles.publicUsers(await profiles.officers());
  }

  // In a thread the room it hangs on counts.
  async #governing(actor: Actor, roomId: string) {
    const by = await this.#deps.directory.inputBy(actor, roomId);
    return { ...by, roomId: by.parentId ?? roomId, parentId: null };
  }

  async #person(userId: string): Promise<PublicUser> {
    const [user] = await this.#deps.profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    return user;
  }

  // What is told is told once it is committed.
  async #publishing<T extends { told: Told | null }>(change: (tx: Queryable) => Promise<T>, db: Database): Promise<T> {
    const done = await db.transaction(change);
    this.#tell(done.told);
    return done;
  }

  #tell(told: Told | null): void {
    if (told !== null) this.#deps.bus.publish(told.channel, told.frame);
  }
}
