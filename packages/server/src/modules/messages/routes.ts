import type { RestHandlers } from '../../platform/http/index.ts';
import type { EventHandlers } from '../../platform/realtime/index.ts';
import type { MessageService } from './service.ts';

export function messageRoutes(
  messages: MessageService,
): RestHandlers<'messages' | 'sendMessage' | 'editMessage' | 'deleteMessage' | 'markRead' | 'message'> {
  return {
    messages: ({ actor, params, query }) => messages.history(actor, params.roomId, query),
    sendMessage: ({ actor, params, body }) => messages.send(actor, params.roomId, body),
    editMessage: ({ actor, params, body }) => messages.edit(actor, params.roomId, params.messageId, body.body),
    deleteMessage: ({ actor, params }) => messages.delete(actor, params.roomId, params.messageId),
    message: ({ actor, params }) => messages.one(actor, params.roomId, params.messageId),
    markRead: ({ actor, params, body }) => messages.markRead(actor, params.roomId, body.n),
  };
}

export function messageEvents(
  messages: MessageService,
): EventHandlers<'message:send' | 'message:edit' | 'message:delete' | 'message:history' | 'room:read'> {
  return {
    'message:send': ({ actor, input }) => messages.send(actor, input.roomId, input),
    'message:edit': ({ actor, input }) => messages.edit(actor, input.roomId, input.messageId, input.body),
    'message:delete': ({ actor, input }) => messages.delete(actor, input.roomId, input.messageId),
    'message:history': ({ actor, input }) => messages.history(actor, input.roomId, input),
    'room:read': ({ actor, input }) => messages.markRead(actor, input.roomId, input.n),
  };
}
