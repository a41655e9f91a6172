import type { LiveRoom, Message, OutboxItem, RoomState } from '@confab/sdk';
import { type PointerEvent, type FocusEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { names } from '../lib/words.ts';
import { Button } from '../ui/Button.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { toast } from '../ui/toasts.tsx';
import { HistoryScroller, type View } from './HistoryScroller.tsx';
import { JumpToLatest } from './JumpToLatest.tsx';
import { MessageRow } from './MessageRow.tsx';
import { RoomBeginning } from './RoomBeginning.tsx';
import { may } from './rights.ts';
import type { RowActions } from './row-actions.ts';
import { buildRows, messageKey } from './rows.ts';
import { DaySeparator, UnreadSeparator } from './Separators.tsx';
import { useHistoryPages } from './useHistoryPages.ts';
import { useUnreadMark } from './useUnreadMark.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
  title: string;
  /** Answering, editing and deleting; showing is the list's own. */
  actions: Omit<RowActions, 'show'>;
}

function loadNewest(room: LiveRoom) {
  if (!room.state?.hasMoreAfter) return;
  room.jumpTo(room.state.room.n).catch((thrown: unknown) => toast(messageOf(thrown)));
}

const MARKED_MS = 1600;

/** The history of a room. Mount it anew for each room. */
export function MessageList({ room, state, pending, title, actions }: Props) {
  const { messages, me, members } = state;
  // Names arrive by and by; rows that show the same ones are not rendered again.
  useClient((known) => known.version);
  const scroller = useRef<HistoryScroller>(null);
  const unreadMark = useUnreadMark(me.lastReadN ?? 0, state.unread);
  const pages = useHistoryPages(room);
  const moderates = may('deleteAnyMessage', state.room, me.role);
  const [atEnd, setAtEnd] = useState(true);
  const [active, setActive] = useState<string | null>(null);
  const [marked, setMarked] = useState<string | null>(null);

  const rows = useMemo(
    () => buildRows(messages, pending, me.userId, unreadMark),
    [messages, pending, me.userId, unreadMark],
  );
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const rowActions = useMemo(
    (): RowActions => ({ ...actions, show: (message) => setMarked(messageKey(message)) }),
    [actions],
  );

  function onView(view: View) {
    setAtEnd(view.atEnd && !state.hasMoreAfter);
    if (view.nearStart) pages.loadOlder();
    if (view.nearEnd) pages.loadNewer();
    const reading = document.visibilityState === 'visible' && document.hasFocus();
    if (reading && view.lastSeenN !== null && view.lastSeenN > (me.lastReadN ?? 0)) room.markRead(view.lastSeenN);
  }

  // Reading goes on when the person comes back to the page.
  useEffect(() => {
    const look = () => scroller.current?.look();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);

  // Opens where reading stopped.
  useLayoutEffect(() => {
    scroller.current?.toRow('unread', 'upper');
  }, []);

  useLayoutEffect(() => {
    if (marked === null) return;
    scroller.current?.toRow(marked, 'middle');
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [marked]);

  // My own message takes me to the end.
  const newestPending = pending.at(-1)?.clientId;
  useLayoutEffect(() => {
    if (newestPending === undefined) return;
    scroller.current?.follow();
    loadNewest(room);
  }, [newestPending, room]);

  function toLatest() {
    if (!state.hasMoreAfter) scroller.current?.toEnd();
    else {
      scroller.current?.follow();
      loadNewest(room);
    }
  }

  const activate = (event: PointerEvent | FocusEvent) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-n]') : null;
    setActive(row?.dataset['key'] ?? null);
  };

  function seenBy(message: Message): string | null {
    const readers: string[] = [];
    for (const member of members?.values() ?? []) {
      if (member.userId !== me.userId && (member.lastReadN ?? 0) >= message.n)
        readers.push(client.userById(member.userId)?.name ?? 'someone');
    }
    return readers.length === 0 ? null : names(readers);
  }

  return (
    <div
      className="relative min-h-0 flex-1"
      onPointerOver={activate}
      onPointerLeave={() => setActive(null)}
      onFocus={activate}
    >
      <HistoryScroller ref={scroller} label={`Messages in ${title}`} reachesEnd={!state.hasMoreAfter} onView={onView}>
        {state.hasMoreBefore ? (
          <li className="flex h-16 items-center justify-center">
            {pages.failed ? (
              <Button onClick={pages.retry}>Couldn’t load earlier messages. Try again</Button>
            ) : (
              <Spinner label="Loading earlier messages" />
            )}
          </li>
        ) : (
          <RoomBeginning room={state.room} peerId={state.peerId} title={title} />
        )}
        {rows.map((row) => {
          if (row.kind === 'day') return <DaySeparator key={row.key} at={row.at} />;
          if (row.kind === 'unread') return <UnreadSeparator key={row.key} />;
          const senderId = row.kind === 'message' ? row.message.senderId : me.userId;
          const { replyTo } = row.kind === 'message' ? row.message : row.item;
          const quoted = replyTo === null ? null : (byId.get(replyTo) ?? null);
          const mine = senderId === me.userId;
          return (
            <MessageRow
              key={row.key}
              rowKey={row.key}
              message={row.kind === 'message' ? row.message : row.item}
              first={row.first}
              last={row.kind === 'message' && row.last}
              room={room}
              sender={client.userById(senderId)}
              senderId={senderId}
              mine={mine}
              deletable={mine || moderates}
              active={active === row.key}
              marked={marked === row.key}
              quoted={quoted}
              quotedSender={quoted === null ? undefined : client.userById(quoted.senderId)}
              seenBy={mine && row.kind === 'message' && row.last ? seenBy(row.message) : null}
              actions={rowActions}
            />
          );
        })}
        {state.hasMoreAfter && (
          <li className="flex h-16 items-center justify-center">
            <Spinner label="Loading newer messages" />
          </li>
        )}
      </HistoryScroller>
      {!atEnd && <JumpToLatest unread={state.unread} onClick={toLatest} />}
    </div>
  );
}
