import { type AutomodRule, type AutomodTrigger, ProtocolError, type RoomKind } from '@confab/protocol';
import { BatchLoader } from '../../../platform/batch-loader.ts';
import type { Bursts } from '../../../platform/bursts/index.ts';
import type { Bus, Unsubscribe } from '../../../platform/bus/index.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/db/index.ts';
import type { PersonalData } from '../../../platform/personal-data.ts';
import type { Automod, Judge, JudgedMessage, Posting } from '../contracts.ts';
import { judgeBy } from './judge.ts';
import { findLinks, leadsElsewhere } from './links.ts';
import { enabledRules, INSTANCE, ready, type ReadyRule } from './rules.ts';
import { automodPersonalData } from './personal-data.ts';
import { readyTrigger, Subject } from './triggers.ts';
import { SearchedText } from './words.ts';

export { automodRules } from './rules.ts';
export { WORD_LISTS } from './word-lists.ts';

const CACHED_FOR_MS = 5000;
const MAX_CACHED = 20_000;
/** Letters of all rules remembered, and of what else is in their triggers: some 100 MB made ready, at worst. */
const MAX_TEXT = 400_000;
/** Rooms asked about in one query. */
const BATCH = 500;

type Raid = Extract<AutomodTrigger, { type: 'raid' }>;
type Links = Extract<AutomodTrigger, { type: 'links' }>;

interface Known {
  at: number;
  rules: readonly ReadyRule[];
  /** What remembering them takes, in letters. */
  text: number;
}

export interface AutomodDeps {
  db: Database;
  bus: Bus;
  bursts: Bursts;
  clock: Clock;
}

