/** Who is there, how they appear, and who is writing. */
export { presenceEvents } from './events.ts';
export { PresenceService } from './service.ts';
export { TypingService } from './typing.ts';
