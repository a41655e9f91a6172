/** What people say: messages as they are now, and their parts. */
import { z } from 'zod';
import { LanguageTag } from './accounts.ts';
import { ClientId, Counter, Id, text, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

export const MessageKind = z.enum(['text', 'image', 'file', 'voice', 'system', 'poll']).meta({ id: 'MessageKind' });
export type MessageKind = z.infer<typeof MessageKind>;
export const Body = text(LIMITS.body).meta({ id: 'Body', description: 'Markdown source.' });

/**
 * One of the emoji that are recommended for general interchange (RGI, Unicode TS #51), and nothing beside it: a grapheme could
 * also hold accents, small letters and tags, and so spell out words.
 */
export const Emoji = z
  .string()
  .max(64)
  .refine((text) => /^\p{RGI_Emoji}$/v.test(text), 'must be one emoji')
  .meta({ id: 'Emoji' });

export const Reaction = z
  .object({
    emoji: z.string(),
    count: z.int(),
    userIds: z.array(Id).meta({ description: `Who, the first first; at most ${LIMITS.reactionNames}.` }),
  })
  .meta({ id: 'Reaction' });
export type Reaction = z.infer<typeof Reaction>;

export const Attachment = z
  .object({
    fileId: Id,
    name: z.string(),
    mime: z.string(),
    size: z.int().meta({ description: 'Bytes.' }),
    width: z.int().optional(),
    height: z.int().optional(),
    duration: z.number().optional().meta({ description: 'Seconds.' }),
  })
  .meta({ id: 'Attachment' });

export const Poll = z
  .object({
    question: z.string(),
    options: z.array(
      z.object({
        text: z.string(),
        votes: z.int(),
        userIds: z.array(Id).meta({ description: 'Who voted for it, at most 100; empty when anonymous.' }),
      }),
    ),
    multiple: z.boolean(),
    anonymous: z.boolean(),
    closesAt: Timestamp.nullable(),
    closedAt: Timestamp.nullable(),
    voters: z.int(),
  })
  .meta({ id: 'Poll' });
export type Poll = z.infer<typeof Poll>;

/** What the server itself says in a room. `actorId` did it; `userId` is whom it concerns. The words of someone I block are absent. */
export const SystemEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('joined'), actorId: Id, userId: Id }),
    z.object({
      type: z.literal('left'),
      actorId: Id,
      userId: Id,
      expelled: z
        .literal(true)
        .optional()
        .meta({ description: 'By moderators. Which one is not told: `actorId` is `userId`.' }),
    }),
    z.object({ type: z.literal('renamed'), actorId: Id, name: z.string().optional() }),
    z.object({ type: z.literal('topic'), actorId: Id, topic: z.string().optional() }),
    z.object({ type: z.literal('archived'), actorId: Id, archived: z.boolean() }),
    z.object({ type: z.literal('pinned'), actorId: Id, messageId: Id }),
  ])
  .meta({ id: 'SystemEvent' });
export type SystemEvent = z.infer<typeof SystemEvent>;

export const Mentions = z
  .object({
    userIds: z.array(Id),
    everyone: z.enum(['room', 'here']).nullable(),
  })
  .meta({ id: 'Mentions' });
export type Mentions = z.infer<typeof Mentions>;

/** Optional parts are absent when there is nothing to say, which keeps the common message small. */
export const Message = z
  .object({
    id: Id,
    roomId: Id,
    n: Counter,
    rev: Counter.meta({ description: 'The room change that made this state.' }),
    clientId: ClientId,
    senderId: Id,
    kind: MessageKind,
    body: z.string().meta({ description: 'Empty once deleted.' }),
    replyTo: Id.nullable(),
    createdAt: Timestamp,
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
    mentions: Mentions.optional(),
    reactions: z.array(Reaction).optional(),
    attachments: z.array(Attachment).optional(),
    poll: Poll.optional(),
    system: SystemEvent.optional(),
    forwarded: z
      .object({ senderId: Id, createdAt: Timestamp })
      .optional()
      .meta({ description: 'Who said it first, and when.' }),
    thread: z.object({ roomId: Id, count: z.int(), lastAt: Timestamp.nullable() }).optional(),
    pinned: z.object({ at: Timestamp, by: Id }).optional(),
    language: LanguageTag.optional().meta({
      description: 'In a language room: the language it seems to be in, where that is another one.',
    }),
    status: z.enum(['pending', 'rejected']).optional().meta({
      description:
        'Absent: approved. Held for approval, or refused it: `n` and `rev` are 0, and only its author and moderators know of it.',
    }),
    reason: z.string().optional().meta({ description: 'Why it is held or was rejected, for its author to read.' }),
    hidden: z.literal(true).optional().meta({
      description:
        'By someone I block: everything but its place is left out; `forwarded` and `mentions` stay if only who said it first is blocked, and then it counts as unread.',
    }),
    reported: z.literal(true).optional().meta({
      description:
        'With `hidden`: many have reported it, and its words are shown to nobody until moderators have decided. It counts as before.',
    }),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;
