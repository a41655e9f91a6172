/** Random matching: two strangers and a room of their own. */
export { endMatch } from './changes.ts';
export { matchEvents } from './events.ts';
export { MatchService } from './service.ts';
