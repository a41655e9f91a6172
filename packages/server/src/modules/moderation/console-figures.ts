import type { RouteOutput } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';

export interface FigureDeps {
  db: Queryable;
  clock: Clock;
  presence: PresenceStore;
  /** Those that wait and are the actor's to decide. */
  countAppeals: (actor: Actor) => Promise<number>;
}

type Figures = RouteOutput<'moderationFigures'>;

const FIGURES = {
  name: 'moderation.figures',
  text: `SELECT
    (SELECT count(*) FROM safety.cases WHERE state <> 'closed') AS "openCases",
    (SELECT count(*) FROM chat.held WHERE status = 'pending') AS held,
    (SELECT count(*) FROM safety.sanctions WHERE created_at >= $1) AS "sanctionsToday",
    (SELECT count(*) FROM safety.reports WHERE created_at >= $1) AS "reportsToday",
    (SELECT count(*) FROM safety.log WHERE at >= $1 AND action = 'message.rejected') AS "rejectedToday",
    (SELECT count(*) FROM chat.rooms WHERE raid_until > $2 AND deleted_at IS NULL) AS "raidedRooms"`,
};

/**
 * As things stand, of appeals those that are the actor's to decide; "today" is the last 24 hours. Who is online is counted
 * over all nodes.
 * @throws ProtocolError unavailable
 */
export async function figures({ db, clock, presence, countAppeals }: FigureDeps, actor: Actor): Promise<Figures> {
  const now = clock.now();
  const [{ rows }, online, openAppeals] = await Promise.all([
    db.query<Omit<Figures, 'online' | 'openAppeals'>>(FIGURES, [new Date(now - 24 * 3600 * 1000), new Date(now)]),
    presence.everyone(),
    countAppeals(actor),
  ]);
  if (rows[0] === undefined) throw new Error('figures are missing');
  return { ...rows[0], openAppeals, online: online.length };
}
