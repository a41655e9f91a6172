/** Messages: sending, changing, reading, finding. */
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { PublicUser } from '../accounts.ts';
import { MessagePage, MyMembership, RoomChanges, ScheduledMessage, SearchHit } from '../entities.ts';
import { Body, Emoji, Message } from '../messages.ts';
import { ClientId, Counter, Id, line, queryInt, Timestamp } from '../ids.ts';
import { ForAuthor } from '../community.ts';
import { limit, message, REFUSED, room, route } from './route.ts';

const NewPoll = z.strictObject({
  question: line(1, 300),
  options: z
    .array(line(1, 100))
    .min(2)
    .max(LIMITS.pollOptions)
    .refine((options) => new Set(options).size === options.length, 'may hold each option once'),
  multiple: z.boolean().default(false),
  anonymous: z.boolean().default(false),
  closesAt: Timestamp.nullable().default(null),
});
export type NewPoll = z.output<typeof NewPoll>;

/** What makes the content of a message: text, a poll, or someone else's message passed on. */
const content = {
  body: Body.optional(),
  poll: NewPoll.optional(),
  forward: z
    .strictObject({ roomId: Id, messageId: Id })
    .optional()
    .meta({ description: 'A message I can read, passed on with its body.' }),
};
const ONE_CONTENT = { path: ['body'], message: 'or poll or forward is required, and only one of them' };
function oneContent(send: { body?: unknown; poll?: unknown; forward?: unknown }): boolean {
  return [send.body, send.poll, send.forward].filter((part) => part !== undefined).length === 1;
}
const sendShape = { clientId: ClientId, ...content, replyTo: Id.nullable().default(null) };
export const SendInput = z.strictObject(sendShape).refine(oneContent, ONE_CONTENT);
export const SocketSendInput = z.strictObject({ roomId: Id, ...sendShape }).refine(oneContent, ONE_CONTENT);
/** A page of history hangs on one message number at most. */
export const ONE_ANCHOR = { path: ['before'], message: 'only one of before, after, around and date may be given' };
export function oneAnchor(page: Partial<Record<'before' | 'after' | 'around' | 'date', number | undefined>>): boolean {
  return [page.before, page.after, page.around, page.date].filter((n) => n !== undefined).length <= 1;
}

