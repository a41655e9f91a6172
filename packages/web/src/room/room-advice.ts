import { LIMITS } from '@confab/sdk';

/** What to do about a field of a room that was refused. */
export const roomAdvice = {
  name: `Use 1 to ${LIMITS.roomName} characters.`,
  topic: `Use up to ${LIMITS.topic} characters.`,
};
