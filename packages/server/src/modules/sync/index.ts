/** The reading side of rooms: chat list, snapshots, and the repair of everything missed. */
export { ringFeeder, RoomRings } from './rings.ts';
export { syncEvents, syncRoutes } from './routes.ts';
export { SyncService } from './service.ts';
