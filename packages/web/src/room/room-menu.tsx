/** What a room's menu offers, and the dialogs that follow from it. */
import type { LiveRoom, RoomState } from '@confab/sdk';
import {
  Archive,
  Ban,
  Bell,
  BellOff,
  BellRing,
  CalendarSearch,
  CircleDot,
  Flag,
  Gavel,
  ChevronsUp,
  Heart,
  HeartOff,
  LogOut,
  Pin,
  Search,
  Settings2,
  UserPlus,
} from 'lucide-react';
import { client } from '../lib/client.ts';
import { attempt } from '../lib/attempt.ts';
import { navigate, searchPath } from '../lib/router.ts';
import { FOREVER } from '../lib/time.ts';
import type { MenuItem } from '../ui/Menu.tsx';
import { may, seatOf } from './rights.ts';

export type RoomDialog =
  | 'settings'
  | 'moderation'
  | 'notifications'
  | 'invites'
  | 'date'
  | 'report'
  | 'leave'
  | 'block';

interface Subject {
  room: LiveRoom;
  state: RoomState;
  now: number;
  onDialog: (dialog: RoomDialog) => void;
  onPins: () => void;
  onFirstUnread: () => void;
}

export function roomMenu({ room, state, now, onDialog, onPins, onFirstUnread }: Subject): (MenuItem | false)[][] {
  const { me } = state;
  const seat = seatOf(state);
  const direct = state.room.kind === 'direct';
  const muted = (me.mutedUntil ?? 0) > now;
  const update = (settings: Parameters<LiveRoom['updateMe']>[0]) => () => attempt(room.updateMe(settings));
  return [
    [
      {
        label: 'Search in this room',
        icon: <Search size={17} />,
        onSelect: () => navigate(searchPath(new URLSearchParams({ room: room.id }))),
      },
      { label: 'Pinned messages', icon: <Pin size={17} />, onSelect: onPins },
      { label: 'Jump to a date…', icon: <CalendarSearch size={17} />, onSelect: () => onDialog('date') },
      state.unread > 0 && {
        label: 'Jump to the first unread',
        icon: <ChevronsUp size={17} />,
        onSelect: onFirstUnread,
      },
    ],
    [
      me.favourite
        ? { label: 'Remove from favourites', icon: <HeartOff size={17} />, onSelect: update({ favourite: false }) }
        : { label: 'Add to favourites', icon: <Heart size={17} />, onSelect: update({ favourite: true }) },
      muted
        ? { label: 'Unmute', icon: <Bell size={17} />, onSelect: update({ mutedUntil: null }) }
        : { label: 'Mute', icon: <BellOff size={17} />, onSelect: update({ mutedUntil: FOREVER }) },
      { label: 'Notifications…', icon: <BellRing size={17} />, onSelect: () => onDialog('notifications') },
      {
        label: 'Mark as unread',
        icon: <CircleDot size={17} />,
        onSelect: () => {
          // What is in view would be read again at once.
          attempt(room.updateMe({ markedUnread: true }).then(() => navigate('/')));
        },
      },
    ],
    [
      may('invite', seat) && {
        label: 'Invite links…',
        icon: <UserPlus size={17} />,
        onSelect: () => onDialog('invites'),
      },
      may('moderate', seat) && {
        label: 'Moderation…',
        icon: <Gavel size={17} />,
        onSelect: () => onDialog('moderation'),
      },
      may('updateRoom', seat) && {
        label: 'Room settings',
        icon: <Settings2 size={17} />,
        onSelect: () => onDialog('settings'),
      },
      state.room.archivedAt !== null &&
        may('archive', seat) && {
          label: 'Take out of the archive',
          icon: <Archive size={17} />,
          onSelect: () => attempt(room.archive(false)),
        },
      state.room.kind !== 'match' && {
        label: direct ? 'Report this person…' : 'Report this room…',
        icon: <Flag size={17} />,
        onSelect: () => onDialog('report'),
      },
      direct &&
        !client.blocked.has(state.peerId ?? '') && {
          label: 'Block…',
          icon: <Ban size={17} />,
          danger: true,
          onSelect: () => onDialog('block'),
        },
      state.room.kind !== 'match' &&
        may('leave', seat) && {
          label: 'Leave room…',
          icon: <LogOut size={17} />,
          danger: true,
          onSelect: () => onDialog('leave'),
        },
    ],
  ];
}
