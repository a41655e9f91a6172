/** Rules that are remembered for a few seconds; made ready where they are asked, within a bound on memory. */
import { setImmediate } from 'node:timers/promises';
import type { AutomodRule } from '@confab/protocol';
import { BatchLoader } from '../../../platform/batch-loader.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/db/index.ts';
import { enabledRules, INSTANCE, type ReadyRule, ruleSteps } from './rules.ts';
import { atOnce, inSlices, type Steps } from './steps.ts';

const CACHED_FOR_MS = 5000;
const MAX_CACHED = 20_000;
/** Letters of all rules remembered, and of what else is in their triggers: some 100 MB made ready, at worst. */
const MAX_TEXT = 400_000;
/** Of rules that are made ready at once, whatever else is made ready. */
const LITTLE_TEXT = 2000;
/** Of rules that are made ready before they are asked: what is more would only push out what was made ready before. */
const AHEAD = MAX_TEXT / 4;
/** Rooms asked about in one query. */
const BATCH = 100;

interface Entry {
  readonly rule: AutomodRule;
  /** What remembering it takes, in letters: at least, until it has been made ready. */
  text: number;
  ready: ReadyRule | undefined;
}

/** The rules of a room, or of the instance, as they were read: the eldest first. */
export interface Place {
  /** The room's id, or `INSTANCE`. */
  readonly key: string;
  readonly at: number;
  readonly entries: readonly Entry[];
}

export class RuleCache {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #known = new Map<string, Place>();
  /** Of all that are known. */
  #text = 0;
  readonly #loader: BatchLoader<Place>;
  /** Counts what was forgotten: what is read meanwhile may be out of date, and is not remembered. */
  #generation = 0;
  /** Until what is being made ready has been asked. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ db, clock }: { db: Database; clock: Clock }) {
    this.#db = db;
    this.#clock = clock;
    this.#loader = new BatchLoader((keys) => this.#read(keys, this.#db), BATCH);
  }

  /**
   * Those of the instance under null.
   * @param tx the transaction the caller is in: whoever holds one connection must not wait for another
   */
  async placesOf(roomIds: readonly string[], tx?: Queryable): Promise<Map<string | null, Place>> {
    const now = this.#clock.now();
    const keys = [...new Set([INSTANCE, ...roomIds])];
    const fresh = keys.flatMap((key) => {
      const known = this.#known.get(key);
      return known !== undefined && now - known.at < CACHED_FOR_MS ? [[key, known] as const] : [];
    });
    const found = new Map(fresh);
    const missing = keys.filter((key) => !found.has(key));
    if (tx !== undefined && missing.length > 0) {
      for (const [key, place] of await this.#read(missing, tx)) found.set(key, place);
    } else {
      await Promise.all(
        missing.map(async (key) => {
          const place = await this.#loader.load(key);
          if (place !== undefined) found.set(key, place);
        }),
      );
    }
    return new Map([...found].map(([key, place]) => [key === INSTANCE ? null : key, place]));
  }

  /**
   * Answers what `ask` makes of the rules of these places, which it must not keep. Large ones that are not remembered as
   * ready are made so in turn, those of one call at a time, and everything else gets its turn of the event loop in between.
   */
  async ask<T>(places: readonly Place[], ask: (rules: readonly (readonly ReadyRule[])[]) => T): Promise<T> {
    const waiting = places.flatMap(({ entries }) => entries.filter((entry) => entry.ready === undefined));
    if (sumOf(waiting) <= LITTLE_TEXT) {
      return ask(
        places.map((place) =>
          this.#keep(
            place,
            place.entries.map((entry) => entry.ready ?? atOnce(ruleSteps(entry.rule))),
          ),
        ),
      );
    }
    const asked = this.#turn.then(async () => {
      const rules: (readonly ReadyRule[])[] = [];
      for (const place of places) rules.push(this.#keep(place, await inSlices(placeSteps(place))));
      return ask(rules);
    });
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  /** Makes ready what will be asked soon, as far as it can be remembered. */
  async prepare(places: Iterable<Place>): Promise<void> {
    let left = AHEAD;
    for (const place of places) {
      if (left <= 0) return;
      if (this.#known.get(place.key) !== place) continue;
      if (place.entries.some((entry) => entry.ready === undefined)) {
        await this.ask([place], () => undefined);
        await setImmediate();
      }
      left -= sumOf(place.entries);
    }
  }

  forget(keys: readonly string[]): void {
    this.#generation += 1;
    for (const key of keys) this.#drop(key);
  }

  async #read(keys: readonly string[], db: Queryable): Promise<Map<string, Place>> {
    const generation = this.#generation;
    const at = this.#clock.now();
    const rows = await enabledRules(db, keys);
    const read = new Map<string, Place>();
    for (const key of keys) {
      const before = this.#known.get(key)?.entries ?? [];
      const place = { key, at, entries: (rows.get(key) ?? []).map((rule) => unchanged(rule, before) ?? entryOf(rule)) };
      read.set(key, place);
      if (generation === this.#generation) this.#remember(place);
    }
    return read;
  }

  #remember(place: Place): void {
    // Rules that are in both stay ready.
    this.#text -= sumOf(this.#known.get(place.key)?.entries ?? []);
    this.#known.delete(place.key);
    this.#known.set(place.key, place);
    this.#text += sumOf(place.entries);
    this.#shrink();
  }

  /** Remembers that they are ready, where the place is remembered. */
  #keep(place: Place, rules: readonly ReadyRule[]): readonly ReadyRule[] {
    if (this.#known.get(place.key) !== place) return rules;
    for (const [i, entry] of place.entries.entries()) {
      const text = rules[i]?.text ?? 0;
      this.#text += text - entry.text;
      entry.text = text;
      entry.ready = rules[i];
    }
    this.#shrink();
    return rules;
  }

  #shrink(): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_CACHED && this.#text <= MAX_TEXT) break;
      // These are asked everywhere.
      if (oldest !== INSTANCE) this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const { entries } = this.#known.get(key) ?? { entries: [] };
    this.#text -= sumOf(entries);
    this.#known.delete(key);
    // Whoever still asks them makes them ready again, and keeps nothing.
    for (const entry of entries) entry.ready = undefined;
  }
}

function* placeSteps({ entries }: Place): Steps<ReadyRule[]> {
  const rules: ReadyRule[] = [];
  for (const { rule, ready } of entries) rules.push(ready ?? (yield* ruleSteps(rule)));
  return rules;
}

function entryOf(rule: AutomodRule): Entry {
  return { rule, text: JSON.stringify(rule.trigger).length, ready: undefined };
}

// Making a rule ready takes longer than reading it.
function unchanged(rule: AutomodRule, before: readonly Entry[]): Entry | undefined {
  return before.find((known) => known.rule.id === rule.id && known.rule.updatedAt === rule.updatedAt);
}

function sumOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { text }) => sum + text, 0);
}
