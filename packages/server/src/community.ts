/** Composes what makes a public place: lounges, strangers, and the modules that keep people safe in them. */
import { addressBanRoutes } from './modules/accounts/index.ts';
import { loungeRoutes } from './modules/lounges/index.ts';
import { matchEvents } from './modules/matching/index.ts';
import { heldRoutes } from './modules/messages/index.ts';
import { automodRoutes, consoleRoutes, reportRoutes, sanctionRoutes } from './modules/moderation/index.ts';
import { roomModerationRoutes } from './modules/rooms/index.ts';
import type { Task } from './platform/upkeep/index.ts';

/** Their routes, events and periodic tasks. */
export function createCommunity() {
  return {
    routes: {
      ...addressBanRoutes(),
      ...loungeRoutes(),
      ...heldRoutes(),
      ...roomModerationRoutes(),
      ...reportRoutes(),
      ...sanctionRoutes(),
      ...consoleRoutes(),
      ...automodRoutes(),
    },
    events: matchEvents(),
    tasks: new Array<Task>(),
  };
}
