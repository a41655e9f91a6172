/** Messages: sending, editing, deleting, history and read marks. */
export { announcer } from './announce.ts';
export { ThreadService, threadRoutes } from './open-thread.ts';
export { messageEvents, messageRoutes } from './routes.ts';
export { forViewer, type MessageRow, presentMessage } from './rows.ts';
export { searchRoutes, SearchService } from './search.ts';
export { MessageService } from './service.ts';
export { page } from './store.ts';
export { countUnread, unreadLaterals } from './unread.ts';
