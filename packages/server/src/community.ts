/** Composes what makes a public place: lounges, strangers, and the modules that keep people safe in them. */
import type { InstanceBans, Profiles } from './modules/accounts/index.ts';
import { loungeRoutes, LoungeService } from './modules/lounges/index.ts';
import { matchEvents, MatchService } from './modules/matching/index.ts';
import { automodRoutes, consoleRoutes, createSanctions, reportRoutes } from './modules/moderation/index.ts';
import {
  type Committer,
  type Announce,
  type ModeratorNews,
  type RoomDirectory,
  roomModerationRoutes,
} from './modules/rooms/index.ts';
import {
  type Ages,
  type AutomodService,
  type Blocks,
  moderationLog,
  type Notices,
  type SilenceService,
} from './modules/safety/index.ts';
import type { Bus } from './platform/bus/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db/index.ts';
import type { Ids } from './platform/ids.ts';
import type { Jobs } from './platform/jobs/index.ts';
import type { Logger } from './platform/log.ts';
import type { MatchQueue } from './platform/matching/index.ts';
import type { Metrics } from './platform/metrics.ts';
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
  blocks: Blocks;
  silences: SilenceService;
  notices: Notices;
  news: ModeratorNews;
  announce: Announce;
  bans: InstanceBans;
  automod: AutomodService;
  metrics: Metrics;
  presence: PresenceStore;
  matchQueue: MatchQueue;
}

/** Their routes, events and periodic tasks. */
export function createCommunity(deps: CommunityDeps) {
  const trail = moderationLog(deps);
  const lounges = new LoungeService({ ...deps, store: deps.presence, trail });
  const matches = new MatchService({ ...deps, queue: deps.matchQueue, mayMeet: (pairs) => mayMeet(deps, pairs) });
  const sanctions = createSanctions({
    ...deps,
    trail,
    countReports: () => Promise.resolve({ reported: 0, reporting: 0 }),
  });
  return {
    matches,
    banRecords: sanctions.banRecords,
    routes: {
      ...loungeRoutes(lounges),
      ...roomModerationRoutes({ ...deps, trail }),
      ...reportRoutes(),
      ...sanctions.routes,
      ...consoleRoutes(),
      ...automodRoutes({ ...deps, trail }),
    },
    events: matchEvents(matches),
    tasks: [
      { name: 'lounges.guests', everyMs: 60_000, run: () => lounges.leaveAbsentGuests() },
      { name: 'lounges.demoted', everyMs: 60_000, run: () => lounges.turnOutDemoted() },
      { name: 'matching.empty', everyMs: 600_000, run: () => matches.removeEmptyMatches() },
    ] satisfies Task[],
    async start() {
      await lounges.start();
      await matches.start();
    },
    async stop() {
      await matches.stop();
      lounges.stop();
    },
  };
}

/** For each of these pairs whether nothing stands between the two. */
async function mayMeet({ blocks }: CommunityDeps, pairs: readonly (readonly [string, string])[]): Promise<boolean[]> {
  const blocked = await blocks.blockedBy(pairs.flat());
  return pairs.map(([a, b]) => blocked.get(a)?.has(b) !== true && blocked.get(b)?.has(a) !== true);
}
