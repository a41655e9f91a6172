/** The reading side of rooms: chat list, snapshots, and the repair of everything missed. */
export { syncEvents, syncRoutes } from './routes.ts';
export { SyncService } from './service.ts';
