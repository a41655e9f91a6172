import type { RouteOutput } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { askerOf, officersOf } from './case-officers.ts';
import { VISIBLE } from './case-rows.ts';

export interface FigureDeps {
  db: Queryable;
  clock: Clock;
  presence: PresenceStore;
  profiles: Profiles;
  /** Those that wait and are the actor's to decide. */
  countAppeals: (actor: Actor) => Promise<number>;
}

type Figures = RouteOutput<'moderationFigures'>;

const FIGURES = {
  name: 'moderation.figures',
  text: `SELECT
    (SELECT count(*) FROM safety.cases c WHERE c.state <> 'closed' AND ${VISIBLE}) AS "openCases",
    (SELECT count(*) FROM chat.held WHERE status = 'pending') AS held,
    (SELECT count(*) FROM safety.sanctions WHERE created_at >= $4) AS "sanctionsToday",
    (SELECT count(*) FROM safety.reports p JOIN safety.cases c USING (case_id)
     WHERE p.created_at >= $4 AND ${VISIBLE}) AS "reportsToday",
    (SELECT count(*) FROM safety.log WHERE at >= $4 AND action = 'message.rejected') AS "rejectedToday",
    (SELECT count(*) FROM chat.rooms WHERE raid_until > $5 AND deleted_at IS NULL) AS "raidedRooms"`,
};

/**
 * As things stand, of appeals those that are the actor's to decide, of cases and reports those that they see; "today" is the
 * last 24 hours. Who is online is counted over all nodes.
 * @throws ProtocolError unavailable
 */
export async function figures(
  { db, clock, presence, profiles, countAppeals }: FigureDeps,
  actor: Actor,
): Promise<Figures> {
  const now = clock.now();
  const { userId, hasOffice, beyond } = askerOf(actor, await officersOf(profiles));
  const values = [userId, hasOffice, beyond, new Date(now - 24 * 3600 * 1000), new Date(now)];
  const [{ rows }, online, openAppeals] = await Promise.all([
    db.query<Omit<Figures, 'online' | 'openAppeals'>>(FIGURES, values),
    presence.everyone(),
    countAppeals(actor),
  ]);
  if (rows[0] === undefined) throw new Error('figures are missing');
  return { ...rows[0], openAppeals, online: online.length };
}
