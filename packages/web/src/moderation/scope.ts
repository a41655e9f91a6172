/** What somebody moderates, as far as the rights tell. The server decides; this keeps off the screen what it would refuse. */
import {
  isAtLeast,
  type MemberRole,
  type Profile,
  roleReaches,
  type Room,
  type RoomAction,
  roomRole,
  type RoomView,
} from '@confab/sdk';
import { client, useClient } from '../lib/client.ts';

export interface Scope {
  me: Profile;
  /** Moderator of the whole instance, or above. */
  instance: boolean;
  admin: boolean;
  /** Of my rooms those that I moderate. */
  rooms: readonly RoomView[];
}

function mayIn({ kind }: Room, member: MemberRole | null, me: Profile, action: RoomAction): boolean {
  if (kind === 'thread') return false;
  const role = roomRole(kind, member, me.role);
  return role !== null && roleReaches(action, kind, role);
}

/** null: nothing at all. */
export function useScope(): Scope | null {
  const me = useClient((known) => known.me);
  const all = useClient((known) => known.rooms);
  if (me === null || me.role === 'guest') return null;
  const rooms = all.filter((view) => mayIn(view.room, view.me.role, me, 'moderate'));
  const instance = isAtLeast(me.role, 'moderator');
  if (!instance && rooms.length === 0) return null;
  return { me, instance, admin: isAtLeast(me.role, 'admin'), rooms };
}

/** Whether rules of automod, and whose messages are held, are mine to set there. */
export function mayConfigure(room: Room, me: Profile): boolean {
  const member = client.rooms.find(({ id }) => id === room.id)?.me.role ?? null;
  return mayIn(room, member, me, 'configureModeration');
}
