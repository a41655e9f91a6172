/** How sanctions end before their time: lifted, or because an appeal is granted. */
import { isAtLeast, ProtocolError, type PublicUser, type Sanction } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { demandNotFromAbove, demandRank, mayBan } from '../accounts/index.ts';
import { type AppealNewsDeps, tellJudges } from './appeal-news.ts';
import { isUnmoderated } from './appeal-rows.ts';
import { judgesOf, type Officers, officersOf } from './case-officers.ts';
import { demandOpen, roomSanctionChanges } from './sanction-changes.ts';
import { findSanction, isInForce, lockSanction, presentSanction, type SanctionRow } from './sanction-rows.ts';
import type { SanctionDeps } from './sanction-service.ts';
import { type Decision, recordDecision, type Told } from './sanction-steps.ts';

/** Whoever decides, and from where. */
interface Decider {
  actor: Actor;
  ip: string;
}

export class SanctionDecisions {
  readonly #deps: SanctionDeps & AppealNewsDeps;
  readonly #inRoom: ReturnType<typeof roomSanctionChanges>;

  constructor(deps: SanctionDeps & AppealNewsDeps) {
    this.#deps = deps;
    this.#inRoom = roomSanctionChanges(deps);
  }

  /**
   * Ends it before its time, and with it an appeal that was open. Idempotent. By whoever might have imposed it, unless that
   * was done higher up.
   * @throws ProtocolError not_found, forbidden
   */
  async lift(by: Decider, sanctionId: string, reason: string): Promise<Sanction> {
    return this.#settle(by, sanctionId, { actorId: by.actor.userId, reason, appeal: null });
  }

  /**
   * Decides an appeal, once: of those who decide at the same time one does. Who imposed it only where nobody else could.
   * @throws ProtocolError not_found, forbidden, already_decided
   */
  async decide(by: Decider, sanctionId: string, granted: boolean, note: string): Promise<Sanction> {
    const appeal = granted ? 'granted' : 'refused';
    return this.#settle(by, sanctionId, { actorId: by.actor.userId, reason: note, appeal });
  }

  async #settle(by: Decider, sanctionId: string, decision: Decision): Promise<Sanction> {
    const row = await this.#decide(by, sanctionId, decision);
    if (row.appeal_state !== null) await tellJudges(this.#deps, row);
    return presentSanction(row);
  }

  async #decide(by: Decider, sanctionId: string, decision: Decision): Promise<SanctionRow> {
    const { db, profiles, directory, committer } = this.#deps;
    const known = await findSanction(db, sanctionId);
    if (known === undefined) throw new ProtocolError('not_found');
    const [people, officers] = await Promise.all([
      profiles.publicUsers([known.user_id, ...(known.imposed_by === null ? [] : [known.imposed_by])]),
      officersOf(profiles),
    ]);
    const user = people.find(({ id }) => id === known.user_id);
    if (user === undefined) throw new ProtocolError('not_found');
    const imposer = people.find(({ id }) => id === known.imposed_by) ?? null;
    if (known.room_id === null || (await isUnmoderated(db, known.room_id))) {
      return this.#settleByOffice(by, known, decision, { user, imposer, officers });
    }
    const { reason, appeal } = decision;
    const input = { ...(await directory.inputBy(by.actor, known.room_id)), sanctionId, reason, appeal };
    const settle = { ...input, user, imposer, officers: officers.all };
    return committer.run(this.#inRoom.settle, settle);
  }

  async #settleByOffice(
    { actor, ip }: Decider,
    known: SanctionRow,
    decision: Decision,
    { user, imposer, officers }: { user: PublicUser; imposer: PublicUser | null; officers: Officers },
  ): Promise<SanctionRow> {
    const { db, bus, clock, silences, bans, committer, demandLive } = this.#deps;
    // Who does not moderate the instance learns nothing of it.
    if (!isAtLeast(actor.role, 'moderator')) throw new ProtocolError('not_found');
    // What somebody says against what was done where nobody moderates any more is never nobody's to decide.
    if (decision.appeal === null || known.room_id === null) {
      demandRank({ id: actor.userId, role: actor.role }, user);
    } else if (!judgesOf(officers, user.id).includes(actor.userId)) throw new ProtocolError('forbidden');
    demandNotFromAbove(actor.role, imposer?.role);
    const isInstanceBan = known.type === 'ban' && known.room_id === null;
    if (isInstanceBan && !mayBan(actor.role, known.created_at, known.until)) throw new ProtocolError('forbidden');
    const othersMay = officers.all.some(
      ({ id, role }) => id !== actor.userId && id !== user.id && isAtLeast(role, actor.role) && officers.able.has(id),
    );

    const { room_id: roomId } = known;
    let row = known;
    const decide = async (tx: Queryable): Promise<{ ends: boolean; told: Told | null }> => {
      // In the order in which another mute locks them.
      if (known.type === 'mute') await silences.hold(tx, user.id);
      row = await lockSanction(tx, known.sanction_id);
      if (decision.appeal === null && row.lifted_at !== null) return { ends: false, told: null };
      if (decision.appeal !== null) {
        demandOpen(row);
        if (imposer?.id === actor.userId && othersMay) throw new ProtocolError('forbidden');
      }
      const ends = decision.appeal !== 'refused' && isInForce(row, clock.now());
      if (ends && roomId === null && row.type === 'mute') await silences.end(tx, user.id);
      const decided = await recordDecision(this.#deps, tx, row, decision, {
        roomName: null,
        now: clock.now(),
        tell: true,
      });
      row = decided.row;
      return { ends, told: decided.told };
    };
    const tell = (told: Told | null) => {
      if (told !== null) bus.publish(told.channel, told.frame);
    };

    if (roomId !== null) {
      const there = { roomId, parentId: null, actorId: actor.userId, userId: user.id, type: known.type, decide };
      await committer.run(this.#inRoom.settleUnmoderated, there);
      return row;
    }
    if (known.type === 'ban' && decision.appeal !== 'refused') {
      await bans.unban({ actor, userId: user.id, ip }, async (tx, own) => {
        demandNotFromAbove(own, imposer?.role);
        if (!mayBan(own, known.created_at, known.until)) throw new ProtocolError('forbidden');
        const { ends, told } = await decide(tx);
        return { ends, after: () => tell(told) };
      });
      return row;
    }
    const { told } = await db.transaction(async (tx) => {
      await demandLive(tx, actor);
      return decide(tx);
    });
    if (known.type === 'mute') silences.changed();
    tell(told);
    return row;
  }
}
