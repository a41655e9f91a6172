/** Rooms to begin a test with. */
import { expect } from 'vitest';
import type { Input } from '../src/cli/demo/api.ts';
import type { Connected, Person } from './person.ts';
import type { World } from './nodes.ts';

export interface TestRoom {
  owner: Person;
  member: Person;
  other: Person;
  /** In no room. */
  stranger: Person;
  roomId: string;
}

/** A room of an owner and two members. */
export async function room(server: World, kind: 'group' | 'public' = 'group', name = 'Gardeners'): Promise<TestRoom> {
  const [owner, member, other, stranger] = await Promise.all([
    server.person('owner'),
    server.person('member'),
    server.person('other'),
    server.person('stranger'),
  ]);
  const body = { name, kind, memberIds: [member.id, other.id] };
  const { room } = await owner.call('createRoom', { body });
  return { owner, member, other, stranger, roomId: room.id };
}

/** The direct room of two; answers its id. */
export async function direct(from: Person, to: Person): Promise<string> {
  return (await from.call('directRoom', { body: { userId: to.id } })).room.id;
}

/** Resolves once the connections were told everything that was answered before. */
export async function heard(world: World, ...connections: readonly Connected[]): Promise<void> {
  await world.settle();
  // An answer follows every frame written before it on the same connection.
  await Promise.all(connections.map((connection) => connection.ask('heartbeat', {})));
}

/** What a call that must be refused is refused with. */
export function refusedWith(code: string): object {
  return { body: { code } };
}

/** Each of them is refused, with this code. */
export async function expectRefused(code: string, deeds: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(deeds);
  expect(outcomes).toMatchObject(deeds.map(() => ({ status: 'rejected', reason: refusedWith(code) })));
}

type LoungeInput = Input<'createLounge'>['body'];
type LanguageRoomInput = Input<'createLanguageRoom'>['body'];

export interface TestLounge {
  admin: Person;
  loungeId: string;
  roomId: string;
}

/** A lounge with a room of one language, where everyone reads and writes unless told otherwise. */
export async function languageRoom(
  world: World,
  { lounge = {}, room = {} }: { lounge?: Partial<LoungeInput>; room?: Partial<LanguageRoomInput> } = {},
): Promise<TestLounge> {
  const admin = await world.person('admin', 'admin');
  const { id: loungeId } = await admin.call('createLounge', { body: { name: 'Town square', ...lounge } });
  const body = { language: 'en', ...room };
  const made = await admin.call('createLanguageRoom', { params: { loungeId }, body });
  return { admin, loungeId, roomId: made.room.id };
}

/** Joins a room by themself; answers what they are shown of it. */
export function joinRoom(person: Person, roomId: string) {
  return person.call('joinRoom', { params: { roomId } });
}

/** Whether somebody is in that room now. */
export async function isMember(person: Person, roomId: string): Promise<boolean> {
  return (await person.call('rooms', { query: {} })).rooms.some(({ room }) => room.id === roomId);
}