export const messageRoutes = {
  messages: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages',
    auth: 'user',
    group: 'Messages',
    summary:
      'A page of history by message number: before or after one (excluding it), around one (including it) or a date, or the newest.',
    params: room,
    query: z
      .strictObject({
        before: queryInt(Counter).optional(),
        after: queryInt(Counter).optional(),
        around: queryInt(Counter).optional(),
        date: queryInt(Timestamp)
          .optional()
          .meta({ description: 'Around the first message sent at this time or later.' }),
        limit: limit(LIMITS.page, 50),
      })
      .refine(oneAnchor, ONE_ANCHOR),
    output: MessagePage,
    errors: REFUSED.reading,
  }),
  sendMessage: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages',
    auth: 'user',
    limit: 'messages',
    group: 'Messages',
    summary:
      'Send. A retry with the same clientId answers the message that was stored first. One that waits for approval is answered with its `status`.',
    params: room,
    body: SendInput,
    output: Message,
    status: 201,
    errors: REFUSED.sending,
  }),
  editMessage: route({
    method: 'PATCH',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    limit: 'messages',
    group: 'Messages',
    summary: `Change the body of my message, ${LIMITS.edits} times at most. What would have to wait for approval is rejected.`,
    params: message,
    body: z.strictObject({ body: Body }),
    output: Message,
    errors: REFUSED.editing,
  }),
  deleteMessage: route({
    method: 'DELETE',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    group: 'Messages',
    summary: 'Delete for everyone: the body is erased, the number stays.',
    params: message,
    body: z.strictObject({ reason: ForAuthor.optional() }).optional(),
    output: Message,
    errors: ['not_found', 'forbidden'],
  }),
  message: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    group: 'Messages',
    summary: 'One message, such as one that was replied to.',
    params: message,
    output: z.object({ message: Message, user: PublicUser }),
    errors: REFUSED.reading,
  }),
  messageEdits: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages/:messageId/edits',
    auth: 'user',
    group: 'Messages',
    summary:
      'Earlier bodies of a message, the oldest first. For moderators of the room and the author; gone once it is deleted.',
    params: message,
    output: z.object({ edits: z.array(z.object({ body: z.string(), until: Timestamp })) }),
    errors: [...REFUSED.reading, 'forbidden', 'blocked'],
  }),
  react: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/reactions',
    auth: 'user',
    group: 'Messages',
    summary: 'Add or take back my reaction. Idempotent.',
    params: message,
    body: z.strictObject({ emoji: Emoji, on: z.boolean() }),
    output: Message,
    errors: REFUSED.reacting,
  }),
  pin: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/pin',
    auth: 'user',
    group: 'Messages',
    summary: 'Pin or unpin for everyone. Idempotent.',
    params: message,
    body: z.strictObject({ on: z.boolean() }),
    output: Message,
    errors: REFUSED.reacting,
  }),
  pins: route({
    method: 'GET',
    path: '/api/rooms/:roomId/pins',
    auth: 'user',
    group: 'Messages',
    summary: 'Pinned messages, the newest pin first.',
    params: room,
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser) }),
    errors: REFUSED.reading,
  }),
  star: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/star',
    auth: 'user',
    group: 'Messages',
    summary: 'Star or unstar for myself. Idempotent.',
    params: message,
    body: z.strictObject({ on: z.boolean() }),
    output: MyMembership,
    errors: ['not_found', 'message_deleted', 'blocked', 'limit_reached'],
  }),
  stars: route({
    method: 'GET',
    path: '/api/stars',
    auth: 'user',
    group: 'Messages',
    summary: 'My starred messages of all my rooms, the newest message first.',
    query: z.strictObject({ limit: limit(LIMITS.page, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  mentions: route({
    method: 'GET',
    path: '/api/mentions',
    auth: 'user',
    group: 'Messages',
    summary: 'Messages of my rooms that mention me, the newest first.',
    query: z.strictObject({ limit: limit(LIMITS.page, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  vote: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/votes',
    auth: 'user',
    group: 'Messages',
    summary: 'My vote, replacing an earlier one; no options take it back.',
    params: message,
    body: z.strictObject({
      options: z
        .array(
          z
            .int()
            .min(0)
            .max(LIMITS.pollOptions - 1),
        )
        .max(LIMITS.pollOptions),
    }),
    output: Message,
    errors: [...REFUSED.writing, 'poll_closed', 'message_deleted', 'blocked'],
  }),
  closePoll: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/votes/close',
    auth: 'user',
    group: 'Messages',
    summary: 'Close my poll, or as a moderator anyone’s. Idempotent.',
    params: message,
    output: Message,
    errors: [...REFUSED.writing, 'message_deleted'],
  }),
  schedule: route({
    method: 'POST',
    path: '/api/rooms/:roomId/scheduled',
    auth: 'user',
    group: 'Messages',
    summary: 'Send later. Rights are checked now and again when the time has come.',
    params: room,
    body: z.strictObject({ clientId: ClientId, body: Body, replyTo: Id.nullable().default(null), sendAt: Timestamp }),
    output: ScheduledMessage,
    status: 201,
    errors: [...REFUSED.speaking, 'blocked', 'client_id_reused', 'limit_reached'],
  }),
  scheduled: route({
    method: 'GET',
    path: '/api/scheduled',
    auth: 'user',
    group: 'Messages',
    summary: 'My messages waiting to be sent, the next one first, and those that were refused.',
    output: z.object({ scheduled: z.array(ScheduledMessage) }),
  }),
  unschedule: route({
    method: 'DELETE',
    path: '/api/scheduled/:scheduledId',
    auth: 'user',
    group: 'Messages',
    summary: 'Do not send it.',
    params: z.object({ scheduledId: Id }),
    errors: ['not_found'],
  }),
  search: route({
    method: 'GET',
    path: '/api/search',
    auth: 'user',
    group: 'Messages',
    summary:
      'Messages I may read that hold all the words, also as beginnings of words, in any script. The best match first.',
    query: z.strictObject({
      q: line(1, 200),
      roomId: Id.optional(),
      from: Id.optional().meta({ description: 'The author.' }),
      after: queryInt(Timestamp).optional(),
      before: queryInt(Timestamp).optional(),
      has: z.enum(['file', 'image', 'link', 'poll']).optional(),
      mentionsMe: z.enum(['true', 'false']).optional(),
      limit: limit(50, 20),
      cursor: z.string().max(200).optional(),
    }),
    output: z.object({ hits: z.array(SearchHit), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
    errors: [...REFUSED.reading, 'overloaded'],
  }),
  changes: route({
    method: 'GET',
    path: '/api/rooms/:roomId/changes',
    auth: 'user',
    group: 'Messages',
    summary: 'What changed since a rev, as current states.',
    params: room,
    query: z.strictObject({ since: queryInt(Counter) }),
    output: RoomChanges,
    errors: ['not_found'],
  }),
  markRead: route({
    method: 'POST',
    path: '/api/rooms/:roomId/read',
    auth: 'user',
    group: 'Messages',
    summary: 'Read up to and including message n. Never moves back.',
    params: room,
    body: z.strictObject({ n: Counter }),
    output: z.object({ lastReadN: Counter, unread: z.int() }),
    errors: ['not_found'],
  }),
} as const;
