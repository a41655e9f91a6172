/**
 * What a room's state becomes. Pure: after any sequence of events and changes the state equals a fresh snapshot of the
 * same `rev`, apart from how much of the history the window holds.
 */
import { LIMITS } from '@confab/protocol';
import type {
  Member,
  Message,
  MessagePage,
  RoomChanges,
  RoomKind,
  RoomSnapshot,
  RoomSummary,
  ServerEventPayload,
} from '@confab/protocol';
import type { RoomState } from './types.ts';

type RoomEventName = 'message' | 'room' | 'member' | 'read' | 'me';
type Payload<N extends RoomEventName> = Omit<ServerEventPayload<N>, 'user'>;
/** What the server says about one room on its own. */
export type RoomEvent = { [N in RoomEventName]: { event: N; payload: Payload<N> } }[RoomEventName];

const ofTwo: ReadonlySet<RoomKind> = new Set(['direct', 'match']);

/** The newest page as the window, and the room open. */
export function fromSnapshot(snapshot: RoomSnapshot, meId: string): RoomState {
  const members = snapshot.members && new Map(snapshot.members.map((member) => [member.userId, member]));
  return withWindow({ ...fromSummary(snapshot, meId), members, open: true }, snapshot.messages);
}

/** A closed room: its window is the newest message. */
export function fromSummary(summary: RoomSummary, meId: string): RoomState {
  const { room, me, unread, mentions, lastMessage, memberIds } = summary;
  const state: RoomState = {
    roomId: room.id,
    rev: room.rev,
    room,
    me,
    unread,
    mentions,
    lastMessage,
    // In a direct room with oneself there is nobody else.
    peerId: ofTwo.has(room.kind) ? (memberIds.find((id) => id !== meId) ?? meId) : null,
    members: null,
    messages: [],
    hasMoreBefore: false,
    hasMoreAfter: false,
    open: false,
    gone: me.leftAt !== null || room.deletedAt !== null,
  };
  return withWindow(state, lastMessage ? [lastMessage] : []);
}

/**
 * The change after `state.rev` is applied; one that is already contained changes nothing (the same object is returned).
 * 'gap': it is a later one, or what it means for the unread count cannot be known here: ask for the changes since
 * `state.rev`. The state stays as it was.
 */
export function applyEvent(state: RoomState, { event, payload }: RoomEvent, meId: string): RoomState | 'gap' {
  if (event === 'me' && !payload.numbered) return applyMine(state, payload);
  if (payload.rev <= state.rev) return state;
  if (payload.rev > state.rev + 1) return 'gap';
  const base = { ...state, rev: payload.rev, room: { ...state.room, rev: payload.rev } };
  switch (event) {
    case 'message':
      return applyMessage(base, payload, meId);
    case 'room':
      return {
        ...base,
        room: { ...payload.room, rev: payload.rev },
        gone: state.gone || payload.room.deletedAt !== null,
      };
    case 'member':
      return applyMember(base, payload, meId);
    case 'read':
      return { ...base, members: readUpTo(base.members, payload) };
    case 'me':
      return {
        ...base,
        me: payload.me,
        unread: payload.unread,
        mentions: payload.mentions,
        members: readUpTo(base.members, { userId: meId, lastReadN: payload.me.lastReadN ?? 0, rev: payload.rev }),
      };
  }
}

function applyMessage(state: RoomState, { message }: Payload<'message'>, meId: string): RoomState | 'gap' {
  const { room } = state;
  if (message.n > room.n + 1) return 'gap';
  const isNew = message.n === room.n + 1;
  const counts = countAgain(state, message, isNew, meId);
  if (counts === 'gap') return 'gap';
  const n = Math.max(room.n, message.n);
  const lastMessage = message.n === n ? message : state.lastMessage;
  return withWindow({ ...state, ...counts, room: { ...room, n }, lastMessage }, mergeInto(state.messages, [message]));
}

type Counts = Pick<RoomState, 'unread' | 'mentions'>;

