/** Rooms to begin a test with. */
import type { Person } from './person.ts';
import type { TestServer } from './server.ts';

export interface TestRoom {
  owner: Person;
  member: Person;
  other: Person;
  /** In no room. */
  stranger: Person;
  roomId: string;
}

/** A room of an owner and two members. */
export async function room(
  server: TestServer,
  kind: 'group' | 'public' = 'group',
  name = 'Gardeners',
): Promise<TestRoom> {
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

/** What a call that must be refused is refused with. */
export function refusedWith(code: string): object {
  return { body: { code } };
}
