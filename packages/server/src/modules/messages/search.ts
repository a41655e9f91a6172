/** Full-text search over what someone may read now. */
import { setImmediate } from 'node:timers/promises';
import { badInput, type RouteOutput, type RouteParsed } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { createGate } from '../../platform/gate.ts';
import type { RestHandlers } from '../../platform/http/index.ts';
import { Shares } from '../../platform/shares.ts';
import type { Profiles } from '../accounts/index.ts';
import { accessRoom } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { forViewer, presentMessage } from './rows.ts';
import { highlight, parseQuery, toExactTsquery, toRankedTsquery, toTsquery } from './search-query.ts';
import type { SearchIndexer } from './search-indexer.ts';
import { type Candidate, findCandidates, loadMessages } from './search-store.ts';

/** How old a message is when its newness counts half. */
const HALF_LIFE_MS = 30 * 24 * 3600 * 1000;
/** How much more the newest counts than the oldest. */
const NEWNESS = 2;

/** Searches of one person, and of all, that are under way at once, and that wait: each keeps a connection to the database busy. */
const MINE = [1, 10] as const;
const ALL = [3, 100] as const;

/** A place in the ranked matches. Only messages up to `asOf` are ranked, so that new ones do not shift the pages. */
interface Position {
  asOf: number;
  score: number;
  roomId: string;
  n: number;
}

type Ranked = Candidate & { score: number };

export class SearchService {
  readonly #deps: { db: Database; profiles: Profiles; blocks: Blocks; clock: Clock; indexer: SearchIndexer };
  readonly #mine = new Shares(...MINE);
  readonly #all = createGate(...ALL);

  constructor(deps: { db: Database; profiles: Profiles; blocks: Blocks; clock: Clock; indexer: SearchIndexer }) {
    this.#deps = deps;
  }

  /**
   * A page of the messages that hold all words of `q`, the best first: those `actor` may read in this instant, without
   * those of people they block. Of many matches the newest thousand are ranked. A page never repeats what an earlier one
   * showed. What was sent before is found, on whichever node, unless indexing fails or is more than two seconds behind.
   * One of each person's is under way at once, and a few of all; what somebody writes waits for none of them.
   * @throws ProtocolError not_found (roomId), bad_input (cursor), too_many_requests, overloaded
   */
  search(actor: Actor, request: RouteParsed<'search'>['query']): Promise<RouteOutput<'search'>> {
    return this.#mine.run(actor.userId, () => this.#all(() => this.#search(actor, request)));
  }

  async #search(actor: Actor, request: RouteParsed<'search'>['query']): Promise<RouteOutput<'search'>> {
    const query = parseQuery(request.q);
    const from = request.cursor === undefined ? null : parseCursor(request.cursor);
    const asOf = from?.asOf ?? this.#deps.clock.now();
    const mentions = request.mentionsMe === 'true' ? actor.userId : undefined;
    const blocked = await this.#deps.blocks.blockedByOne(actor.userId);
    await this.#deps.indexer.caughtUp();
    const { page, rows, more } = await this.#deps.db.transaction(async (db) => {
      const room = request.roomId === undefined ? null : await accessRoom(db, actor, request.roomId, 'read');
      if (query.sequences.length === 0) return { page: [], rows: [], more: false };
      const candidates = await findCandidates(db, {
        userId: actor.userId,
        room: room?.room ?? null,
        matches: toTsquery(query, { from: request.from, has: request.has, mentions }),
        ranked: toRankedTsquery(query),
        exact: toExactTsquery(query),
        notBy: mentions === undefined ? [...blocked] : [...blocked, mentions],
        since: request.after ?? 0,
        until: Math.min(asOf, (request.before ?? Number.MAX_SAFE_INTEGER) - 1),
      });
      const left = rank(candidates, asOf).filter((match) => from === null || comesAfter(match, from));
      const page = left.slice(0, request.limit);
      return { page, rows: await loadMessages(db, page), more: left.length > page.length };
    }, 'snapshot');
    // What is shown without its words does not tell by being found that it holds them.
    const messages = rows.map((row) => forViewer(presentMessage(row), blocked)).filter(({ hidden }) => !hidden);
    const hits: RouteOutput<'search'>['hits'] = [];
    for (const message of messages) {
      hits.push({ message, highlights: highlight(message.body, query) });
      // Nobody else is served while a text is taken apart.
      await setImmediate();
    }
    const last = page.at(-1);
    return {
      hits,
      users: await this.#deps.profiles.publicUsers([...new Set(messages.map((message) => message.senderId))]),
      nextCursor: more && last !== undefined ? formatCursor({ ...last, asOf }) : null,
    };
  }
}

export function searchRoutes(search: SearchService): RestHandlers<'search'> {
  return { search: ({ actor, query }) => search.search(actor, query) };
}

/** Best first, by relevance and newness; the same candidates always in the same order. */
function rank(candidates: readonly Candidate[], asOf: number): Ranked[] {
  return candidates
    .map((match) => {
      const age = Math.max(0, asOf - match.createdAt);
      return { ...match, score: match.relevance * (1 + NEWNESS * 2 ** (-age / HALF_LIFE_MS)) };
    })
    .toSorted((a, b) => (comesAfter(a, b) ? 1 : -1));
}

type Place = Pick<Ranked, 'score' | 'roomId' | 'n'>;

function comesAfter(a: Place, b: Place): boolean {
  if (a.score !== b.score) return a.score < b.score;
  return a.roomId === b.roomId ? a.n < b.n : a.roomId > b.roomId;
}

function formatCursor({ asOf, score, roomId, n }: Position): string {
  return [asOf, score, roomId, n].join('_');
}

function parseCursor(cursor: string): Position {
  const match = /^(\d{1,15})_([\d.e-]{1,30})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(\d{1,15})$/.exec(cursor);
  const [, asOf, score, roomId, n] = match ?? [];
  if (roomId === undefined || Number.isNaN(Number(score))) throw badInput('cursor', 'is not a cursor of a search');
  return { asOf: Number(asOf), score: Number(score), roomId, n: Number(n) };
}
