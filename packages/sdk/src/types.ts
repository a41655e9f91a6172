/** What the SDK shows of the world: immutable values, replaced whenever something changes. */
import type {
  ErrorBody,
  MatchState,
  Member,
  Message,
  MyMembership,
  NewPoll,
  Notice,
  PublicUser,
  Room,
  ServerEventPayload,
} from '@confab/protocol';
import type { ConfabError } from './error.ts';
import type { SessionEnd } from './session.ts';

/**
 * `signed-out`: no session. `offline`: a session, but no connection. `connecting`: on the way, or catching up.
 * `online`: connected, and everything missed has been applied.
 */
export type Status = 'signed-out' | 'offline' | 'connecting' | 'online';

/** One room as this member sees it. Every field is of the same `rev`, exactly as a fresh snapshot would say. */
export interface RoomState {
  readonly roomId: string;
  /** The newest change applied. */
  readonly rev: number;
  readonly room: Room;
  readonly me: MyMembership;
  /** Messages of others after my read mark; `LIMITS.unreadCap` means "that many or more". */
  readonly unread: number;
  /** Those of them that mention me. */
  readonly mentions: number;
  /** The message numbered `room.n`, even when deleted. */
  readonly lastMessage: Message | null;
  /** The other person of a direct room or a match, who may have left that. */
  readonly peerId: string | null;
  /** Present members by user id; null while the room was never opened, or has more than `LIMITS.readReceiptMembers`. */
  readonly members: ReadonlyMap<string, Member> | null;
  /** A window of the history: ascending by `n`, without a gap. */
  readonly messages: readonly Message[];
  readonly hasMoreBefore: boolean;
  /** The window does not reach the newest message. */
  readonly hasMoreAfter: boolean;
  readonly open: boolean;
  /** I am no longer a member, or the room was deleted. */
  readonly gone: boolean;
}

/** One line of the chat list, or of the list of followed threads. */
export interface RoomView {
  readonly id: string;
  /**
   * The room's name, the other person's in a direct room and in a match, also once they have left, or of a thread the title of
   * the room it hangs on.
   */
  readonly title: string;
  readonly room: Room;
  readonly me: MyMembership;
  /** Messages of others after my read mark; `LIMITS.unreadCap` means "that many or more". */
  readonly unread: number;
  /** Those of them that mention me. */
  readonly mentions: number;
  /** Nothing is written in it any more, in a thread because the room it hangs on is archived. */
  readonly isArchived: boolean;
  /** `me.mutedUntil` has not passed. */
  readonly isMuted: boolean;
  readonly lastMessage: Message | null;
  /** The other person of a direct room or a match. */
  readonly peer: PublicUser | null;
  /** Messages of mine that are not yet acknowledged, failed ones included. */
  readonly pendingCount: number;
}

/** What of all rooms and followed threads asks for attention: muted and archived ones and those set to `none` don't. */
export interface Totals {
  /** Rooms with something unread, or marked as unread. With `notify: 'mentions'` only mentions count. */
  readonly rooms: number;
  /** The same of followed threads. */
  readonly threads: number;
  /** Unread messages that mention me. */
  readonly mentions: number;
}

/** A poll as it is made. */
export interface PollDraft {
  question: string;
  /** Two or more, all different. */
  options: readonly string[];
  /** Whether one person may choose several. */
  multiple?: boolean;
  /** Whether who voted for what is kept from the others. */
  anonymous?: boolean;
  /** Epoch ms; open until it is closed by hand unless told. */
  closesAt?: number | null;
}

/** A message on its way out: a text, a poll, or someone else's message passed on. */
export interface OutboxItem {
  readonly clientId: string;
  readonly roomId: string;
  /** What to show meanwhile: the text, that of the message passed on, or the question of the poll. */
  readonly body: string;
  readonly replyTo: string | null;
  readonly poll?: NewPoll;
  /** The message that is passed on. */
  readonly forward?: { readonly roomId: string; readonly messageId: string };
  /** `failed` is final until `retry`; the other two go on by themselves. */
  readonly state: 'pending' | 'sending' | 'failed';
  /**
   * Epoch ms: when it is tried again by itself, such as when slow mode lets it. Of the first in `pending` that waits alone: those
   * behind it follow. Absent where nothing but a connection is missing.
   */
  readonly retryAt?: number;
  readonly error?: ErrorBody;
  /** Epoch ms. */
  readonly createdAt: number;
  /**
   * Settles with the stored message, whose `status` is `pending` where it waits for approval, or rejects with a `ConfabError`
   * once it failed for good or was discarded.
   */
  readonly done: Promise<Message>;
}

/** What `ConfabClient.on` tells of. */
export interface ClientEvents {
  /**
   * Once for each message new to this client (my own too), in order within its room, whether it arrived live or was
   * repaired after a disconnect. Messages deleted before this client saw them, those of people I block, and the server's own words (`kind: 'system'`) are left out.
   */
  message: (message: Message) => void;
  /** The session is over, and not by `signOut`: sign in again. */
  'session-ended': (reason: SessionEnd) => void;
  status: (status: Status) => void;
  /** How things stand between me and strangers, after every change and on all my devices. */
  match: (state: MatchState) => void;
  /** The place itself has something to tell me; `unseen` counts those I have not read. */
  notice: (notice: Notice, unseen: number) => void;
  /** To moderators: something new waits for them, or was decided. A hint: `call('held' | 'cases' | 'appeals')` tells what. */
  moderation: (news: ServerEventPayload<'moderation'>) => void;
  /** Something failed that no caller is waiting for. */
  error: (error: ConfabError) => void;
}
