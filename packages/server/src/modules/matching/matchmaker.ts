import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { MatchQueue, QueueChanges, Waiting } from '../../platform/matching/index.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import type { Silences } from '../safety/index.ts';
import { type Couple, LANGUAGE_MS, Matcher } from './matcher.ts';
import { ceaseToWait, type EndReason, lastMeetings, type Seeker, seekersAfter } from './seekers.ts';

/** How often a round begins. */
const ROUND_MS = 250;
/** Couples of one round at most, and how often it tries again with those who turned out not to go together. */
const COUPLES = 250;
const TRIES = 4;
/** How often everyone is looked after. */
const LOOK_EVERY_MS = 5000;
const PAGE = 1000;
/** How long somebody may be without a connection before they wait no more, and before their match is over. */
const WAITS_MS = 15_000;
const STAYS_MS = 60_000;
/** Who met within the last hour does not meet; who met within a day only when they take anybody. */
const NOT_AGAIN_MS = 3_600_000;
const RARELY_AGAIN_MS = 24 * 3_600_000;

/** For each of these pairs of people whether they may meet. */
export type MayMeet = (pairs: readonly (readonly [string, string])[]) => Promise<boolean[]>;

export interface MatchmakerDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  silences: Silences;
  presence: PresenceStore;
  queue: MatchQueue;
  mayMeet: MayMeet;
  /** Makes their match; answers who did not wait any more, and then there is none. */
  meet: (couple: Couple) => Promise<readonly Waiting[]>;
  /** Takes somebody out of the queue or their match. */
  dismiss: (userId: string, reason: EndReason) => Promise<void>;
}

