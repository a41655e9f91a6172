/** A message in one line of text. */
import type { Message } from '@confab/sdk';
import { plainText } from './markdown.ts';

/** Names are looked up by `nameOf`; one that is not known yet is "…". */
type NameOf = (userId: string) => string | undefined;

/** What stands for a message in previews and quotes. */
export function summaryOf(message: Message, nameOf: NameOf): string {
  if (message.reported) return 'Message hidden until moderators have looked at it';
  if (message.hidden) return 'Message from someone you blocked';
  if (message.deletedAt !== null) return 'Message deleted';
  if (message.system) return systemText(message.system, nameOf);
  if (message.poll) return `Poll: ${message.poll.question}`;
  return plainText(message.body);
}

/** What the server says in a room, as a sentence. */
export function systemText(event: NonNullable<Message['system']>, nameOf: NameOf): string {
  const actor = nameOf(event.actorId) ?? '…';
  switch (event.type) {
    case 'joined':
      return event.userId === event.actorId ? `${actor} joined.` : `${actor} added ${nameOf(event.userId) ?? '…'}.`;
    case 'left':
      if (event.expelled === true) return `${actor} was removed by moderators.`;
      return event.userId === event.actorId ? `${actor} left.` : `${actor} removed ${nameOf(event.userId) ?? '…'}.`;
    case 'renamed':
      return event.name === undefined ? `${actor} renamed the room.` : `${actor} renamed the room to “${event.name}”.`;
    case 'topic':
      if (event.topic === undefined) return `${actor} changed the topic.`;
      return event.topic === '' ? `${actor} removed the topic.` : `${actor} changed the topic to “${event.topic}”.`;
    case 'archived':
      return event.archived ? `${actor} archived the room.` : `${actor} took the room out of the archive.`;
    case 'pinned':
      return `${actor} pinned a message.`;
  }
}
