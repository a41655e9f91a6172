/** Rules that texts are held against. */
import { z } from 'zod';
import { Reason } from './community.ts';
import { Id, line, Timestamp } from './ids.ts';

const Word = line(1, 60);
const ListId = z
  .string()
  .max(20)
  .regex(/^[A-Za-z0-9-]+$/, 'is no list')
  .meta({ examples: ['en'] });
const Host = z
  .string()
  .max(253)
  .overwrite((s) => s.toLowerCase())
  .regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'must be a host name such as example.org');
/** RE2 syntax. Spaces count, so it is not trimmed. */
const Pattern = z
  .string()
  .min(1)
  .max(500)
  .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
  .refine((s) => !/\p{Cc}/u.test(s), 'may not hold control characters');
const seconds = (max: number) => z.int().min(1).max(max);

/** What a rule looks for. */
export const AutomodTrigger = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('words'),
      lists: z.array(ListId).max(30).meta({ description: 'Built-in lists, by the `id` that automodRules tells.' }),
      words: z.array(Word).max(1000).meta({ description: 'A `*` at either end stands for any letters.' }),
      spare: z
        .array(Word)
        .max(1000)
        .meta({ description: 'Words that are fine although one of the others is in them.' }),
    }),
    z.strictObject({
      type: z.literal('links'),
      mode: z.enum(['any', 'denied', 'not_allowed', 'first']).meta({
        description: 'any link; to one of `hosts`; to any other; the first of somebody in a room.',
      }),
      hosts: z.array(Host).max(1000).meta({ description: 'With all their subdomains.' }),
    }),
    z.strictObject({
      type: z.literal('mentions'),
      more: z.int().min(1).max(100).meta({ description: 'It takes more names than these.' }),
    }),
    z.strictObject({
      type: z.literal('flood'),
      messages: z.int().min(2).max(1000).meta({ description: 'How many of one person within `seconds`.' }),
      seconds: seconds(3600),
    }),
    z.strictObject({
      type: z.literal('repeats'),
      times: z.int().min(2).max(100).meta({ description: 'How often the same text of one person within `seconds`.' }),
      seconds: seconds(3600),
    }),
    z.strictObject({
      type: z.literal('capitals'),
      percent: z.int().min(50).max(100).meta({ description: 'Of the letters that many are capitals.' }),
      letters: z.int().min(5).max(1000).meta({ description: 'Shorter messages are left alone.' }),
    }),
    z.strictObject({ type: z.literal('invites') }),
    z.strictObject({
      type: z.literal('newcomers'),
      minutes: z
        .int()
        .min(1)
        .max(43_200)
        .meta({ description: 'Since the account was made, or the person joined the room.' }),
    }),
    z.strictObject({ type: z.literal('pattern'), pattern: Pattern }),
    z.strictObject({
      type: z.literal('raid'),
      joins: z.int().min(2).max(10_000).meta({ description: 'How many people into one room within `seconds`.' }),
      seconds: seconds(3600),
      lasts: seconds(86_400).meta({ description: 'Seconds that newcomers’ messages wait then.' }),
    }),
  ])
  .meta({ id: 'AutomodTrigger' });
export type AutomodTrigger = z.infer<typeof AutomodTrigger>;

export const AutomodAction = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('hold') }),
    z.strictObject({ type: z.literal('reject') }),
    z.strictObject({ type: z.literal('warn') }),
    z.strictObject({
      type: z.literal('mute'),
      seconds: seconds(2_592_000).meta({ description: 'How long.' }),
    }),
    z.strictObject({ type: z.literal('alert') }),
  ])
  .meta({ id: 'AutomodAction' });
export type AutomodAction = z.infer<typeof AutomodAction>;

export const AutomodRuleInput = z.strictObject({
  name: line(1, 80),
  trigger: AutomodTrigger,
  actions: z.array(AutomodAction).min(1).max(5),
  reason: Reason.meta({ description: 'For whoever wrote the message.' }),
  enabled: z.boolean(),
});
export const AutomodRule = AutomodRuleInput.extend({
  id: Id,
  roomId: Id.nullable().meta({ description: 'null: everywhere people come by themselves.' }),
  createdBy: Id,
  updatedAt: Timestamp,
}).meta({ id: 'AutomodRule' });
export type AutomodRule = z.infer<typeof AutomodRule>;
