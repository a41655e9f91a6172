/** Messages: sending, changing, reading, and what people put on them. */
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { AnnotationService } from './annotations.ts';
import { HeldService, heldRoutes, type HeldServiceDeps } from './held-service.ts';
import { MessageLists } from './lists.ts';
import { messagesPersonalData } from './personal-data.ts';
import { messageEvents, messageRoutes } from './routes.ts';
import { ScheduledService } from './scheduled-service.ts';
import { searchRoutes, SearchService } from './search.ts';
import { SearchIndexer } from './search-indexer.ts';
import { type MessageDeps, MessageService } from './service.ts';
import type { Announce } from '../rooms/index.ts';

export { announcer } from './announce.ts';
export { countMentions, findMentions } from './mentions.ts';
export { asJudged, newestMessages } from './newest.ts';
export { isNewMember } from './screen.ts';
export { ThreadService, threadRoutes } from './open-thread.ts';
export { messageRemoval, type RemovalBatch, type RemovalDeps, type RemoveMessages } from './removal.ts';
export { removeMessage, setHidden, tellAuthor } from './hiding.ts';
export { authorsOf, forViewer, type MessageRow, presentMessage, presentStored } from './rows.ts';
export { heldTask } from './held-expiry.ts';
export { type Retention, retentionTask } from './retention.ts';
export { findMessage, page } from './store.ts';
export { countUnread, unreadLaterals } from './unread.ts';

/**
 * Routes and events of messages, and what is kept about people; their jobs are given to `deps.jobs`. Between `start` and
 * `stop` messages are made findable by themselves; `stop` comes before the database closes.
 */
export function createMessages(
  deps: Omit<MessageDeps, 'indexer'> & HeldServiceDeps & { announce: Announce; clock: Clock; log: Logger },
) {
  const indexer = new SearchIndexer(deps);
  const messages = new MessageService({ ...deps, indexer });
  const annotations = new AnnotationService(deps);
  const lists = new MessageLists(deps);
  const scheduled = new ScheduledService({ ...deps, messages });
  const services = { messages, annotations, lists, scheduled };
  return {
    routes: {
      ...messageRoutes(services),
      ...heldRoutes(new HeldService(deps)),
      ...searchRoutes(new SearchService({ ...deps, indexer })),
    },
    events: messageEvents(services),
    personalData: messagesPersonalData(deps),
    start: () => indexer.start(),
    stop: () => indexer.stop(),
  };
}
