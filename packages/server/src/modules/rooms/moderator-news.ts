import type { ServerEventPayload } from '@confab/protocol';
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Profiles } from '../accounts/index.ts';

type What = ServerEventPayload<'moderation'>['what'];

const EVERY_MS = 1000;
const MODERATORS = {
  name: 'rooms.moderators',
  text: `SELECT r.kind, m.user_id FROM chat.rooms r
         LEFT JOIN chat.members m
           ON m.room_id = r.room_id AND m.left_at IS NULL AND m.role IN ('owner', 'admin', 'moderator')
         WHERE r.room_id = $1`,
};

/** Of those who moderate there, who is told: the same of the same `id`. */
export interface Among {
  id: string;
  of: (userIds: readonly string[]) => Promise<readonly string[]>;
}

export interface ModeratorNewsDeps {
  db: Queryable;
  bus: Bus;
  clock: Clock;
  log: Logger;
  profiles: Pick<Profiles, 'officers'>;
}

/** Tells those who moderate that something waits for them, or was decided. It is a hint: what waits is asked for. */
export class ModeratorNews {
  readonly #deps: ModeratorNewsDeps;
  /** What was told within the last second, and who is to be told again then: by id, null for everyone. */
  readonly #told = new Map<string, { timer: Timer; again: Map<string | null, Among | null> }>();

  constructor(deps: ModeratorNewsDeps) {
    this.#deps = deps;
  }

  /**
   * To be called after the commit of what it tells of; never waits and never throws. Of one kind and room they are told
   * at once and then once a second at most.
   * @param roomId the room whose rights count; null: what concerns the moderators of the instance
   * @param among for what not all of them may know
   */
  tell(what: What, roomId: string | null, among: Among | null = null): void {
    const told = this.#told.get(`${what} ${roomId}`);
    if (told !== undefined) told.again.set(among?.id ?? null, among);
    else this.#tell(what, roomId, [among]);
  }

  #tell(what: What, roomId: string | null, among: readonly (Among | null)[]): void {
    const key = `${what} ${roomId}`;
    const again = new Map<string | null, Among | null>();
    const timer = this.#deps.clock.setTimeout(() => {
      this.#told.delete(key);
      if (again.size > 0) this.#tell(what, roomId, [...again.values()]);
    }, EVERY_MS);
    this.#told.set(key, { timer, again });
    this.#publish(what, roomId, among).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'moderators could not be told that something waits for them');
    });
  }

  stop(): void {
    for (const { timer } of this.#told.values()) timer.cancel();
    this.#told.clear();
  }

  async #publish(what: What, roomId: string | null, among: readonly (Among | null)[]): Promise<void> {
    const all = roomId === null ? await this.#deps.profiles.officers() : [...(await this.#moderators(roomId))];
    const told = await Promise.all(among.map(async (some) => (some === null ? all : some.of(all))));
    for (const userId of new Set(told.flat())) {
      this.#deps.bus.publish(`user:${userId}`, { event: 'moderation', payload: { what, roomId } });
    }
  }

  /** As the rights have it: an office counts where everyone may come in. */
  async #moderators(roomId: string): Promise<Set<string>> {
    const { rows } = await this.#deps.db.query<{ kind: string; user_id: string | null }>(MODERATORS, [roomId]);
    const open = rows.some(({ kind }) => kind === 'public' || kind === 'language');
    const officers = open ? await this.#deps.profiles.officers() : [];
    return new Set([...officers, ...rows.flatMap(({ user_id }) => user_id ?? [])]);
  }
}
