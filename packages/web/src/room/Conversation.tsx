import { type LiveRoom, type Message, type OutboxItem, roleReaches, type RoomState } from '@confab/sdk';
import { type ReactNode, useMemo, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { useClient, useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { navigate, threadPath } from '../lib/router.ts';
import { useMute } from '../notices/notices.ts';
import { openPerson } from '../people/open-person.ts';
import { EmojiPicker } from '../reactions/EmojiPicker.tsx';
import { Composer } from './Composer.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { BlockedNotice, ClosedNotice } from './ComposerClosed.tsx';
import { MessageDialogs } from './MessageDialogs.tsx';
import { type MessageDialog, MessageMenu } from './MessageMenu.tsx';
import { MessageList, type Target } from './MessageList.tsx';
import { may, refusal, seatOf } from './rights.ts';
import { TypingLine } from './TypingLine.tsx';

interface Props {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
  title: string;
  /** Stands above the first message. */
  beginning: ReactNode;
  /** A message to bring into view. */
  target: Target | null;
}

const WRITING: ComposerMode = { kind: 'new' };

/** The history of a room or a thread, and what is written into it. Mount it anew for each. */
export function Conversation({ room, state, pending, title, beginning, target }: Props) {
  const [mode, setMode] = useState<ComposerMode>(WRITING);
  const [dialog, setDialog] = useState<MessageDialog | null>(null);
  const [rewritten, setRewritten] = useState<{ text: string } | null>(null);
  const [menu, setMenu] = useState<{ message: Message; anchor: DOMRect } | null>(null);
  const [picker, setPicker] = useState<{ message: Message; anchor: DOMRect } | null>(null);
  const quotedSender = useUser(mode.kind === 'reply' ? mode.to.senderId : null);
  // Rights in a thread hang on its parent.
  useClient((known) => known.version);
  // Nobody tells that a silence is over.
  useNow();
  const mute = useMute(state.room.parent?.roomId ?? room.id);
  const inRoom = seatOf(state);
  const seat = { ...inRoom, silenced: inRoom.silenced || mute?.roomId === null };
  const writable = may('send', seat);
  const peerId = state.room.kind === 'direct' ? state.peerId : null;
  const blockedId = useClient((known) => (known.blocked.has(peerId ?? '') ? peerId : null));
  const isThreaded = state.room.parent === null && roleReaches('openThread', seat.rights, seat.role);
  const mayThread = useClient((known) => isThreaded && known.may('openThread'));

  const actions = useMemo(
    () => ({
      reply: (to: Message) => setMode({ kind: 'reply', to }),
      edit: (message: Message) => setMode({ kind: 'edit', message }),
      menu: (message: Message, anchor: DOMRect) => setMenu({ message, anchor }),
      pick: (message: Message, anchor: DOMRect) => setPicker({ message, anchor }),
      react: (message: Message, emoji: string, on: boolean) => attempt(room.react(message.id, emoji, on)),
      thread: mayThread
        ? (message: Message) =>
            attempt(room.openThread(message.id).then((thread) => navigate(threadPath(room.id, thread.id))))
        : null,
      rewrite: (item: OutboxItem) => {
        room.discard(item.clientId);
        setMode(WRITING);
        setRewritten({ text: item.body });
      },
      person: openPerson,
    }),
    [room, mayThread],
  );

  function editLast() {
    const last = state.messages.findLast(
      (message) =>
        message.senderId === state.me.userId &&
        message.deletedAt === null &&
        message.kind === 'text' &&
        !message.forwarded,
    );
    if (last) setMode({ kind: 'edit', message: last });
  }

  return (
    <>
      <MessageList
        room={room}
        state={state}
        pending={pending}
        title={title}
        writable={writable}
        reactable={may('react', seat)}
        beginning={beginning}
        actions={actions}
        target={target}
      />
      <TypingLine room={room} />
      {blockedId !== null ? (
        <BlockedNotice userId={blockedId} />
      ) : writable ? (
        <Composer
          room={room}
          state={state}
          title={title}
          mode={mode}
          rewritten={rewritten}
          quotedSender={quotedSender}
          onDone={() => setMode(WRITING)}
          onEditLast={editLast}
        />
      ) : (
        <ClosedNotice why={refusal('send', seat)} state={state} mute={mute} />
      )}
      {menu && (
        <MessageMenu
          key={menu.message.id}
          anchor={menu.anchor}
          room={room}
          state={state}
          seat={seat}
          message={menu.message}
          actions={actions}
          onDialog={setDialog}
          onClose={() => setMenu(null)}
        />
      )}
      {picker && (
        <EmojiPicker
          anchor={picker.anchor}
          onPick={(emoji) => actions.react(picker.message, emoji, true)}
          onClose={() => setPicker(null)}
        />
      )}
      {dialog && <MessageDialogs room={room} state={state} dialog={dialog} onClose={() => setDialog(null)} />}
    </>
  );
}
