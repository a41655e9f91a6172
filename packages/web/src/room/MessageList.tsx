import type { LiveRoom, Message, OutboxItem, RoomState } from '@confab/sdk';
import {
  type FocusEvent,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { names } from '../lib/words.ts';
import { Button } from '../ui/Button.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { HeldRow } from './HeldRow.tsx';
import { HistoryScroller, type View } from './HistoryScroller.tsx';
import { JumpToLatest } from './JumpToLatest.tsx';
import { MessageRow } from './MessageRow.tsx';
import type { RowActions } from './row-actions.ts';
import { buildRows, messageKey } from './rows.ts';
import { DaySeparator, UnreadSeparator } from './Separators.tsx';
import { SystemRow } from './SystemRow.tsx';
import { useHistoryPages } from './useHistoryPages.ts';
import { useUnreadMark } from './useUnreadMark.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
  title: string;
  writable: boolean;
  /** Reactions may be given, also where nothing may be written. */
  reactable: boolean;
  /** Stands above the first message. */
  beginning: ReactNode;
  /** Showing is the list's own. Keep it the same with useMemo. */
  actions: Omit<RowActions, 'show'>;
  target: Target | null;
}

/** A message to bring into view: a new object each time. */
export interface Target {
  n: number;
}

function loadNewest(room: LiveRoom) {
  if (!room.state?.hasMoreAfter) return;
  attempt(room.jumpTo(room.state.room.n));
}

const MARKED_MS = 1600;
const SEEN_BY_NAMES = 8;

/** The history of a room. Mount it anew for each room. */
export function MessageList({ room, state, pending, title, writable, reactable, beginning, actions, target }: Props) {
  const { messages, me } = state;
  // Names arrive by and by; rows that show the same ones are not rendered again.
  useClient((known) => known.version);
  const scroller = useRef<HistoryScroller>(null);
  const unreadMark = useUnreadMark(me.lastReadN ?? 0, state.unread);
  const pages = useHistoryPages(room);
  const [atEnd, setAtEnd] = useState(true);
  const [active, setActive] = useState<string | null>(null);
  const [marked, setMarked] = useState<number | null>(null);

  const rows = useMemo(
    () => buildRows(messages, pending, me.userId, unreadMark, state.hasMoreAfter ? [] : me.held),
    [messages, pending, me.userId, unreadMark, state.hasMoreAfter, me.held],
  );
  const starred = useMemo(() => new Set(me.starred), [me.starred]);
  const show = useCallback((n: number) => attempt(room.jumpTo(n).then(() => setMarked(n))), [room]);
  const rowActions = useMemo((): RowActions => ({ ...actions, show }), [actions, show]);

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

  useEffect(() => {
    if (target) show(target.n);
  }, [target, show]);

  // Once more when the window comes with it.
  const markedMessage = marked === null ? undefined : messages.find((message) => message.n === marked);
  const markedKey = markedMessage && messageKey(markedMessage);
  useLayoutEffect(() => {
    if (markedKey === undefined) return;
    scroller.current?.toRow(markedKey, 'middle');
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [markedKey]);

  // My own message takes me to the end.
  const newestPending = pending.at(-1)?.clientId ?? me.held.at(-1)?.clientId;
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
    const readers = room.seenBy(message).map((id) => client.userById(id)?.name ?? 'someone');
    return readers.length === 0 ? null : names(readers, SEEN_BY_NAMES);
  }

  const showPinned = (messageId: string) => attempt(room.loadMessage(messageId).then(({ n }) => show(n)));

  return (
    <div
      className="relative min-h-0 flex-1"
      onPointerOver={activate}
      // A finger that is lifted has left too: what it tapped stays.
      onPointerLeave={(event) => event.pointerType === 'mouse' && setActive(null)}
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
          beginning
        )}
        {rows.map((row) => {
          if (row.kind === 'day') return <DaySeparator key={row.key} at={row.at} />;
          if (row.kind === 'unread') return <UnreadSeparator key={row.key} />;
          if (row.kind === 'message' && row.message.system) {
            const { message } = row;
            return (
              <SystemRow
                key={row.key}
                rowKey={row.key}
                message={message}
                event={row.message.system}
                onShowPinned={showPinned}
              />
            );
          }
          if (row.kind === 'held')
            return <HeldRow key={row.key} rowKey={row.key} message={row.message} sender={client.userById(me.userId)} />;
          const senderId = row.kind === 'message' ? row.message.senderId : me.userId;
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
              myId={me.userId}
              writable={writable}
              reactable={reactable}
              starred={row.kind === 'message' && starred.has(row.message.id)}
              active={active === row.key}
              marked={markedKey === row.key}
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
