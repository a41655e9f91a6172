import type { ModerationAction, Notice, PublicUser, RightsKind } from '@confab/protocol';
import type { Channel, EventFrame } from '../../platform/bus/index.ts';
import type { Queryable } from '../../platform/db/index.ts';

/** What other modules ask about blocking. Cached for a few seconds; a change on any node is known at once by a hint. */
export interface Blocks {
  /** Whom each of `userIds` blocks. People who block nobody may be absent. */
  blockedBy(userIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Whom one person blocks. */
  blockedByOne(userId: string): Promise<ReadonlySet<string>>;
  /** Who blocks each of `userIds`. People whom nobody blocks may be absent. */
  blockersOf(userIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Whether either blocks the other. */
  between(a: string, b: string): Promise<boolean>;
}

/**
 * Whom moderators of the instance do not let write, anywhere. Cached for a few seconds; a change on any node is known at
 * once by a hint.
 */
export interface Silences {
  /** Those of `userIds` who may not write now. */
  among(userIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** @throws ProtocolError silenced, with until when and why */
  demandVoice(userId: string): Promise<void>;
}

/** What whoever may not write is told. */
export interface Silence {
  /** Epoch ms; null: until it is lifted. */
  until: number | null;
  reason: string;
}

/** What automod is told of a message that is about to be stored; everything as it stands under the room's lock. */
export interface JudgedMessage {
  /** What is sent again has the same: it counts once. */
  id: string;
  /** The room whose rights count: of a thread the one it hangs on. */
  roomId: string;
  kind: RightsKind;
  sender: PublicUser;
  /** They moderate the room: its own rules do not hold for them. */
  moderates?: boolean;
  /** Epoch ms; null for whoever has an office and is no member. */
  joinedAt: number | null;
  body: string;
  /** Names of people it calls for, and whether of everyone. */
  mentions: number;
  /** Epoch ms. */
  now: number;
}

/** What automod counts a message by, as it stands before any lock is taken. */
export type CountedMessage = Omit<JudgedMessage, 'joinedAt' | 'mentions' | 'now'>;

export interface Verdict {
  outcome: 'allow' | 'hold' | 'reject';
  /** For its author to read; null when it is allowed. */
  reason: string | null;
  ruleId: string | null;
  /** What follows beside it, by rule, whatever the outcome. Nothing when it is allowed by all. */
  also: readonly Consequence[];
}

export type Consequence =
  | { type: 'warn'; ruleId: string; reason: string }
  | { type: 'mute'; ruleId: string; reason: string; /** Seconds. */ seconds: number }
  | { type: 'alert'; ruleId: string; reason: string };

/** The rules that texts are held against. */
export interface Automod {
  /**
   * The rules of the instance and of the rooms (of threads: those they hang on), with what they must know of the people who
   * are about to write there, as a judge that asks nothing of the database. Rules are cached; a change on any node holds
   * within seconds, by a hint at once.
   */
  judgeFor(writing: readonly Posting[]): Promise<Judge>;
  /**
   * Remembers who has posted links, for rules about somebody's first: to be called for what is stored, approved messages
   * too, in the same transaction. Asks nothing of the database where there is nothing to remember.
   */
  posted(db: Queryable, messages: readonly (Posting & { body: string })[]): Promise<void>;
  /**
   * Holds names, and what people write about themselves and their rooms, against the rules of the instance that reject words:
   * everybody sees it, and nobody can approve it.
   * @param db the transaction the caller is in, if any
   * @param texts by the field they are in; those that are undefined or null are left out
   * @throws ProtocolError text_rejected, with the first field and the rule's reason
   */
  demandWording(db: Queryable, texts: Readonly<Record<string, string | null | undefined>>): Promise<void>;
}

/** Somebody in a room: of a thread the one it hangs on. */
export interface Posting {
  roomId: string;
  userId: string;
}

export interface Judge {
  /** Whether any of its rules counts: elsewhere there is nothing to count. */
  readonly counts: boolean;
  /**
   * Counts messages for floods and repeats, on all nodes together, so that no verdict has to wait for it: in one round trip,
   * before any lock is taken. Each `id` counts once, however often it is told of: what is tried or sent again. Never rejects.
   */
  count(messages: readonly CountedMessage[]): Promise<void>;
  /**
   * Of each, in this order; never rejects. What was counted before is not counted again; where that was not foreseen
   * (somebody became a member meanwhile) it waits for one round trip.
   */
  verdicts(messages: readonly JudgedMessage[]): Promise<Verdict[]>;
  /**
   * What `count` was told of for the first time, and no verdict was asked about, did not count: it was refused for another
   * reason. To be called once the verdicts are there; does not wait.
   */
  takeBack(): void;
}

/** An action of moderation, for those who look into it afterwards. */
export interface ModerationEntry {
  action: ModerationAction;
  /** null: automod, or time. */
  actorId: string | null;
  roomId?: string | null;
  /** The person it was done to. */
  targetId?: string | null;
  messageId?: string | null;
  reason?: string | null;
  details?: Record<string, unknown>;
}

/** The audit trail of moderation: entries are added and never changed, and a chain of hashes shows whether they were. */
export interface ModerationLog {
  /** In the caller's transaction: it exists exactly if that is committed. */
  record(db: Queryable, entry: ModerationEntry): Promise<void>;
}

export type NewNotice = Pick<Notice, 'type' | 'reason'> &
  Partial<Pick<Notice, 'roomId' | 'roomName' | 'sanctionId' | 'until'>>;

/** What a person must be told by the place itself. */
export interface Notices {
  /**
   * Keeps it, in the caller's transaction, and answers what their connections are told: to be published once that is
   * committed (`tx.emit` does so).
   */
  add(db: Queryable, userId: string, notice: NewNotice): Promise<{ channel: Channel; frame: EventFrame }>;
}

/** Who has said that they are old enough. */
export interface Ages {
  confirmed(userId: string): Promise<boolean>;
  /** Those of `userIds` who have. */
  confirmedAmong(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}
