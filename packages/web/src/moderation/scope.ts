/** What somebody moderates, as far as the rights tell. The server decides; this keeps off the screen what it would refuse. */
import { isAtLeast, type Profile, roleReaches, type RoomAction, roomRole, type RoomView } from '@confab/sdk';
import { useClient } from '../lib/client.ts';

export interface Scope {
  me: Profile;
  /** Moderator of the whole instance, or above. */
  instance: boolean;
  admin: boolean;
  /** Of my rooms those that I moderate. */
  rooms: readonly RoomView[];
}

function mayIn(view: RoomView, me: Profile, action: RoomAction): boolean {
  const { kind } = view.room;
  if (kind === 'thread') return false;
  return roleReaches(action, kind, roomRole(kind, view.me.role, me.role) ?? view.me.role);
}

/** null: nothing at all. */
export function useScope(): Scope | null {
  const me = useClient((known) => known.me);
  const all = useClient((known) => known.rooms);
  if (me === null || me.role === 'guest') return null;
  const rooms = all.filter((view) => mayIn(view, me, 'moderate'));
  const instance = isAtLeast(me.role, 'moderator');
  if (!instance && rooms.length === 0) return null;
  return { me, instance, admin: isAtLeast(me.role, 'admin'), rooms };
}

/** Whether rules of automod, and whose messages are held, are mine to set there. */
export function mayConfigure(view: RoomView, me: Profile): boolean {
  return mayIn(view, me, 'configureModeration');
}
