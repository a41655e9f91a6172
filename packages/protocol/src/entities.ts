/** What people see: users, rooms, members, messages. Every one is a current state, never an instruction. */
import { z } from 'zod';
import { ClientId, Counter, Id, line, text, Timestamp } from './ids.ts';

export const LIMITS = {
  /** Characters (UTF-16 code units) of a message's body. */
  body: 8000,
  roomName: 80,
  topic: 250,
  personName: 60,
  /** Unread is counted up to this; clients show "99+". */
  unreadCap: 100,
  /** Rows of one page of history or members. */
  page: 100,
  /** Changes per room in one answer to `sync` or `changes`. */
  changesPage: 200,
  /** Members up to which read marks are shown to the others; in larger rooms they are private. */
  readReceiptMembers: 100,
  /** Rooms one `sync` may name: they fit into one frame of 64 KB. */
  syncRooms: 500,
} as const;

// ---- accounts

export const Username = z
  .string()
  .min(3)
  .max(30)
  .regex(
    /^[a-z0-9](?:[a-z0-9._]*[a-z0-9])?$/,
    'may hold a-z, 0-9, dot and underscore, and begins and ends with a letter or digit',
  )
  .meta({ id: 'Username', description: 'Permanent and unique.' });

/** One address, in lower case. Lists and display names are refused, so that mail can go to exactly one mailbox. */
export const Email = z
  .string()
  .max(254)
  .overwrite((s) => s.trim().toLowerCase())
  .pipe(z.email())
  .meta({ id: 'Email', format: 'email', description: 'One address; kept in lower case.' });

export const Password = z
  .string()
  .min(8)
  .max(200)
  .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
  .meta({ id: 'Password' });
export const PersonName = line(1, LIMITS.personName).meta({ id: 'PersonName' });

/** What a person may do on the whole instance. */
export const Role = z.enum(['owner', 'admin', 'moderator', 'user', 'guest']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** What everyone may know of a person. */
export const PublicUser = z
  .object({ id: Id, username: z.string(), name: z.string(), role: Role })
  .meta({ id: 'PublicUser' });
export type PublicUser = z.infer<typeof PublicUser>;

/** What a person knows of themself. */
export const Profile = PublicUser.extend({ email: z.string().nullable(), createdAt: Timestamp }).meta({
  id: 'Profile',
});
export type Profile = z.infer<typeof Profile>;

// ---- rooms

export const RoomKind = z.enum(['direct', 'group']).meta({ id: 'RoomKind' });
export type RoomKind = z.infer<typeof RoomKind>;
export const RoomName = line(1, LIMITS.roomName).meta({ id: 'RoomName' });
export const Topic = line(0, LIMITS.topic).meta({ id: 'Topic' });

export const Room = z
  .object({
    id: Id,
    kind: RoomKind,
    name: z.string().nullable().meta({ description: 'null in direct rooms: show the other person.' }),
    topic: z.string(),
    memberCount: z.int(),
    createdBy: Id.nullable(),
    createdAt: Timestamp,
    n: Counter.meta({ description: 'Number of the newest message. Messages are numbered from 1 without a gap.' }),
    rev: Counter.meta({ description: 'Number of the newest change of any kind.' }),
    deletedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const MemberRole = z.enum(['owner', 'admin', 'moderator', 'member']).meta({ id: 'MemberRole' });
export type MemberRole = z.infer<typeof MemberRole>;

export const Member = z
  .object({
    roomId: Id,
    userId: Id,
    role: MemberRole,
    lastReadN: Counter.nullable().meta({
      description: `Read up to and including this message. null for others in rooms of more than ${LIMITS.readReceiptMembers} members.`,
    }),
    joinedAt: Timestamp,
    leftAt: Timestamp.nullable(),
    rev: Counter,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

// ---- messages

export const MessageKind = z.enum(['text']).meta({ id: 'MessageKind' });
export const Body = text(LIMITS.body).meta({ id: 'Body', description: 'Markdown source.' });

export const Message = z
  .object({
    id: Id,
    roomId: Id,
    n: Counter,
    rev: Counter.meta({ description: 'The room change that made this state.' }),
    clientId: ClientId,
    senderId: Id,
    kind: MessageKind,
    body: z.string().meta({ description: 'Empty once deleted.' }),
    replyTo: Id.nullable(),
    createdAt: Timestamp,
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

// ---- views

/** One line of the chat list, seen by one member. */
export const RoomSummary = z
  .object({
    room: Room,
    me: Member,
    lastMessage: Message.nullable(),
    unread: z.int().meta({
      description: `Messages of others after my read mark, deleted ones apart; ${LIMITS.unreadCap} means "that many or more".`,
    }),
    memberIds: z.array(Id).meta({ description: 'Some members, at most 8; in a direct room both.' }),
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
