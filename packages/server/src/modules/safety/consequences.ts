/** What automod does beside holding or rejecting a message, as a job: enqueued with the judgement, done by moderation. */
import { z } from 'zod';
import type { JobKind } from '../../platform/jobs/index.ts';
import type { Consequence } from './contracts.ts';

export interface JudgedBadly {
  /** The room whose rights count: of a thread the one it hangs on. */
  roomId: string;
  userId: string;
  /** The message, stored or held; null when it was rejected. */
  messageId: string | null;
  consequences: Consequence[];
}

const ruled = { ruleId: z.string(), reason: z.string() };

export const consequencesJob: JobKind<JudgedBadly> = {
  name: 'automod.consequences',
  payload: z.object({
    roomId: z.string(),
    userId: z.string(),
    messageId: z.string().nullable(),
    consequences: z.array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('warn'), ...ruled }),
        z.object({ type: z.literal('mute'), ...ruled, seconds: z.number() }),
        z.object({ type: z.literal('alert'), ...ruled }),
      ]),
    ),
  }),
};
