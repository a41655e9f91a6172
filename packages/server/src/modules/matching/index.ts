/** Random matching: two strangers and a room of their own. */
export { matchEvents } from './events.ts';
