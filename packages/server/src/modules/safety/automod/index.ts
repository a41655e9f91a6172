import { type AutomodRule, type AutomodTrigger, ProtocolError, type RoomKind } from '@confab/protocol';
import type { Bursts } from '../../../platform/bursts/index.ts';
import type { Bus, Unsubscribe } from '../../../platform/bus/index.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/db/index.ts';
import type { PersonalData } from '../../../platform/personal-data.ts';
import type { Automod, Judge, JudgedMessage, Posting } from '../contracts.ts';
import { judgeBy } from './judge.ts';
import { findLinks, leadsElsewhere } from './links.ts';
import { automodPersonalData } from './personal-data.ts';
import { type Place, RuleCache } from './rule-cache.ts';
import { INSTANCE } from './rules.ts';
import { inSlices } from './steps.ts';
import { Subject, triggerSteps } from './triggers.ts';
import { SearchedText } from './words.ts';

export { automodRules } from './rules.ts';
export { WORD_LISTS } from './word-lists.ts';

type Raid = Extract<AutomodTrigger, { type: 'raid' }>;
type Links = Extract<AutomodTrigger, { type: 'links' }>;

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
  readonly #cache: RuleCache;
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: AutomodDeps) {
    this.#deps = deps;
    this.#cache = new RuleCache(deps);
    this.personalData = automodPersonalData(deps.db);
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#deps.bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale') this.#cache.forget(frame.payload.automod ?? []);
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  async judgeFor(writing: readonly Posting[]): Promise<Judge> {
    const places = await this.#cache.placesOf(writing.map(({ roomId }) => roomId));
    const asking = writing.filter(({ roomId }) => firstLinks([places.get(null), places.get(roomId)]).length > 0);
    const [linked] = await Promise.all([this.#linked(asking), this.#cache.prepare(places.values())]);
    const { bursts, clock } = this.#deps;
    return judgeBy(places, this.#cache, {
      bursts,
      clock,
      hasLinked: (roomId, userId) => linked.has(`${roomId} ${userId}`),
    });
  }

  async posted(db: Queryable, messages: readonly (Posting & { body: string })[]): Promise<void> {
    const withLinks = messages.flatMap((message) => {
      const links = findLinks(message.body);
      return links.length === 0 ? [] : [{ ...message, links }];
    });
    if (withLinks.length === 0) return;
    const places = await this.#cache.placesOf(
      withLinks.map(({ roomId }) => roomId),
      db,
    );
    // A link that is never asked about does not make up for one that is.
    const kept = withLinks.filter(({ roomId, links }) =>
      firstLinks([places.get(null), places.get(roomId)]).some((trigger) => leadsElsewhere(links, trigger.hosts)),
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
    const instance = (await this.#cache.placesOf([], db)).get(null);
    if (instance === undefined || !instance.entries.some(({ rule }) => rejectsWords(rule))) return;
    const found = await this.#cache.ask([instance], ([rules = []]) => {
      for (const { field, text } of written) {
        const searched = new SearchedText(text);
        const against = rules.find(
          ({ rule, trigger }) => rejectsWords(rule) && 'finds' in trigger && trigger.finds?.(searched),
        );
        if (against !== undefined) return { field, reason: against.rule.reason };
      }
      return undefined;
    });
    if (found === undefined) return;
    const { field, reason } = found;
    throw new ProtocolError('text_rejected', { fields: [{ field, problem: reason }], reason });
  }

  /** The rules about raids that hold in a room. */
  async raidRules(
    db: Queryable,
    { room_id: roomId, kind }: { room_id: string; kind: RoomKind },
  ): Promise<{ id: string; reason: string; trigger: Raid }[]> {
    const places = await this.#cache.placesOf([roomId], db);
    const general = kind === 'public' || kind === 'language' ? rulesOf(places.get(null)) : [];
    return [...general, ...rulesOf(places.get(roomId))].flatMap(({ id, reason, trigger }) =>
      trigger.type === 'raid' ? [{ id, reason, trigger }] : [],
    );
  }

  /** To be called once a change of the rules of a room (null: of the instance) is committed. */
  changed(roomId: string | null): void {
    const automod = [roomId ?? INSTANCE];
    this.#cache.forget(automod);
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
}

function rulesOf(place: Place | undefined): AutomodRule[] {
  return place?.entries.map(({ rule }) => rule) ?? [];
}

function rejectsWords({ trigger, actions }: AutomodRule): boolean {
  return trigger.type === 'words' && actions.some(({ type }) => type === 'reject');
}

function firstLinks(places: readonly (Place | undefined)[]): Links[] {
  return places
    .flatMap(rulesOf)
    .flatMap(({ trigger }) => (trigger.type === 'links' && trigger.mode === 'first' ? trigger : []));
}

/**
 * Whether a rule of this trigger would have matched each of the messages that are handed in, the eldest first, had it been
 * there all the time and had every message been let through.
 * @param bursts that has counted nothing yet
 * @throws ProtocolError bad_input (trigger.pattern, trigger.words, trigger.spare)
 */
export async function rehearse(
  trigger: AutomodTrigger,
  bursts: Bursts,
): Promise<(message: JudgedMessage) => Promise<boolean>> {
  const ready = await inSlices(triggerSteps('rehearsal', trigger));
  const linked = new Set<string>();
  const known = { hasLinked: (roomId: string, userId: string) => linked.has(`${roomId} ${userId}`) };
  return async (message) => {
    if ('counts' in ready) return (await bursts.count([ready.counts(message)]))[0]?.isBurst === true;
    const subject = new Subject(message);
    const matched = ready.matches(subject, known);
    if (trigger.type === 'links' && leadsElsewhere(subject.links, trigger.hosts)) {
      linked.add(`${message.roomId} ${message.sender.id}`);
    }
    return matched;
  };
}
