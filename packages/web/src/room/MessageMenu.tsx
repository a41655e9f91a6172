/** What a message's menu offers, and the dialogs that follow from it. */
import type { LiveRoom, MemberRole, Message, RoomState, SanctionType, Seat } from '@confab/sdk';
import {
  Copy,
  Flag,
  Forward,
  History,
  Pencil,
  Pin,
  PinOff,
  Reply,
  Star,
  StarOff,
  Trash2,
  MessageSquareReply,
  Link as LinkIcon,
} from 'lucide-react';
import { attempt, copyText } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { messagePath, threadPath } from '../lib/router.ts';
import { Menu, type MenuItem } from '../ui/Menu.tsx';
import { useMemberRole } from './member-role.ts';
import { may, standsAbove } from './rights.ts';
import type { RowActions } from './row-actions.ts';
import { sanctionItems } from './sanctions.tsx';

/** A dialog about one message. */
export type MessageDialog = { kind: 'delete' | 'forward' | 'edits' | 'report' | SanctionType; message: Message };

interface Subject {
  room: LiveRoom;
  state: RoomState;
  seat: Seat;
  message: Message;
  actions: Omit<RowActions, 'show'>;
  onDialog: (dialog: MessageDialog) => void;
}

type Props = Subject & { anchor: DOMRect; onClose: () => void };

/** Mount it anew for each message. What moderators do appears as soon as it is known what the sender is there. */
export function MessageMenu({ anchor, onClose, ...subject }: Props) {
  const { state, seat, message } = subject;
  const matters = message.senderId !== state.me.userId && may('moderate', seat);
  const role = useMemberRole(state, matters ? message.senderId : null);
  return <Menu label="Message actions" anchor={anchor} groups={groupsOf(subject, role)} onClose={onClose} />;
}

function groupsOf(
  { room, state, seat, message, actions, onDialog }: Subject,
  senderRole: MemberRole | null | undefined,
): (MenuItem | false)[][] {
  const mine = message.senderId === state.me.userId;
  const writable = may('send', seat);
  const starred = state.me.starred.includes(message.id);
  const { thread } = actions;
  const editable = mine && message.kind === 'text' && !message.forwarded && may('editOwnMessage', seat);
  const deletable = mine
    ? may('deleteOwnMessage', seat)
    : may('deleteAnyMessage', seat) && standsAbove(state, message.senderId, senderRole);
  const seesEdits = message.editedAt !== null && client.may('messageEdits') && (mine || may('seeEdits', seat));
  return [
    [
      writable && { label: 'Reply', icon: <Reply size={17} />, onSelect: () => actions.reply(message) },
      writable &&
        thread !== null && {
          label: 'Reply in thread',
          icon: <MessageSquareReply size={16} />,
          onSelect: () => thread(message),
        },
      message.kind === 'text' && {
        label: 'Forward…',
        icon: <Forward size={17} />,
        onSelect: () => onDialog({ kind: 'forward', message }),
      },
    ],
    [
      may('pin', seat) &&
        (message.pinned
          ? { label: 'Unpin', icon: <PinOff size={16} />, onSelect: () => attempt(room.unpin(message.id)) }
          : { label: 'Pin', icon: <Pin size={16} />, onSelect: () => attempt(room.pin(message.id)) }),
      starred
        ? { label: 'Remove star', icon: <StarOff size={16} />, onSelect: () => attempt(room.unstar(message.id)) }
        : { label: 'Star', icon: <Star size={16} />, onSelect: () => attempt(room.star(message.id)) },
      message.body !== '' && {
        label: 'Copy text',
        icon: <Copy size={16} />,
        onSelect: () => copyText(message.body),
      },
      { label: 'Copy link', icon: <LinkIcon size={16} />, onSelect: () => copyText(linkTo(state, message)) },
    ],
    [
      editable && { label: 'Edit', icon: <Pencil size={16} />, onSelect: () => actions.edit(message) },
      seesEdits && {
        label: 'Earlier versions',
        icon: <History size={16} />,
        onSelect: () => onDialog({ kind: 'edits', message }),
      },
      !mine && {
        label: 'Report…',
        icon: <Flag size={16} />,
        onSelect: () => onDialog({ kind: 'report', message }),
      },
      deletable && {
        label: 'Delete…',
        icon: <Trash2 size={16} />,
        danger: true,
        onSelect: () => onDialog({ kind: 'delete', message }),
      },
    ],
    message.system
      ? []
      : sanctionItems(state, { userId: message.senderId, role: senderRole }, (kind) => onDialog({ kind, message })),
  ];
}

function linkTo({ room }: RoomState, message: Message): string {
  const path = room.parent === null ? messagePath(room.id, message.n) : threadPath(room.parent.roomId, room.id);
  return new URL(path, location.href).href;
}