/** The rules of this place and of its rooms, remembered for a few seconds. */
export class AutomodService implements Automod {
  readonly personalData: PersonalData;
  readonly #deps: AutomodDeps;
  /** By room id, or `INSTANCE`. */
  readonly #known = new Map<string, Known>();
  /** Of all that are known. */
  #text = 0;
  readonly #loader = new BatchLoader((keys) => this.#read(keys, this.#deps.db), BATCH);
  /** Counts what was forgotten: what is read meanwhile may be out of date, and is not remembered. */
  #generation = 0;
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: AutomodDeps) {
    this.#deps = deps;
    this.personalData = automodPersonalData(deps.db);
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#deps.bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale') this.#forget(frame.payload.automod ?? []);
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  async judgeFor(writing: readonly Posting[]): Promise<Judge> {
    const rules = await this.#rulesOf(writing.map(({ roomId }) => roomId));
    const asking = writing.filter(({ roomId }) => firstLinks([rules.get(null), rules.get(roomId)]).length > 0);
    const linked = await this.#linked(asking);
    return judgeBy(rules, {
      bursts: this.#deps.bursts,
      hasLinked: (roomId, userId) => linked.has(`${roomId} ${userId}`),
    });
  }

  async posted(db: Queryable, messages: readonly (Posting & { body: string })[]): Promise<void> {
    const withLinks = messages.flatMap((message) => {
      const links = findLinks(message.body);
      return links.length === 0 ? [] : [{ ...message, links }];
    });
    if (withLinks.length === 0) return;
    const rules = await this.#rulesOf(
      withLinks.map(({ roomId }) => roomId),
      db,
    );
    // A link that is never asked about does not make up for one that is.
    const kept = withLinks.filter(({ roomId, links }) =>
      firstLinks([rules.get(null), rules.get(roomId)]).some((trigger) => leadsElsewhere(links, trigger.hosts)),
    );
    if (kept.length === 0) return;
    // In one order everywhere, so that two nodes cannot wait for each other.
    await db.query(
      `INSERT INTO safety.link_posters (room_id, user_id)
       SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id) ORDER BY 1, 2
       ON CONFLICT DO NOTHING`,
      [kept.map(({ roomId }) => roomId), kept.map(({ userId }) => userId)],
    );
  }

  async demandWording(db: Queryable, texts: Readonly<Record<string, string | null | undefined>>): Promise<void> {
    const written = Object.entries(texts).flatMap(([field, text]) => (text ? [{ field, text }] : []));
    if (written.length === 0) return;
    const rules = ((await this.#rulesOf([], db)).get(null) ?? []).flatMap(({ rule, trigger }) =>
      'finds' in trigger && rule.actions.some(({ type }) => type === 'reject') ? [{ rule, finds: trigger.finds }] : [],
    );
    if (rules.length === 0) return;
    for (const { field, text } of written) {
      const searched = new SearchedText(text);
      const against = rules.find(({ finds }) => finds?.(searched));
      if (against === undefined) continue;
      const { reason } = against.rule;
      throw new ProtocolError('text_rejected', { fields: [{ field, problem: reason }], reason });
    }
  }

  /** The rules about raids that hold in a room. */
  async raidRules(
    db: Queryable,
    { room_id: roomId, kind }: { room_id: string; kind: RoomKind },
  ): Promise<{ id: string; reason: string; trigger: Raid }[]> {
    const rules = await this.#rulesOf([roomId], db);
    const general = kind === 'public' || kind === 'language' ? (rules.get(null) ?? []) : [];
    return [...general, ...(rules.get(roomId) ?? [])].flatMap(({ rule: { id, reason, trigger } }) =>
      trigger.type === 'raid' ? [{ id, reason, trigger }] : [],
    );
  }

  /** To be called once a change of the rules of a room (null: of the instance) is committed. */
  changed(roomId: string | null): void {
    const automod = [roomId ?? INSTANCE];
    this.#forget(automod);
    this.#deps.bus.publish('caches', { event: 'caches:stale', payload: { automod } });
  }

  async #linked(writing: readonly Posting[]): Promise<Set<string>> {
    if (writing.length === 0) return new Set();
    const { rows } = await this.#deps.db.query<{ room_id: string; user_id: string }>(
      {
        name: 'safety.link_posters',
        text: `SELECT room_id, user_id FROM safety.link_posters
               JOIN unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id) USING (room_id, user_id)`,
      },
      [writing.map(({ roomId }) => roomId), writing.map(({ userId }) => userId)],
    );
    return new Set(rows.map((row) => `${row.room_id} ${row.user_id}`));
  }

  /**
   * Those of the instance under null.
   * @param tx the transaction the caller is in: whoever holds one connection must not wait for another
   */
  async #rulesOf(roomIds: readonly string[], tx?: Queryable): Promise<Map<string | null, readonly ReadyRule[]>> {
    const now = this.#deps.clock.now();
    const keys = [...new Set([INSTANCE, ...roomIds])];
    const fresh = keys.flatMap((key) => {
      const known = this.#known.get(key);
      return known !== undefined && now - known.at < CACHED_FOR_MS ? [[key, known] as const] : [];
    });
    const found = new Map(fresh);
    const missing = keys.filter((key) => !found.has(key));
    if (tx !== undefined && missing.length > 0) {
      for (const [key, known] of await this.#read(missing, tx)) found.set(key, known);
    } else {
      await Promise.all(
        missing.map(async (key) => {
          const known = await this.#loader.load(key);
          if (known !== undefined) found.set(key, known);
        }),
      );
    }
    return new Map([...found].map(([key, { rules }]) => [key === INSTANCE ? null : key, rules]));
  }

  async #read(keys: readonly string[], db: Queryable): Promise<Map<string, Known>> {
    const generation = this.#generation;
    const at = this.#deps.clock.now();
    const rows = await enabledRules(db, keys);
    const read = new Map<string, Known>();
    for (const key of keys) {
      const before = this.#known.get(key)?.rules ?? [];
      const rules = (rows.get(key) ?? []).map((rule) => unchanged(rule, before) ?? ready(rule));
      const known = { at, rules, text: rules.reduce((sum, { text }) => sum + text, 0) };
      read.set(key, known);
      if (generation === this.#generation) this.#remember(key, known);
    }
    return read;
  }

  #remember(key: string, known: Known): void {
    this.#drop(key);
    this.#known.set(key, known);
    this.#text += known.text;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_CACHED && this.#text <= MAX_TEXT) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#text -= this.#known.get(key)?.text ?? 0;
    this.#known.delete(key);
  }

  #forget(keys: readonly string[]): void {
    this.#generation += 1;
    for (const key of keys) this.#drop(key);
  }
}

// Making a rule ready takes longer than reading it.
function unchanged(rule: AutomodRule, before: readonly ReadyRule[]): ReadyRule | undefined {
  return before.find((known) => known.rule.id === rule.id && known.rule.updatedAt === rule.updatedAt);
}

function firstLinks(rules: readonly (readonly ReadyRule[] | undefined)[]): Links[] {
  return rules.flatMap((of) =>
    (of ?? []).flatMap(({ rule: { trigger } }) =>
      trigger.type === 'links' && trigger.mode === 'first' ? trigger : [],
    ),
  );
}

/**
 * Whether a rule of this trigger would have matched each of the messages that are handed in, the eldest first, had it been
 * there all the time and had every message been let through.
 * @param bursts that has counted nothing yet
 * @throws ProtocolError bad_input (trigger.pattern, trigger.words, trigger.spare)
 */
export function rehearse(trigger: AutomodTrigger, bursts: Bursts): (message: JudgedMessage) => Promise<boolean> {
  const ready = readyTrigger('rehearsal', trigger);
  const linked = new Set<string>();
  const known = { hasLinked: (roomId: string, userId: string) => linked.has(`${roomId} ${userId}`) };
  return async (message) => {
    if ('counts' in ready) return (await bursts.count([ready.counts(message)]))[0] === true;
    const subject = new Subject(message);
    const matched = ready.matches(subject, known);
    if (trigger.type === 'links' && leadsElsewhere(subject.links, trigger.hosts)) {
      linked.add(`${message.roomId} ${message.sender.id}`);
    }
    return matched;
  };
}
