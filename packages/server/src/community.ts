/** Composes what makes a public place: lounges, strangers, and the modules that keep people safe in them. */
import type { DemandLive, InstanceBans, Profiles } from './modules/accounts/index.ts';
import { loungeRoutes, LoungeService } from './modules/lounges/index.ts';
import { matchEvents, MatchService } from './modules/matching/index.ts';
import { heldTask, type Retention, retentionTask } from './modules/messages/index.ts';
import { automodRoutes, consoleRoutes, createReports, createSanctions } from './modules/moderation/index.ts';
import {
  type Committer,
  type Announce,
  type ModeratorNews,
  type RoomDirectory,
  roomModerationRoutes,
  roomTasks,
} from './modules/rooms/index.ts';
import {
  type Ages,
  type AutomodService,
  type BlockService,
  logHead,
  moderationLog,
  type Notices,
  safetyTasks,
  type SilenceService,
} from './modules/safety/index.ts';
import { memoryBursts } from './platform/bursts/memory.ts';
import type { Bus } from './platform/bus/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db/index.ts';
import type { Ids } from './platform/ids.ts';
import type { Jobs } from './platform/jobs/index.ts';
import type { Logger } from './platform/log.ts';
import type { MatchQueue } from './platform/matching/index.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Pictures } from './platform/pictures/index.ts';
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
  demandLive: DemandLive;
  ages: Ages;
  blocks: BlockService;
  silences: SilenceService;
  notices: Notices;
  news: ModeratorNews;
  announce: Announce;
  bans: InstanceBans;
  automod: AutomodService;
  metrics: Metrics;
  presence: PresenceStore;
  pictures: Pictures;
  matchQueue: MatchQueue;
  /** Reports after which a message is hidden until it is decided; 0: never. */
  autoHideReports: number;
  retention: Retention;
}

/** Their routes, events and periodic tasks. */
export function createCommunity(deps: CommunityDeps) {
  const trail = moderationLog(deps);
  const { reports, routes: reportRoutes } = createReports({ ...deps, trail });
  const lounges = new LoungeService({ ...deps, store: deps.presence, trail });
  const matches = new MatchService({
    ...deps,
    queue: deps.matchQueue,
    mayMeet: (pairs) => mayMeet(deps.blocks, reports, pairs),
  });
  const sanctions = createSanctions({
    ...deps,
    trail,
    countReports: (actor, userId) => reports.count(actor, userId),
  });
  return {
    matches,
    sanctions,
    /** What is kept about people. */
    personalData: [matches, reports, sanctions].map((module) => module.personalData),
    routes: {
      ...loungeRoutes(lounges),
      ...roomModerationRoutes({ ...deps, trail }),
      ...reportRoutes,
      ...sanctions.routes,
      ...consoleRoutes({ ...deps, trail, countAppeals: sanctions.countAppeals }),
      ...automodRoutes({ ...deps, trail, rehearsal: memoryBursts }),
    },
    events: matchEvents(matches),
    tasks: [
      ...safetyTasks(deps),
      ...roomTasks(deps),
      heldTask({ ...deps, trail }),
      retentionTask({ ...deps, trail }),
      { name: 'lounges.guests', everyMs: 60_000, run: () => lounges.leaveAbsentGuests() },
      { name: 'lounges.demoted', everyMs: 60_000, run: () => lounges.turnOutDemoted() },
      { name: 'matching.empty', everyMs: 600_000, run: () => matches.removeEmptyMatches() },
      ...sanctions.tasks,
      { name: 'moderation.head', everyMs: 3_600_000, run: () => noteHead(deps) },
    ] satisfies Task[],
    async start() {
      await lounges.start();
      await matches.start();
    },
    async stop() {
      await matches.stop();
      await lounges.stop();
    },
  };
}

/** For each of these pairs whether nothing stands between the two: neither blocks the other or has reported them. */
async function mayMeet(
  blocks: BlockService,
  reports: { reportedAmong(pairs: readonly (readonly [string, string])[]): Promise<ReadonlySet<string>> },
  pairs: readonly (readonly [string, string])[],
): Promise<boolean[]> {
  const bothWays = pairs.flatMap(([a, b]): (readonly [string, string])[] => [
    [a, b],
    [b, a],
  ]);
  const [blocked, reported] = await Promise.all([blocks.blockedBy(pairs.flat()), reports.reportedAmong(bothWays)]);
  const isApart = (a: string, b: string) => blocked.get(a)?.has(b) === true || reported.has(`${a} ${b}`);
  return pairs.map(([a, b]) => !isApart(a, b) && !isApart(b, a));
}

/** Writes the end of the audit trail to the log, by which it shows later whether something was taken off it. */
async function noteHead({ db, log }: CommunityDeps): Promise<void> {
  const head = await logHead(db);
  if (head !== null) log.info(head, 'head of the audit trail of moderation');
}
