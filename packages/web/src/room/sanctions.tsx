/** What moderators of a room do about people in it. */
import type { MemberRole, RoomState, SanctionType } from '@confab/sdk';
import { Ban, LogOut, MicOff, TriangleAlert } from 'lucide-react';
import type { MenuItem } from '../ui/Menu.tsx';
import { may, seatOf, standsAbove } from './rights.ts';

const ITEMS = [
  ['warn', 'Warn…', TriangleAlert],
  ['mute', 'Mute…', MicOff],
  ['kick', 'Kick…', LogOut],
  ['ban', 'Ban…', Ban],
] as const;

/**
 * What may be done about somebody here; nothing about oneself, one's equals, or where nobody moderates.
 * @param role what they are as a member; null: none; undefined: not known yet
 */
export function sanctionItems(
  state: RoomState,
  { userId, role }: { userId: string; role: MemberRole | null | undefined },
  onSanction: (type: SanctionType) => void,
): MenuItem[] {
  if (!may('moderate', seatOf(state)) || !standsAbove(state, userId, role)) return [];
  return ITEMS.map(([type, label, Icon]) => ({
    label,
    icon: <Icon size={16} />,
    danger: true,
    onSelect: () => onSanction(type),
  }));
}
