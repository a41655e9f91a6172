import { isAtLeast, ProtocolError, type PublicUser, type Sanction } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { InstanceBans } from '../accounts/index.ts';
import { decidable } from './appeal-judges.ts';
import { type AppealNewsDeps, tellJudges } from './appeal-news.ts';
import { appealAgainst, cursorOf, isMoot, openAppeals } from './appeal-rows.ts';
import { findSanction, inForce, presentMine, presentSanction, type SanctionRow } from './sanction-rows.ts';

/** So many are looked at together for whose they are to decide. */
const AT_ONCE = 200;

export interface AppealDeps extends AppealNewsDeps {
  db: Database;
  clock: Clock;
  bans: Pick<InstanceBans, 'appellant'>;
}

/** Another look at what was done to somebody, asked for once by that very person. */
export class AppealService {
  readonly #deps: AppealDeps;

  constructor(deps: AppealDeps) {
    this.#deps = deps;
  }

  /**
   * Once for each sanction, also of calls at the same time.
   * @throws ProtocolError not_found, already_appealed; already_decided: it has been lifted, another one is in its place, or it
   * has no effect any more as the room is gone; limit_reached
   */
  async appeal(actor: Actor, sanctionId: string, text: string): Promise<Sanction> {
    const row = await this.#appeal(actor.userId, sanctionId, text);
    await tellJudges(this.#deps, row);
    return presentMine(row);
  }

  /**
   * The same by whoever is banned from the instance, who is known by the token that the refusal carried.
   * @throws ProtocolError invalid_link: no such token, or no ban any more; already_appealed
   */
  async appealBan(token: string, text: string): Promise<void> {
    const { user_id: userId, sanction_id: sanctionId } = await this.#banOf(token);
    await tellJudges(this.#deps, await this.#appeal(userId, sanctionId, text));
  }

  /** What keeps them out, without who did it. @throws ProtocolError invalid_link, as above */
  async ownBan(token: string): Promise<Sanction> {
    return presentMine(await this.#banOf(token));
  }

  /**
   * Those that wait and are the actor's to decide, the oldest first; none to whoever moderates nothing.
   * @throws ProtocolError bad_input (cursor)
   */
  async queue(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ sanctions: Sanction[]; users: PublicUser[]; nextCursor: string | null }> {
    const found: SanctionRow[] = [];
    for await (const rows of this.#theirs(actor, cursor)) {
      found.push(...rows);
      if (found.length > limit) break;
    }
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    const people = new Set(rows.flatMap((row) => [row.user_id, ...(row.imposed_by === null ? [] : [row.imposed_by])]));
    return {
      sanctions: rows.map(presentSanction),
      users: await this.#deps.profiles.publicUsers([...people]),
      nextCursor: last === undefined ? null : cursorOf(last),
    };
  }

  /** How many wait that are the actor's to decide. */
  async count(actor: Actor): Promise<number> {
    let count = 0;
    for await (const rows of this.#theirs(actor, undefined)) count += rows.length;
    return count;
  }

  async *#theirs(actor: Actor, cursor: string | undefined): AsyncGenerator<SanctionRow[], void, undefined> {
    const now = this.#deps.clock.now();
    const asker = { userId: actor.userId, hasOffice: isAtLeast(actor.role, 'moderator'), now };
    let next: string | null | undefined = cursor;
    do {
      const page = await openAppeals(this.#deps.db, asker, { limit: AT_ONCE, cursor: next });
      yield await decidable(this.#deps, actor, page.rows);
      next = page.nextCursor;
    } while (next !== null);
  }

  async #banOf(token: string): Promise<SanctionRow> {
    const { db, clock, bans } = this.#deps;
    const userId = bans.appellant(token);
    if (userId === undefined) throw new ProtocolError('invalid_link');
    const [ban] = await inForce(db, { user_id: userId, room_id: null, type: 'ban' }, clock.now());
    if (ban === undefined) throw new ProtocolError('invalid_link');
    return ban;
  }

  async #appeal(userId: string, sanctionId: string, text: string): Promise<SanctionRow> {
    const { db, clock } = this.#deps;
    const at = clock.now();
    const row = await db.transaction((tx) => appealAgainst(tx, { sanctionId, userId, text, at }));
    if (row !== undefined) return row;
    const known = await findSanction(db, sanctionId);
    if (known?.user_id !== userId) throw new ProtocolError('not_found');
    if (known.appeal_state !== null) throw new ProtocolError('already_appealed');
    const isOver = known.lifted_at !== null || (await isMoot(db, sanctionId, at));
    throw new ProtocolError(isOver ? 'already_decided' : 'limit_reached');
  }
}
