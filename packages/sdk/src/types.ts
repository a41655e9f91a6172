/** What the SDK shows of the world: immutable values, replaced whenever something changes. */
import type { ErrorBody, Member, Message, MyMembership, PublicUser, Room } from '@confab/protocol';
import type { ConfabError } from './error.ts';

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
  /** The other person of a direct room. */
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

/** One line of the chat list. */
export interface RoomView {
  readonly id: string;
  /** The room's name, or the other person's in a direct room. */
  readonly title: string;
  readonly room: Room;
  readonly me: MyMembership;
  readonly unread: number;
  readonly lastMessage: Message | null;
  /** The other person of a direct room. */
  readonly peer: PublicUser | null;
  /** Messages of mine that are not yet acknowledged, failed ones included. */
  readonly pendingCount: number;
}

/** A message on its way out. */
export interface OutboxItem {
  readonly clientId: string;
  readonly roomId: string;
  readonly body: string;
  readonly replyTo: string | null;
  /** `failed` is final until `retry`; the other two go on by themselves. */
  readonly state: 'pending' | 'sending' | 'failed';
  readonly error?: ErrorBody;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Settles with the stored message, or rejects with a `ConfabError` once it failed for good or was discarded. */
  readonly done: Promise<Message>;
}

/** What `ConfabClient.on` tells of. */
export interface ClientEvents {
  /**
   * Once for each message new to this client (my own too), in order within its room, whether it arrived live or was
   * repaired after a disconnect. Messages deleted before this client saw them are left out.
   */
  message: (message: Message) => void;
  /** The session is over: sign in again. */
  'session-ended': () => void;
  status: (status: Status) => void;
  /** Something failed that no caller is waiting for. */
  error: (error: ConfabError) => void;
}
