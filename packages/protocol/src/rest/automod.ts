/** Rules that texts are held against before they are stored: of the instance (its moderators), and of a room (its admins). */
import { z } from 'zod';
import { PublicUser } from '../accounts.ts';
import { AutomodRule, AutomodRuleInput, AutomodTrigger } from '../automod.ts';
import { Message } from '../messages.ts';
import { Id, text } from '../ids.ts';
import { route } from './route.ts';

const mod = { auth: 'user', group: 'Moderation' } as const;
const rule = z.object({ ruleId: Id });
const Where = Id.nullable().meta({ description: 'null: of the instance.' });

export const automodRoutes = {
  automodRules: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/automod',
    summary: 'The rules of a room, or of the instance.',
    query: z.strictObject({ roomId: Id.optional().meta({ description: 'Left out: those of the instance.' }) }),
    output: z.object({
      rules: z.array(AutomodRule),
      lists: z.array(z.object({ id: z.string(), name: z.string(), words: z.int() })).meta({
        description: 'The built-in word lists.',
      }),
    }),
    errors: ['not_found', 'forbidden', 'room_archived'],
  }),
  createAutomodRule: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/automod',
    summary: 'Add a rule.',
    body: AutomodRuleInput.extend({ roomId: Where }),
    output: AutomodRule,
    status: 201,
    errors: ['not_found', 'forbidden', 'room_archived', 'limit_reached'],
  }),
  updateAutomodRule: route({
    ...mod,
    method: 'PATCH',
    path: '/api/moderation/automod/:ruleId',
    summary: 'Change a rule. It holds within seconds everywhere.',
    params: rule,
    body: AutomodRuleInput.partial(),
    output: AutomodRule,
    errors: ['not_found', 'forbidden', 'room_archived', 'limit_reached'],
  }),
  deleteAutomodRule: route({
    ...mod,
    method: 'DELETE',
    path: '/api/moderation/automod/:ruleId',
    summary: 'Remove a rule.',
    params: rule,
    errors: ['not_found', 'forbidden', 'room_archived'],
  }),
  tryAutomodRule: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/automod/try',
    summary:
      'What a rule would have done to the newest 1,000 messages where it would hold, and to a text. Changes nothing.',
    body: z.strictObject({
      roomId: Where,
      trigger: AutomodTrigger,
      text: text(8000).optional(),
    }),
    output: z.object({
      tried: z.int().meta({ description: 'Messages that were looked at.' }),
      matched: z.int(),
      examples: z.array(Message).meta({ description: 'The newest twenty of those that it matched.' }),
      users: z.array(PublicUser),
      text: z.boolean().nullable().meta({ description: 'Whether it matched the text; null without one.' }),
    }),
    errors: ['not_found', 'forbidden', 'room_archived', 'age_confirmation_required'],
  }),
} as const;
