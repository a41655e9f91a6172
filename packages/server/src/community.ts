/** Composes what makes a public place: lounges, strangers, and the modules that keep people safe in them. */
import { addressBanRoutes, type Profiles } from './modules/accounts/index.ts';
import { loungeRoutes, LoungeService } from './modules/lounges/index.ts';
import { matchEvents } from './modules/matching/index.ts';
import { automodRoutes, consoleRoutes, reportRoutes, sanctionRoutes } from './modules/moderation/index.ts';
import { type Committer, type RoomDirectory, roomModerationRoutes } from './modules/rooms/index.ts';
import { type Ages, moderationLog } from './modules/safety/index.ts';
import type { Bus } from './platform/bus/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db/index.ts';
import type { Ids } from './platform/ids.ts';
import type { Jobs } from './platform/jobs/index.ts';
import type { Logger } from './platform/log.ts';
import type { PresenceStore } from './platform/presence/index.ts';
import type { Task } from './platform/upkeep/index.ts';

export interface CommunityDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Logger;
  jobs: Jobs;
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  ages: Ages;
  presence: PresenceStore;
}

/** Their routes, events and periodic tasks. */
export function createCommunity(deps: CommunityDeps) {
  const trail = moderationLog(deps);
  const lounges = new LoungeService({ ...deps, store: deps.presence, trail });
  return {
    routes: {
      ...addressBanRoutes(),
      ...loungeRoutes(lounges),
      ...roomModerationRoutes({ ...deps, trail }),
      ...reportRoutes(),
      ...sanctionRoutes(),
      ...consoleRoutes(),
      ...automodRoutes(),
    },
    events: matchEvents(),
    tasks: [
      { name: 'lounges.guests', everyMs: 60_000, run: () => lounges.leaveAbsentGuests() },
      { name: 'lounges.demoted', everyMs: 60_000, run: () => lounges.turnOutDemoted() },
    ] satisfies Task[],
    start: () => lounges.start(),
    stop: () => lounges.stop(),
  };
}
