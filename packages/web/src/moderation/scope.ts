/** What somebody moderates, as far as the rights tell. The server decides; this keeps off the screen what it would refuse. */
import {
  isAtLeast,
  type MemberRole,
  type Profile,
  type PublicUser,
  roleReaches,
  type Room,
  type RoomAction,
  roomRole,
  type RoomView,
  standsAbove,
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

function mayIn({ kind }: Pick<Room, 'kind'>, member: MemberRole | null, me: Profile, action: RoomAction): boolean {
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

/** Whether somebody may be warned, muted or banned on the whole instance: by those above them. */
export function reachesEverywhere({ me, instance }: Scope, user: PublicUser | undefined): boolean {
  return instance && user !== undefined && !isAtLeast(user.role, me.role);
}

/** Whether it may be done in a room, as far as is known here: what they are in rooms of others, the server knows. */
export function reachesIn(room: Pick<Room, 'id' | 'kind'>, me: Profile, user: PublicUser | undefined): boolean {
  if (room.kind === 'thread' || user === undefined) return false;
  const view = client.rooms.find(({ id }) => id === room.id);
  const mine = roomRole(room.kind, view?.me.role ?? null, me.role);
  const theirs = client.room(room.id).state?.members?.get(user.id)?.role ?? null;
  return (
    mine !== null && standsAbove(room.kind, { role: mine, instance: me.role }, { role: theirs, instance: user.role })
  );
}

/** Whether rules of automod, and whose messages are held, are mine to set there. */
export function mayConfigure(room: Room, me: Profile): boolean {
  const member = client.rooms.find(({ id }) => id === room.id)?.me.role ?? null;
  return mayIn(room, member, me, 'configureModeration');
}
