/** Safety: who does not want to hear of whom. */
export { BlockService } from './blocks.ts';
export type { Blocks } from './contracts.ts';
export { safetyRoutes } from './routes.ts';