// What a message that changed means for the two counts. 'gap' where that depends on a state which is not known here.
function countAgain(state: RoomState, message: Message, isNew: boolean, meId: string): Counts | 'gap' {
  const { unread, mentions } = state;
  if (message.n <= (state.me.lastReadN ?? 0) || message.senderId === meId || isSilenced(message)) {
    return { unread, mentions };
  }
  // What a blocked person had said does not tell what counts now that they are not blocked any more.
  const held = known(state, message.n);
  const before = isNew ? null : held && isSilenced(held) ? undefined : held;
  const now = weigh(message, meId);
  if (before === undefined) {
    // Whether it counted before: surely for unread while it is not deleted, surely not for mentions if none counted.
    const sure = message.deletedAt === null && now.mentions === 0 && mentions === 0;
    return sure ? { unread, mentions } : 'gap';
  }
  const was = before === null ? { unread: 0, mentions: 0 } : weigh(before, meId);
  // A count at the cap stands for an unknown number.
  if (unread >= LIMITS.unreadCap && now.unread < was.unread) return 'gap';
  return {
    unread: Math.min(LIMITS.unreadCap, unread + now.unread - was.unread),
    mentions: mentions + now.mentions - was.mentions,
  };
}

function known(state: RoomState, n: number): Message | undefined {
  return (
    state.messages[n - (state.messages[0]?.n ?? 1)] ?? (state.lastMessage?.n === n ? state.lastMessage : undefined)
  );
}

/** Whether a message counts for me while it is after my read mark. */
export function countsAsUnread(message: Message, meId: string): boolean {
  return message.senderId !== meId && message.deletedAt === null && message.kind !== 'system' && !isSilenced(message);
}

// By someone I block. What others forward of them is hidden too, and counts: it is news of others. So does what many reported.
function isSilenced({ hidden, forwarded, reported }: Message): boolean {
  return hidden === true && forwarded === undefined && !reported;
}

function weigh(message: Message, meId: string): Counts {
  if (!countsAsUnread(message, meId)) return { unread: 0, mentions: 0 };
  const { mentions } = message;
  const mentionsMe = mentions !== undefined && (mentions.everyone !== null || mentions.userIds.includes(meId));
  return { unread: 1, mentions: mentionsMe ? 1 : 0 };
}

function applyMember(state: RoomState, { member, memberCount }: Payload<'member'>, meId: string): RoomState | 'gap' {
  const room = { ...state.room, memberCount };
  const isMe = member.userId === meId;
  const { role, joinedAt, leftAt, rev } = member;
  const me = isMe ? { ...state.me, role, joinedAt, leftAt, rev } : state.me;
  const gone = isMe ? me.leftAt !== null : state.gone;
  const members = memberCount > LIMITS.readReceiptMembers ? null : mergeMembers(state.members, [member]);
  // The room has become small enough for its members to be listed.
  if (state.open && members === null && memberCount <= LIMITS.readReceiptMembers && !gone) return 'gap';
  return { ...state, room, me, members, gone };
}

// The entry in the list shows what others see: no mark where none is shared.
function readUpTo(
  members: RoomState['members'],
  { userId, lastReadN, rev }: { userId: string; lastReadN: number; rev: number },
): RoomState['members'] {
  const member = members?.get(userId);
  if (!member) return members;
  return mergeMembers(members, [{ ...member, lastReadN: Math.max(lastReadN, member.lastReadN ?? 0), rev }]);
}

// Not a change of the room: it only says how things stood at `rev`.
function applyMine(state: RoomState, { me, unread, mentions, rev }: Payload<'me'>): RoomState | 'gap' {
  if (me.mine <= state.me.mine) return state;
  return rev === state.rev ? { ...state, me, unread, mentions } : 'gap';
}

/** The pages of one answer, in order, as one: hand it to `applyChanges` once `hasMore` is false. */
export function joinChanges(earlier: RoomChanges | undefined, later: RoomChanges): RoomChanges {
  if (!earlier) return later;
  return {
    ...later,
    messages: [...earlier.messages, ...later.messages],
    members: [...earlier.members, ...later.members],
    users: [...earlier.users, ...later.users],
    reload: earlier.reload || later.reload,
  };
}

/**
 * Catches up with everything changed since `state.rev` (or an earlier rev). An answer older than the state changes
 * nothing. 'reload': the room has to be taken afresh, from a snapshot.
 */
