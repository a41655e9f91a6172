/** What people see: rooms, members, and what of them one person sees. Every one is a current state, never an instruction. */
import { z } from 'zod';
import { LanguageTag, PublicUser } from './accounts.ts';
import { ClientId, Counter, Id, line, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';
import { Message } from './messages.ts';

// ---- rooms

export const RoomKind = z.enum(['direct', 'group', 'public', 'language', 'match', 'thread']).meta({
  id: 'RoomKind',
  description:
    'direct: two people. group: by invitation. public: anyone may find and join it. language: of a lounge, for one language. match: two strangers. thread: a side conversation about one message; its rights are those of the room it hangs on, its members those who follow it.',
});
export type RoomKind = z.infer<typeof RoomKind>;
export const RoomName = line(1, LIMITS.roomName).meta({ id: 'RoomName' });
export const Topic = line(0, LIMITS.topic).meta({ id: 'Topic' });

/** Whose messages wait for approval before the others see them. */
export const HoldFor = z.enum(['all', 'newcomers', 'links', 'guests']).meta({
  id: 'HoldFor',
  description:
    'Whose messages wait for approval: everybody’s, those of whoever joined the room less than a day ago, those with links, or those of guests. Never those of its moderators.',
});
export type HoldFor = z.infer<typeof HoldFor>;

/** What moderators set. It binds everyone below moderator. */
export const RoomModeration = z
  .object({
    slowMode: z.int().meta({ description: 'Seconds between two messages of one person; 0: as many as they like.' }),
    readOnly: z.boolean().meta({ description: 'Only moderators write; everyone may react.' }),
    lockedAt: Timestamp.nullable().meta({ description: 'Since then nobody but moderators writes, reacts or joins.' }),
    hold: z.array(HoldFor),
    raidUntil: Timestamp.nullable().meta({ description: 'Until then what newcomers write waits for approval.' }),
  })
  .meta({ id: 'RoomModeration' });
export type RoomModeration = z.infer<typeof RoomModeration>;

/** What guests may do in a lounge. */
export const GuestAccess = z.enum(['none', 'read', 'write']).meta({
  id: 'GuestAccess',
  description: 'What guests may do in a lounge: stay outside, only read, or read and write.',
});
export type GuestAccess = z.infer<typeof GuestAccess>;

export const Room = z
  .object({
    id: Id,
    kind: RoomKind,
    name: z
      .string()
      .nullable()
      .meta({ description: 'null in direct rooms and between strangers: show the other person.' }),
    topic: z.string(),
    avatar: z.string().nullable(),
    parent: z
      .object({ roomId: Id, messageId: Id, n: Counter })
      .nullable()
      .meta({ description: 'Of a thread: the message it is about.' }),
    lounge: z
      .object({ id: Id, language: LanguageTag, capacity: z.int(), guests: GuestAccess })
      .nullable()
      .meta({ description: 'Of a language room: where it belongs.' }),
    moderation: RoomModeration,
    memberCount: z.int(),
    createdBy: Id.nullable(),
    createdAt: Timestamp,
    n: Counter.meta({ description: 'Number of the newest message. Messages are numbered from 1 without a gap.' }),
    rev: Counter.meta({ description: 'Number of the newest change of any kind.' }),
    archivedAt: Timestamp.nullable().meta({ description: 'Since then nothing is written in it.' }),
    deletedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const MemberRole = z.enum(['owner', 'admin', 'moderator', 'member']).meta({ id: 'MemberRole' });
export type MemberRole = z.infer<typeof MemberRole>;

/** A membership as others see it. */
export const Member = z
  .object({
    roomId: Id,
    userId: Id,
    role: MemberRole,
    lastReadN: Counter.nullable().meta({
      description: `Read up to and including this message. null for others in rooms of more than ${LIMITS.readReceiptMembers} members, and where the person does not share it.`,
    }),
    joinedAt: Timestamp,
    leftAt: Timestamp.nullable(),
    rev: Counter,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

export const NotifyLevel = z.enum(['all', 'mentions', 'none']).meta({ id: 'NotifyLevel' });
export type NotifyLevel = z.infer<typeof NotifyLevel>;

/** My own membership: what others see, and what is mine alone. */
export const MyMembership = Member.extend({
  mine: Counter.meta({
    description: 'Number of the newest change of what is mine alone. The state with the higher one wins.',
  }),
  notify: NotifyLevel,
  mutedUntil: Timestamp.nullable().meta({ description: 'No notifications before then.' }),
  favourite: z.boolean(),
  markedUnread: z.boolean().meta({ description: 'Shown as unread although it was read. Reading ends it.' }),
  starred: z.array(Id).meta({ description: `My starred messages of this room, at most ${LIMITS.starsPerRoom}.` }),
  votes: z
    .record(z.string(), z.array(z.int()))
    .meta({ description: 'My votes in anonymous polls, by message id: the others cannot see them.' }),
  silencedUntil: Timestamp.nullable().meta({ description: 'Moderators let me write again then.' }),
  held: z.array(Message).meta({
    description: `My messages that wait for approval or were rejected, at most ${LIMITS.heldPerMember}, the oldest first.`,
  }),
}).meta({ id: 'MyMembership' });
export type MyMembership = z.infer<typeof MyMembership>;

// ---- views

/** One line of the chat list, seen by one member. */
export const RoomSummary = z
  .object({
    room: Room,
    me: MyMembership,
    lastMessage: Message.nullable(),
    unread: z.int().meta({
      description: `Messages of others after my read mark, without deleted ones, the server's own, and those of people I block; ${LIMITS.unreadCap} means "that many or more".`,
    }),
    mentions: z.int().meta({ description: 'Those of them that mention me.' }),
    memberIds: z
      .array(Id)
      .meta({ description: 'Some members, at most 8; in a direct room both, and of a match also who has left.' }),
  })
  .meta({ id: 'RoomSummary' });
export type RoomSummary = z.infer<typeof RoomSummary>;

/** All it takes to show a room: every field is of the same `room.rev`. */
export const RoomSnapshot = RoomSummary.extend({
  messages: z.array(Message).meta({ description: 'The newest page, oldest first.' }),
  hasMoreBefore: z.boolean(),
  members: z
    .array(Member)
    .nullable()
    .meta({ description: `Present members; null when there are more than ${LIMITS.readReceiptMembers}.` }),
  users: z.array(PublicUser).meta({ description: 'Profiles of everyone named above.' }),
}).meta({ id: 'RoomSnapshot' });
export type RoomSnapshot = z.infer<typeof RoomSnapshot>;

/** What changed in one room since a `rev`, as current states: applying them in any order gives the same result. */
export const RoomChanges = z
  .object({
    summary: RoomSummary,
    messages: z.array(Message),
    members: z.array(Member).meta({ description: 'Including those who left.' }),
    users: z.array(PublicUser),
    rev: Counter.meta({ description: 'The states are complete up to here. Ask again from here while `hasMore`.' }),
    hasMore: z.boolean(),
    reload: z
      .boolean()
      .meta({ description: 'Too much changed to list it: throw the room away and take a fresh snapshot.' }),
  })
  .meta({ id: 'RoomChanges' });
export type RoomChanges = z.infer<typeof RoomChanges>;

export const MessagePage = z
  .object({
    messages: z.array(Message).meta({ description: 'Oldest first.' }),
    hasMoreBefore: z.boolean(),
    hasMoreAfter: z.boolean(),
    users: z.array(PublicUser),
  })
  .meta({ id: 'MessagePage' });
export type MessagePage = z.infer<typeof MessagePage>;

// ---- beside rooms

/** Of each device of a person the liveliest counts; `dnd` and `invisible` are chosen. */
export const PresenceStatus = z.enum(['online', 'away', 'dnd', 'offline']).meta({ id: 'PresenceStatus' });
export type PresenceStatus = z.infer<typeof PresenceStatus>;
export const Presence = z
  .object({
    userId: Id,
    status: PresenceStatus,
    text: z.string().nullable().meta({ description: 'The custom status.' }),
    emoji: z.string().nullable(),
    until: Timestamp.nullable().meta({ description: 'When the custom status ends.' }),
    lastSeen: Timestamp.nullable().meta({ description: 'null while online, or where it is not shared.' }),
  })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof Presence>;

export const Invite = z
  .object({
    id: Id,
    roomId: Id,
    code: z.string(),
    createdBy: Id,
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    maxUses: z.int().nullable(),
    uses: z.int(),
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof Invite>;

export const ScheduledMessage = z
  .object({
    id: Id,
    roomId: Id,
    clientId: ClientId,
    body: z.string(),
    replyTo: Id.nullable(),
    sendAt: Timestamp,
    failed: z.string().nullable().meta({ description: 'The error code it was refused with when its time came.' }),
  })
  .meta({ id: 'ScheduledMessage' });
export type ScheduledMessage = z.infer<typeof ScheduledMessage>;

/** What a person lets others see, on the whole instance. */
export const ChatPreferences = z
  .object({ shareReads: z.boolean(), shareLastSeen: z.boolean() })
  .meta({ id: 'ChatPreferences' });
export type ChatPreferences = z.infer<typeof ChatPreferences>;

/** A found message. `highlights` are the parts of the body that match, as [from, to) in UTF-16 code units. */
export const SearchHit = z
  .object({ message: Message, highlights: z.array(z.tuple([z.int(), z.int()])) })
  .meta({ id: 'SearchHit' });
export type SearchHit = z.infer<typeof SearchHit>;
