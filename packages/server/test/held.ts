/** Messages that wait for approval, and who decides on them. */
import type { Message } from '@confab/protocol';
import type { World } from './nodes.ts';
import type { Person } from './person.ts';
import { room, type TestRoom } from './rooms.ts';
import { sql } from './sql.ts';

/** A room in which everyone's messages wait, with a moderator. */
export async function guarded(
  server: World,
  kind: 'group' | 'public' = 'group',
): Promise<TestRoom & { moderator: Person }> {
  const there = await room(server, kind);
  const moderator = await server.person('moderator');
  const params = { roomId: there.roomId };
  await there.owner.call('addMembers', { params, body: { userIds: [moderator.id] } });
  await appoint(there, moderator);
  await there.owner.call('moderateRoom', { params, body: { hold: ['all'] } });
  return { ...there, moderator };
}

/** Makes somebody a moderator there. */
export function appoint({ owner, roomId }: TestRoom, whom: Person) {
  return owner.call('updateMember', { params: { roomId, userId: whom.id }, body: { role: 'moderator' } });
}

/** What waits for somebody to decide, the oldest first. */
export async function queue(by: Person, roomId?: string): Promise<Message[]> {
  const { messages } = await by.call('held', { query: roomId === undefined ? {} : { roomId } });
  return messages.map(({ message }) => message);
}

/** What of somebody's own waits there or was rejected. */
export async function mine(by: Person, roomId: string): Promise<readonly Message[]> {
  return (await by.call('room', { params: { roomId } })).me.held;
}

/** The params of a route about a message. */
export function on({ roomId, id: messageId }: Message): { params: { roomId: string; messageId: string } } {
  return { params: { roomId, messageId } };
}

export function approve(by: Person, message: Message) {
  return by.call('decideHeld', { ...on(message), body: { approve: true } });
}

export function reject(by: Person, message: Message, reason = 'Not here') {
  return by.call('decideHeld', { ...on(message), body: { approve: false, reason } });
}

/** Takes back a message of one's own. */
export function drop(by: Person, message: Message) {
  return by.call('dropHeld', on(message));
}

/** What people have said there, in order. */
export async function bodies(by: Person, roomId: string): Promise<string[]> {
  return (await by.call('messages', { params: { roomId }, query: {} })).messages
    .filter(({ kind }) => kind !== 'system')
    .map(({ body }) => body);
}

/** What the log says was decided about it, in order. */
export function decisionsOn(server: World, { id }: Message): Promise<{ action: string; actor_id: string }[]> {
  return sql(server, 'SELECT action, actor_id FROM safety.log WHERE message_id = $1 ORDER BY seq', [id]);
}
