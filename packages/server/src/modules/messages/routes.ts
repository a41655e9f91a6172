import type { RestHandlers } from '../../platform/http/index.ts';
import type { EventHandlers } from '../../platform/realtime/index.ts';
import type { AnnotationService } from './annotations.ts';
import type { MessageLists } from './lists.ts';
import type { ScheduledService } from './scheduled-service.ts';
import type { MessageService } from './service.ts';

export interface MessageServices {
  messages: MessageService;
  annotations: AnnotationService;
  lists: MessageLists;
  scheduled: ScheduledService;
}

type Names =
  | 'messages'
  | 'sendMessage'
  | 'editMessage'
  | 'deleteMessage'
  | 'markRead'
  | 'message'
  | 'messageEdits'
  | 'react'
  | 'pin'
  | 'pins'
  | 'star'
  | 'stars'
  | 'mentions'
  | 'vote'
  | 'closePoll'
  | 'schedule'
  | 'scheduled'
  | 'unschedule';

export function messageRoutes({ messages, annotations, lists, scheduled }: MessageServices): RestHandlers<Names> {
  return {
    messages: ({ actor, params, query }) => messages.history(actor, params.roomId, query),
    sendMessage: ({ actor, params, body }) => messages.send(actor, params.roomId, body),
    editMessage: ({ actor, params, body }) => messages.edit(actor, params.roomId, params.messageId, body.body),
    deleteMessage: ({ actor, params, body }) => messages.delete(actor, params.roomId, params.messageId, body?.reason),
    message: ({ actor, params }) => messages.one(actor, params.roomId, params.messageId),
    async messageEdits({ actor, params }) {
      return { edits: await messages.edits(actor, params.roomId, params.messageId) };
    },
    markRead: ({ actor, params, body }) => messages.markRead(actor, params.roomId, body.n),
    react: ({ actor, params, body }) => annotations.react(actor, params.roomId, params.messageId, body.emoji, body.on),
    pin: ({ actor, params, body }) => annotations.pin(actor, params.roomId, params.messageId, body.on),
    star: ({ actor, params, body }) => annotations.star(actor, params.roomId, params.messageId, body.on),
    vote: ({ actor, params, body }) => annotations.vote(actor, params.roomId, params.messageId, body.options),
    closePoll: ({ actor, params }) => annotations.closePoll(actor, params.roomId, params.messageId),
    pins: ({ actor, params }) => lists.pins(actor, params.roomId),
    stars: ({ actor, query }) => lists.stars(actor, query),
    mentions: ({ actor, query }) => lists.mentions(actor, query),
    schedule: ({ actor, params, body }) => scheduled.schedule(actor, params.roomId, body),
    async scheduled({ actor }) {
      return { scheduled: await scheduled.list(actor) };
    },
    unschedule: ({ actor, params }) => scheduled.cancel(actor, params.scheduledId),
  };
}

export function messageEvents({
  messages,
  annotations,
}: MessageServices): EventHandlers<
  'message:send' | 'message:edit' | 'message:delete' | 'message:react' | 'message:history' | 'room:read'
> {
  return {
    'message:send': ({ actor, input }) => messages.send(actor, input.roomId, input),
    'message:edit': ({ actor, input }) => messages.edit(actor, input.roomId, input.messageId, input.body),
    'message:delete': ({ actor, input }) => messages.delete(actor, input.roomId, input.messageId, input.reason),
    'message:react': ({ actor, input }) =>
      annotations.react(actor, input.roomId, input.messageId, input.emoji, input.on),
    'message:history': ({ actor, input }) => messages.history(actor, input.roomId, input),
    'room:read': ({ actor, input }) => messages.markRead(actor, input.roomId, input.n),
  };
}