export function applyChanges(state: RoomState, changes: RoomChanges): RoomState | 'reload' {
  if (changes.hasMore) throw new Error('Join all pages before they are applied.');
  if (changes.reload) return 'reload';
  const { mine } = changes.summary.me;
  if (changes.rev < state.rev || (changes.rev === state.rev && mine < state.me.mine)) return state;
  const { room, me, unread, mentions, lastMessage } = changes.summary;
  const gone = me.leftAt !== null || room.deletedAt !== null;
  let members: RoomState['members'] = null;
  if (room.memberCount <= LIMITS.readReceiptMembers) {
    if (state.members === null && state.open && !gone) return 'reload';
    const known = state.members;
    const joined = known ? changes.members.filter((member) => !known.has(member.userId)).length : 0;
    // While a room is too large for receipts its read marks are not numbered, so they cannot be among the changes.
    if (known && known.size + joined > LIMITS.readReceiptMembers) return 'reload';
    members = mergeMembers(known, changes.members);
  }
  const next = { ...state, rev: changes.rev, room, me, unread, mentions, lastMessage, members, gone };
  return withWindow(next, mergeInto(state.messages, changes.messages));
}

/**
 * Puts a page of history into the window: joined where they touch, in its place otherwise. `seen` are states of
 * messages that were told while the page was on its way; the newest of each wins. Messages newer than `state.room.n`
 * are left to their events.
 */
export function mergePage(state: RoomState, page: MessagePage, seen: Iterable<Message> = []): RoomState {
  const fresh = mergeStates(
    page.messages.filter((message) => message.n <= state.room.n),
    seen,
  );
  const [first, last] = [fresh[0], fresh.at(-1)];
  const [windowFirst, windowLast] = [state.messages[0], state.messages.at(-1)];
  if (!first || !last) return state;
  const touches = windowFirst && windowLast && first.n <= windowLast.n + 1 && last.n >= windowFirst.n - 1;
  if (!touches) return withWindow(state, fresh);
  const before = fresh.filter((message) => message.n < windowFirst.n);
  return withWindow(state, [...before, ...mergeInto(state.messages, fresh)]);
}

/** Closes the room, keeping the newest `size` messages of the window. */
export function closeWindow(state: RoomState, size: number): RoomState {
  const newest = state.lastMessage ? [state.lastMessage] : [];
  return withWindow({ ...state, open: false }, state.hasMoreAfter ? newest : state.messages.slice(-size));
}

function withWindow(state: RoomState, messages: readonly Message[]): RoomState {
  const hasMoreBefore = (messages[0]?.n ?? 1) > 1;
  const hasMoreAfter = (messages.at(-1)?.n ?? 0) < state.room.n;
  return { ...state, messages, hasMoreBefore, hasMoreAfter };
}

/** Newer states replace older ones in place, and what follows the window's end without a gap extends it. */
function mergeInto(window: readonly Message[], news: readonly Message[]): readonly Message[] {
  const merged = [...window];
  const firstN = merged[0]?.n ?? 1;
  for (const message of news.toSorted((a, b) => a.n - b.n || a.rev - b.rev)) {
    const at = message.n - firstN;
    const known = merged[at];
    if (at === merged.length || (known && message.rev > known.rev)) merged[at] = message;
  }
  return merged;
}

/** `messages` with the newest state of each that `others` know. */
function mergeStates(messages: readonly Message[], others: Iterable<Message>): Message[] {
  const newest = new Map(messages.map((message) => [message.id, message]));
  for (const other of others) {
    const known = newest.get(other.id);
    if (known && other.rev > known.rev) newest.set(other.id, other);
  }
  return [...newest.values()].toSorted((a, b) => a.n - b.n);
}

/** `news` are newer than what is known, the later ones than the earlier. */
function mergeMembers(known: RoomState['members'], news: readonly Member[]): RoomState['members'] {
  if (!known) return null;
  const merged = new Map(known);
  for (const member of news) {
    if (member.leftAt === null) merged.set(member.userId, member);
    else merged.delete(member.userId);
  }
  return merged;
}
