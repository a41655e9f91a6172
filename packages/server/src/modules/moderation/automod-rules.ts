import { type AutomodRule, ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { DemandLive } from '../accounts/index.ts';
import { automodRules as rows, type AutomodService, type ModerationLog } from '../safety/index.ts';
import { demandRules } from './automod-rights.ts';
import { type Content, recorded } from './automod-trail.ts';

export interface AutomodRuleDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  automod: Pick<AutomodService, 'changed'>;
  trail: ModerationLog;
  demandLive: DemandLive;
}

type Change = { [K in keyof Content]?: Content[K] | undefined };

/** Adding, changing and removing rules. Each is one transaction with its entry in the trail, and holds at once. */
export class AutomodRuleService {
  readonly #deps: AutomodRuleDeps;

  constructor(deps: AutomodRuleDeps) {
    this.#deps = deps;
  }

  /** The eldest first. @throws ProtocolError as `demandRules` */
  async list(actor: Actor, roomId: string | null): Promise<AutomodRule[]> {
    await demandRules(this.#deps.db, actor, roomId, 'read');
    return rows.of(this.#deps.db, roomId);
  }

  /** @throws ProtocolError as `demandRules`, bad_input (trigger), limit_reached */
  async create(actor: Actor, { roomId, ...content }: Content & { roomId: string | null }): Promise<AutomodRule> {
    await rows.check(content.trigger);
    const { ids, clock } = this.#deps;
    const rule = { ...content, id: ids.uuid(), roomId, createdBy: actor.userId, updatedAt: clock.now() };
    return this.#change(actor, async (db) => {
      await demandRules(db, actor, roomId, 'change');
      await rows.lock(db, roomId);
      await rows.fits(await rows.of(db, roomId), rule);
      await this.#save(db, actor, null, rule);
      return rule;
    });
  }

  /** @throws ProtocolError as `demandRules`, not_found, bad_input (trigger), limit_reached */
  async update(actor: Actor, ruleId: string, change: Change): Promise<AutomodRule> {
    if (change.trigger !== undefined) await rows.check(change.trigger);
    return this.#change(actor, async (db) => {
      const before = await this.#find(db, actor, ruleId);
      const rule: AutomodRule = {
        ...before,
        name: change.name ?? before.name,
        trigger: change.trigger ?? before.trigger,
        actions: change.actions ?? before.actions,
        reason: change.reason ?? before.reason,
        enabled: change.enabled ?? before.enabled,
        // It tells versions apart, also those of one millisecond.
        updatedAt: Math.max(this.#deps.clock.now(), before.updatedAt + 1),
      };
      await rows.fits(
        (await rows.of(db, rule.roomId)).filter(({ id }) => id !== ruleId),
        rule,
      );
      await this.#save(db, actor, before, rule);
      return rule;
    });
  }

  /** @throws ProtocolError as `demandRules`, not_found */
  async remove(actor: Actor, ruleId: string): Promise<void> {
    await this.#change(actor, async (db) => {
      const before = await this.#find(db, actor, ruleId);
      await rows.remove(db, ruleId);
      await this.#record(db, actor, before, null);
      return before;
    });
  }

  async #change(actor: Actor, make: (db: Queryable) => Promise<AutomodRule>): Promise<AutomodRule> {
    const rule = await this.#deps.db.transaction(async (tx) => {
      await this.#deps.demandLive(tx, actor);
      return make(tx);
    });
    this.#deps.automod.changed(rule.roomId);
    return rule;
  }

  // Whoever may not even read it does not learn that it exists.
  async #find(db: Queryable, actor: Actor, ruleId: string): Promise<AutomodRule> {
    const known = await rows.find(db, ruleId);
    if (known === undefined) throw new ProtocolError('not_found');
    await demandRules(db, actor, known.roomId, 'read').catch((error: unknown) => {
      throw error instanceof ProtocolError && error.code === 'forbidden' ? new ProtocolError('not_found') : error;
    });
    await demandRules(db, actor, known.roomId, 'change');
    // One after the other, with those who add rules to the same place.
    await rows.lock(db, known.roomId);
    const rule = await rows.find(db, ruleId);
    if (rule === undefined) throw new ProtocolError('not_found');
    return rule;
  }

  async #save(db: Queryable, actor: Actor, before: AutomodRule | null, after: AutomodRule): Promise<void> {
    await rows.save(db, after);
    await this.#record(db, actor, before, after);
  }

  async #record(db: Queryable, actor: Actor, before: AutomodRule | null, after: AutomodRule | null): Promise<void> {
    const action =
      before === null ? 'automod_rule.created' : after === null ? 'automod_rule.removed' : 'automod_rule.changed';
    const roomId = (after ?? before)?.roomId ?? null;
    const ruleId = (after ?? before)?.id ?? null;
    await this.#deps.trail.record(db, {
      action,
      actorId: actor.userId,
      roomId,
      details: { ruleId, before: before && recorded(before, after), after: after && recorded(after, before) },
    });
  }
}
