/** What moderators of a room do about people in it. */
import { outranks, roomRole, type RoomState, type SanctionType } from '@confab/sdk';
import { Ban, LogOut, MicOff, TriangleAlert } from 'lucide-react';
import { client } from '../lib/client.ts';
import type { MenuItem } from '../ui/Menu.tsx';
import { may, seatOf } from './rights.ts';

const ITEMS = [
  ['warn', 'Warn…', TriangleAlert],
  ['mute', 'Mute…', MicOff],
  ['kick', 'Kick…', LogOut],
  ['ban', 'Ban…', Ban],
] as const;

/** What may be done about somebody here; nothing about oneself, one's equals, or where nobody moderates. */
export function sanctionItems(state: RoomState, userId: string, onSanction: (type: SanctionType) => void): MenuItem[] {
  const seat = seatOf(state);
  if (userId === state.me.userId || !may('moderate', seat)) return [];
  const instance = client.userById(userId)?.role ?? 'user';
  const role = roomRole(seat.rights, state.members?.get(userId)?.role ?? null, instance) ?? 'member';
  if (!outranks(seat.role, role)) return [];
  return ITEMS.map(([type, label, Icon]) => ({
    label,
    icon: <Icon size={16} />,
    danger: true,
    onSelect: () => onSanction(type),
  }));
}