/** On the node that leads the queue: brings people together, and looks after those who vanish. */
export class Matchmaker {
  readonly #deps: MatchmakerDeps;
  readonly #matcher = new Matcher();
  /** Since when (epoch ms) people have been without a connection. */
  readonly #absent = new Map<string, number>();
  /** Those of them who are given to nobody until they are back. */
  readonly #away = new Set<string>();
  #lookAt = 0;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: MatchmakerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = this.#deps.clock.setInterval(() => {
      this.#running ??= this.#round().finally(() => (this.#running = undefined));
    }, ROUND_MS);
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#running;
  }

  // Never rejects: what it did not get done, the next one does.
  async #round(): Promise<void> {
    try {
      const changes = await this.#deps.queue.poll();
      if (changes === null) return;
      await this.#apply(changes);
      if (changes.anew) {
        this.#absent.clear();
        this.#away.clear();
        this.#lookAt = 0;
      }
      if (this.#deps.clock.now() >= this.#lookAt) await this.#lookAfter();
      let left = COUPLES;
      for (let i = 0; i < TRIES && left > 0; i += 1) left -= await this.#bringTogether(left);
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'a round of matching was cut short');
    }
  }

  async #apply({ anew, put, gone }: QueueChanges): Promise<void> {
    if (anew) this.#matcher.clear();
    for (const userId of gone) this.#matcher.remove(userId);
    for (const [i, waiting] of put.entries()) {
      this.#matcher.put(waiting);
      this.#away.delete(waiting.userId);
      // Of whoever begins to lead among very many, others want something as well.
      if (i % PAGE === PAGE - 1) await setImmediate();
    }
  }

  /** Answers how many couples were brought together; as many as asked for when nobody else could be. */
  async #bringTogether(most: number): Promise<number> {
    const { clock, silences, presence } = this.#deps;
    const couples = this.#matcher.propose(clock.now(), most);
    if (couples.length === 0) return most;
    try {
      const userIds = couples.flatMap(({ people }) => people.map(({ userId }) => userId));
      const [silenced, there] = await Promise.all([silences.among(userIds), presence.read(userIds)]);
      await Promise.all([...silenced].map((userId) => this.#dismiss(userId)));
      for (const userId of userIds) if (!there.has(userId)) this.#away.add(userId);
      const able = couples.filter(({ people }) =>
        people.every(({ userId }) => there.has(userId) && !silenced.has(userId)),
      );
      const allowed = await this.#allowed(able);
      const tried = await Promise.all(allowed.map(async (couple) => ({ couple, met: await this.#meet(couple) })));
      const made = tried.filter(({ met }) => met).map(({ couple }) => couple);
      await this.#partAgain(made);
      return made.length;
    } finally {
      // Whoever was not given away waits on.
      for (const { userId } of couples.flatMap(({ people }) => people)) {
        if (!this.#away.has(userId)) this.#matcher.giveBack(userId);
      }
    }
  }

  async #allowed(couples: readonly Couple[]): Promise<Couple[]> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const [may, met] = await Promise.all([this.#mayMeet(couples), lastMeetings(db, couples)]);
    return couples.filter(({ people: [a, b] }, i) => {
      const until = may[i] === true ? notBefore(met[i] ?? null, a, b, now) : Number.POSITIVE_INFINITY;
      if (until > now) this.#matcher.forbid(a.userId, b.userId, until);
      return until <= now;
    });
  }

  /** Answers whether they met. */
  async #meet(couple: Couple): Promise<boolean> {
    const { meet, metrics, queue, log } = this.#deps;
    const absent = await meet(couple).catch((error: unknown) => {
      // Whether they met may not be known: who did waits no more, which is seen the next time.
      log.debug({ err: error }, 'two were not brought together');
      return undefined;
    });
    if (absent === undefined) return false;
    const out = absent.length === 0 ? couple.people : absent;
    for (const { userId } of out) this.#matcher.remove(userId);
    await Promise.all(out.map(({ userId, ticket }) => queue.remove(userId, ticket)));
    if (absent.length > 0) return false;
    metrics.matches.inc();
    return true;
  }

  // One may have blocked the other while they were brought together.
  async #partAgain(couples: readonly Couple[]): Promise<void> {
    if (couples.length === 0) return;
    const may = await this.#mayMeet(couples);
    const apart = couples.filter((_, i) => may[i] !== true);
    await Promise.all(apart.map(({ people: [a] }) => this.#deps.dismiss(a.userId, 'left')));
  }

  #mayMeet(couples: readonly Couple[]): Promise<boolean[]> {
    return this.#deps.mayMeet(couples.map(({ people: [a, b] }) => [a.userId, b.userId] as const));
  }

  async #dismiss(userId: string): Promise<void> {
    this.#matcher.remove(userId);
    await this.#deps.dismiss(userId, 'moderated');
  }

  /** Puts in who is missing, takes out who should not be there, and lets go of those who vanished or were silenced. */
  async #lookAfter(): Promise<void> {
    const { clock, db, queue, metrics } = this.#deps;
    this.#lookAt = clock.now() + LOOK_EVERY_MS;
    // What comes into the queue from here on has its row already.
    const known = new Map(this.#matcher.waiting().map(({ userId, ticket }) => [userId, ticket]));
    const seen = new Set<string>();
    for (let after: string | null = null; ;) {
      const seekers: Seeker[] = await seekersAfter(db, after, PAGE);
      const missing: Waiting[] = [];
      for (const seeker of seekers) {
        seen.add(seeker.userId);
        if (seeker.ticket === null) continue;
        if (known.get(seeker.userId) === seeker.ticket) known.delete(seeker.userId);
        else missing.push(waitingOf(seeker, seeker.ticket));
      }
      await Promise.all(missing.map((one) => queue.put(one)));
      await this.#letGo(seekers);
      if (seekers.length < PAGE) break;
      after = seekers.at(-1)?.userId ?? null;
    }
    await Promise.all([...known].map(([userId, ticket]) => queue.remove(userId, ticket)));
    for (const gone of [this.#absent, this.#away]) {
      for (const userId of gone.keys()) if (!seen.has(userId)) gone.delete(userId);
    }
    metrics.matchWaiting.set(this.#matcher.size);
  }

  async #letGo(seekers: readonly Seeker[]): Promise<void> {
    const { presence, silences, clock, db, dismiss } = this.#deps;
    const userIds = seekers.map(({ userId }) => userId);
    const silenced = await silences.among(userIds);
    await Promise.all([...silenced].map((userId) => dismiss(userId, 'moderated')));
    const present = await presence.read(userIds);
    const now = clock.now();
    for (const { userId, ticket } of seekers) {
      if (present.has(userId)) {
        this.#absent.delete(userId);
        if (this.#away.delete(userId)) this.#matcher.giveBack(userId);
        continue;
      }
      const since = this.#absent.get(userId) ?? now;
      this.#absent.set(userId, since);
      if (ticket !== null && now - since >= WAITS_MS) {
        // By this ticket: they may be back, and in a match.
        if ((await ceaseToWait(db, userId, ticket)) !== undefined) await this.#deps.queue.remove(userId, ticket);
      } else if (ticket === null && now - since >= STAYS_MS) await dismiss(userId, 'idle');
    }
  }
}

/** From when on (epoch ms) two who met at `met` may meet again. */
function notBefore(met: number | null, a: Waiting, b: Waiting, now: number): number {
  if (met === null || now - met >= RARELY_AGAIN_MS) return now;
  return Math.max(met + NOT_AGAIN_MS, Math.max(a.since, b.since) + LANGUAGE_MS);
}

function waitingOf({ userId, since, guest, meetGuests, languages, interests }: Seeker, ticket: string): Waiting {
  return { userId, ticket, since, guest, meetGuests, languages, interests };
}
