/** Lounges: public places, with a room for each language. */
export { loungeGate } from './gate.ts';
export { loungeRoutes } from './routes.ts';
export { LoungeService } from './service.ts';
