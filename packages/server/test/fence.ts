/** Waits for what is on its way between nodes. */
import { randomUUID } from 'node:crypto';
import type { Message } from '@confab/protocol';
import type { Person } from './person.ts';

/**
 * Prepares a fence of a person in a room of their own. It resolves once each node has told something to each: what a node
 * publishes it publishes over one connection, and hears over one, so what was answered before has arrived by then.
 */
export async function fence(by: Person, urls: readonly string[]): Promise<() => Promise<void>> {
  const { room } = await by.call('createRoom', { body: { name: 'Fence' } });
  const roomId = room.id;
  const connections = await Promise.all(urls.map((url) => by.connect(url)));
  await Promise.all(connections.map((connection) => connection.ask('room:join', { roomId })));
  return async () => {
    const sent = await Promise.all(
      connections.map((connection) => connection.ask('message:send', { roomId, clientId: randomUUID(), body: 'x' })),
    );
    const heard = ({ id }: Message) => connections.map((connection) => connection.until(tellsOf(id)));
    await Promise.all(sent.flatMap(heard));
  };
}

function tellsOf(id: string) {
  return ({ event, payload }: { event: string; payload: { message: Message } }) =>
    event === 'message' && payload.message.id === id;
}
