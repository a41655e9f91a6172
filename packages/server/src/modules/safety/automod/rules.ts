/** Rules as they are kept, and made ready to be asked. */
import { type AutomodRule, type AutomodTrigger, badInput, LIMITS, ProtocolError } from '@confab/protocol';
import type { Queryable } from '../../../platform/db/index.ts';
import { compilePattern } from './pattern.ts';
import { inSlices, type Steps } from './steps.ts';
import { isCounting, type ReadyTrigger, triggerSteps } from './triggers.ts';
import { wordList } from './word-lists.ts';
import { lettersOf } from './words.ts';

const COLUMNS = `rule_id AS id, room_id AS "roomId", name, trigger, actions, reason, enabled, created_by AS "createdBy",
  updated_at AS "updatedAt"`;
const ENABLED = {
  name: 'safety.automod_enabled',
  text: `SELECT ${COLUMNS} FROM safety.automod_rules
         WHERE enabled AND (room_id = ANY($1::uuid[]) OR ($2 AND room_id IS NULL)) ORDER BY rule_id`,
};

/**
 * Instructions of all patterns of a room, and of those of the instance: a message is held against every one of them, in time
 * that grows with these and with its length. Nobody else is served meanwhile: the worst of 200 on the longest message take
 * about 200 ms.
 */
const MAX_COST = 100;

/**
 * Rules of one place of a sort that costs: with words of their own, which are looked for rule by rule, and those that count,
 * which remember something of every message.
 */
const MAX_OF_A_SORT = { words: 20, counting: 10 };

/** Of all triggers of a place (`textSteps`): made ready they take some 240 times as many bytes of memory at worst. */
const MAX_TEXT = 100_000;

/** A rule that is ready to be asked. */
export interface ReadyRule {
  rule: AutomodRule;
  trigger: ReadyTrigger;
  /** What remembering it takes, as `textSteps`. */
  text: number;
}

/** The key under which rules of the whole instance are remembered. */
export const INSTANCE = 'instance';

/** The rules that are switched on, by room id or `INSTANCE`; the eldest first. */
export async function enabledRules(db: Queryable, keys: readonly string[]): Promise<Map<string, AutomodRule[]>> {
  const roomIds = keys.filter((key) => key !== INSTANCE);
  const { rows } = await db.query<AutomodRule>(ENABLED, [roomIds, roomIds.length < keys.length]);
  return Map.groupBy(rows, ({ roomId }) => roomId ?? INSTANCE);
}

/** Makes a rule ready. What this version cannot read matches nothing, rather than keeping everyone from writing. */
export function* ruleSteps(rule: AutomodRule): Steps<ReadyRule> {
  const text = JSON.stringify(rule.trigger).length;
  try {
    const trigger = yield* triggerSteps(rule.id, rule.trigger);
    if (rule.trigger.type !== 'words') yield text;
    return { rule, trigger, text: Math.max(text, 'letters' in trigger ? (trigger.letters ?? 0) : 0) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { rule, trigger: { matches: () => false }, text };
  }
}

/** Rules as they are kept. Rights and the trail are the caller's part. */
export const automodRules = {
  /** @throws ProtocolError bad_input (trigger.pattern, trigger.words, trigger.spare, trigger.lists) */
  async check(trigger: AutomodTrigger): Promise<void> {
    await inSlices(triggerSteps('', trigger));
    const unknown = trigger.type === 'words' ? trigger.lists.findIndex((id) => wordList(id) === undefined) : -1;
    if (unknown >= 0) throw badInput(`trigger.lists.${unknown}`, 'is no built-in list');
  },

  /** Whether there is room for `rule` beside `others`. @throws ProtocolError limit_reached */
  async fits(others: readonly AutomodRule[], rule: AutomodRule): Promise<void> {
    const size = [...others, rule].reduce((sum, { trigger }) => sum + costOf(trigger), 0);
    const text = await inSlices(textSteps([...others, rule]));
    const sort = sortOf(rule.trigger);
    const ofItsSort = others.filter(({ trigger }) => sortOf(trigger) === sort).length;
    if (
      others.length >= LIMITS.automodRules ||
      (costOf(rule.trigger) > 0 && size > MAX_COST) ||
      text > MAX_TEXT ||
      (sort !== null && ofItsSort >= MAX_OF_A_SORT[sort])
    ) {
      throw new ProtocolError('limit_reached');
    }
  },

  /** All of a room, or with null of the instance; the eldest first. */
  async of(db: Queryable, roomId: string | null): Promise<AutomodRule[]> {
    const { rows } = await db.query<AutomodRule>(
      `SELECT ${COLUMNS} FROM safety.automod_rules WHERE room_id IS NOT DISTINCT FROM $1 ORDER BY rule_id`,
      [roomId],
    );
    return rows;
  },

  async find(db: Queryable, ruleId: string): Promise<AutomodRule | undefined> {
    const { rows } = await db.query<AutomodRule>(`SELECT ${COLUMNS} FROM safety.automod_rules WHERE rule_id = $1`, [
      ruleId,
    ]);
    return rows[0];
  },

  /** Adds it, or replaces the one of that id. */
  async save(db: Queryable, rule: AutomodRule): Promise<void> {
    const { id, roomId, name, trigger, actions, reason, enabled, createdBy, updatedAt } = rule;
    await db.query(
      `INSERT INTO safety.automod_rules
         (rule_id, room_id, name, trigger, actions, reason, enabled, created_by, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (rule_id) DO UPDATE
       SET name = excluded.name, trigger = excluded.trigger, actions = excluded.actions, reason = excluded.reason,
           enabled = excluded.enabled, updated_at = excluded.updated_at`,
      [
        id,
        roomId,
        name,
        JSON.stringify(trigger),
        JSON.stringify(actions),
        reason,
        enabled,
        createdBy,
        new Date(updatedAt),
      ],
    );
  },

  async remove(db: Queryable, ruleId: string): Promise<void> {
    await db.query('DELETE FROM safety.automod_rules WHERE rule_id = $1', [ruleId]);
  },

  /** Lets one at a time change the rules of a place, until the transaction ends: then they can be counted. */
  async lock(db: Queryable, roomId: string | null): Promise<void> {
    await db.query("SELECT pg_advisory_xact_lock(hashtextextended('safety.automod_rules ' || $1, 0))", [
      roomId ?? INSTANCE,
    ]);
  },
};

/** Characters of triggers as JSON, or letters of their words in every way in which they may be meant: of each whichever are more. */
function* textSteps(rules: readonly AutomodRule[]): Steps<number> {
  let text = 0;
  for (const { trigger } of rules) {
    let sum = 0;
    for (const word of trigger.type === 'words' ? [...trigger.words, ...trigger.spare] : []) {
      const letters = lettersOf(word);
      sum += letters;
      yield letters;
    }
    text += Math.max(JSON.stringify(trigger).length, sum);
  }
  return text;
}

function costOf(trigger: AutomodTrigger): number {
  if (trigger.type !== 'pattern') return 0;
  try {
    return compilePattern(trigger.pattern).size;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // What this version cannot read is never asked.
    return 0;
  }
}

function sortOf(trigger: AutomodTrigger): keyof typeof MAX_OF_A_SORT | null {
  if (isCounting(trigger)) return 'counting';
  return trigger.type === 'words' && trigger.words.length + trigger.spare.length > 0 ? 'words' : null;
}
