/** Who goes with whom: pure, and by time given. */
import type { Waiting } from '../../platform/matching/index.ts';

/** How long a common interest is insisted on, and how long a common language, by those who named any. */
export const INTEREST_MS = 5000;
export const LANGUAGE_MS = 15_000;
/** Look-ups of one `propose` at most: some ten milliseconds. Who was not reached comes first the next time. */
const LOOK_UPS = 100_000;

export interface Couple {
  people: readonly [Waiting, Waiting];
  /** Languages, then interests, that both named. */
  common: readonly string[];
}

/** Guests meet guests, and members who choose so. */
type Company = 'guest' | 'open' | 'members';
const MEETS: Record<Company, readonly Company[]> = {
  guest: ['guest', 'open'],
  open: ['guest', 'open', 'members'],
  members: ['open', 'members'],
};

interface Person {
  entry: Waiting;
  company: Company;
  languages: readonly string[];
  interests: readonly string[];
  needsLanguage: boolean;
  needsInterest: boolean;
  /** Given away by `propose`, until `remove` or `giveBack`. */
  proposed: boolean;
  /** Whom they may not meet, until when (epoch ms). */
  not: Map<string, number>;
}
type Bucket = Record<Company, Set<Person>>;

/**
 * Everyone who waits, indexed by what they have to offer to those who look. Each bucket holds only people who go with
 * whoever looks into it, but for those who may not meet, so that finding somebody does not depend on how many wait:
 *
 *     l:<language>:<interest>  everyone who named both
 *     l:<language>             who named it and insists on no interest (any more)
 *     i:<interest>             who named it and insists on no language
 *     any                      who insists on nothing
 *
 * A language is compared without its region: whoever reads en-GB reads en-US.
 */
export class Matcher {
  readonly #people = new Map<string, Person>();
  readonly #buckets = new Map<string, Bucket>();
  /** Where the last `propose` ended. */
  #turn: Iterator<Person> | undefined;

  get size(): number {
    return this.#people.size;
  }

  ticketOf(userId: string): string | undefined {
    return this.#people.get(userId)?.entry.ticket;
  }

  /** Those who wait. */
  waiting(): Waiting[] {
    return [...this.#people.values()].map(({ entry }) => entry);
  }

  clear(): void {
    this.#people.clear();
    this.#buckets.clear();
    this.#turn = undefined;
  }

  /** In place of what they wished for before. */
  put(entry: Waiting): void {
    const before = this.#people.get(entry.userId);
    this.remove(entry.userId);
    const languages = unique(entry.languages.map((tag) => tag.split('-')[0] ?? tag));
    const interests = unique(entry.interests);
    const person: Person = {
      entry,
      company: entry.guest ? 'guest' : entry.meetGuests ? 'open' : 'members',
      languages,
      interests,
      needsLanguage: languages.length > 0,
      needsInterest: interests.length > 0,
      proposed: false,
      not: before?.entry.ticket === entry.ticket ? before.not : new Map<string, number>(),
    };
    this.#people.set(entry.userId, person);
    this.#offer(person);
  }

  remove(userId: string): void {
    const person = this.#people.get(userId);
    if (person === undefined) return;
    this.#withdraw(person);
    this.#people.delete(userId);
  }

  /** Somebody proposed, who was not given away after all. */
  giveBack(userId: string): void {
    const person = this.#people.get(userId);
    if (person === undefined || !person.proposed) return;
    person.proposed = false;
    this.#offer(person);
  }

  /** These two are not proposed to each other before `until` (epoch ms), as long as both wait. */
  forbid(a: string, b: string, until: number): void {
    this.#people.get(a)?.not.set(b, until);
    this.#people.get(b)?.not.set(a, until);
  }

  /**
   * Up to `most` couples of people who go together at `now` (epoch ms), no person twice: for those who wait longest
   * first, whoever has most in common with them. They are proposed to nobody else until `remove` or `giveBack`.
   */
  propose(now: number, most: number): Couple[] {
    this.#widen(now);
    const couples: Couple[] = [];
    let lookUps = 0;
    for (let reached = 0; reached < this.#people.size; reached += 1) {
      if (couples.length === most || lookUps > LOOK_UPS) break;
      const person = this.#next();
      if (person === undefined) break;
      if (person.proposed) continue;
      const found = this.#find(person, now, () => (lookUps += 1));
      if (found === undefined) continue;
      for (const one of [person, found]) {
        one.proposed = true;
        this.#withdraw(one);
      }
      couples.push({ people: [person.entry, found.entry], common: commonOf(person, found) });
    }
    return couples;
  }

  #next(): Person | undefined {
    const { done, value } = (this.#turn ??= this.#people.values()).next() as IteratorResult<Person, undefined>;
    if (done !== true) return value;
    this.#turn = this.#people.values();
    return this.#turn.next().value as Person | undefined;
  }

  // Whoever has waited long enough insists on less.
  #widen(now: number): void {
    for (const person of this.#people.values()) {
      const waited = now - person.entry.since;
      const needsInterest = person.needsInterest && waited < INTEREST_MS;
      const needsLanguage = person.needsLanguage && waited < LANGUAGE_MS;
      if (needsInterest === person.needsInterest && needsLanguage === person.needsLanguage) continue;
      person.needsInterest = needsInterest;
      person.needsLanguage = needsLanguage;
      if (!person.proposed) this.#offer(person);
    }
  }

  #find(person: Person, now: number, count: () => void): Person | undefined {
    for (const key of bucketsOf(person)) {
      count();
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) continue;
      let oldest: Person | undefined;
      for (const company of MEETS[person.company]) {
        for (const other of bucket[company]) {
          count();
          if (other === person || (person.not.get(other.entry.userId) ?? 0) > now) continue;
          if (oldest === undefined || other.entry.since < oldest.entry.since) oldest = other;
          break;
        }
      }
      if (oldest !== undefined) return oldest;
    }
    return undefined;
  }

  #offer(person: Person): void {
    for (const key of bucketsOf(person)) {
      let bucket = this.#buckets.get(key);
      if (bucket === undefined) {
        bucket = { guest: new Set(), open: new Set(), members: new Set() };
        this.#buckets.set(key, bucket);
      }
      bucket[person.company].add(person);
    }
  }

  #withdraw(person: Person): void {
    for (const key of bucketsOf(person)) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) continue;
      bucket[person.company].delete(person);
      if (bucket.guest.size + bucket.open.size + bucket.members.size === 0) this.#buckets.delete(key);
    }
  }
}

function* both({ languages, interests }: Person): Generator<string> {
  for (const language of languages) for (const interest of interests) yield `l:${language}:${interest}`;
}

/** The buckets that somebody is in, which are those where they find others: what they have most in common with first. */
function* bucketsOf(person: Person): Generator<string> {
  yield* both(person);
  if (!person.needsInterest) for (const language of person.languages) yield `l:${language}`;
  if (!person.needsLanguage) for (const interest of person.interests) yield `i:${interest}`;
  if (!person.needsInterest && !person.needsLanguage) yield 'any';
}

function commonOf(a: Person, b: Person): string[] {
  return [
    ...a.languages.filter((one) => b.languages.includes(one)),
    ...a.interests.filter((one) => b.interests.includes(one)),
  ];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))];
}
