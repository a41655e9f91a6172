/** Messages: sending, editing, deleting, history and read marks. */
export { messageEvents, messageRoutes } from './routes.ts';
export { type MessageRow, presentMessage } from './rows.ts';
export { MessageService } from './service.ts';
export { page } from './store.ts';
