/** Public places and their order: lounges, notices, sanctions, reports, strangers. */
import { z } from 'zod';
import { LanguageTag, PublicUser, Role } from './accounts.ts';
import { GuestAccess, Room, RoomModeration } from './entities.ts';
import { Message } from './messages.ts';
import { Id, line, text, Timestamp } from './ids.ts';

// ---- lounges

/** A room as everybody may see it, members or not. Who made it, and against whom it is guarded, is for those in it. */
export const ListedRoom = Room.omit({ createdBy: true })
  .extend({ moderation: RoomModeration.omit({ hold: true, raidUntil: true }) })
  .meta({ id: 'ListedRoom' });
export type ListedRoom = z.infer<typeof ListedRoom>;

export const LanguageRoom = z
  .object({
    room: ListedRoom,
    present: z.int().meta({ description: 'Members who are connected, as of a few seconds ago.' }),
  })
  .meta({ id: 'LanguageRoom' });
export type LanguageRoom = z.infer<typeof LanguageRoom>;

/** None above moderator: moderators come into every room of a lounge, members or not. */
export const LoungeRole = Role.extract(['guest', 'user', 'moderator']).meta({
  description: 'The least role that comes in.',
});

export const Lounge = z
  .object({
    id: Id,
    name: z.string(),
    topic: z.string(),
    picture: z.string().nullable().meta({ description: 'A path of this server, as `loungePicture`; null: none.' }),
    rules: z.string().meta({ description: 'Markdown; shown before one joins.' }),
    minRole: LoungeRole,
    guests: GuestAccess,
    adultsOnly: z.boolean().meta({ description: 'Whoever comes in has confirmed to be of age.' }),
    position: z.int().meta({ description: 'Lounges are listed in this order.' }),
    rooms: z.array(LanguageRoom),
  })
  .meta({ id: 'Lounge' });
export type Lounge = z.infer<typeof Lounge>;

// ---- what is done to people, and what they are told

export const SanctionType = z.enum(['warn', 'mute', 'kick', 'ban']).meta({ id: 'SanctionType' });
export type SanctionType = z.infer<typeof SanctionType>;
/** Why something is done, for the person concerned to read. */
export const Reason = line(1, 300);
export const ForAuthor = Reason.meta({ description: 'Why, of a message of somebody else: its author reads it.' });
export const ForOwners = Reason.meta({ description: 'Why, of a room of others: its owners read it.' });
/** For moderators among themselves. */
export const Note = text(2000);

export const Appeal = z
  .object({
    text: z.string(),
    at: Timestamp,
    state: z.enum(['open', 'granted', 'refused', 'moot']).meta({
      description:
        'moot: closed without a decision, as the room is gone and what was done there has no effect any more.',
    }),
    note: z.string().nullable().meta({ description: 'What the moderator who decided had to say.' }),
  })
  .meta({ id: 'Appeal' });

export const Sanction = z
  .object({
    id: Id,
    type: SanctionType,
    userId: Id,
    roomId: Id.nullable().meta({ description: 'null: on the whole instance.' }),
    reason: z.string(),
    until: Timestamp.nullable().meta({ description: 'Of a mute or ban; null: until it is lifted.' }),
    by: Id.nullable().meta({ description: 'null: automod. The person concerned is not told who.' }),
    createdAt: Timestamp,
    liftedAt: Timestamp.nullable(),
    appeal: Appeal.nullable(),
  })
  .meta({ id: 'Sanction' });
export type Sanction = z.infer<typeof Sanction>;

/** What the place itself has to tell a person. */
export const Notice = z
  .object({
    id: Id,
    type: z.enum([
      'warned',
      'muted',
      'kicked',
      'banned',
      'lifted',
      'message_rejected',
      'messages_removed',
      'message_hidden',
      'message_shown',
      'room_deleted',
      'report_closed',
      'appeal_decided',
    ]),
    roomId: Id.nullable(),
    roomName: z.string().nullable(),
    sanctionId: Id.nullable().meta({ description: 'What an appeal would be against.' }),
    reason: z.string().meta({ description: 'Why; of report_closed the outcome, of appeal_decided the answer.' }),
    until: Timestamp.nullable(),
    createdAt: Timestamp,
    seenAt: Timestamp.nullable(),
  })
  .meta({ id: 'Notice' });
export type Notice = z.infer<typeof Notice>;

// ---- reports

export const ReportCategory = z
  .enum([
    'spam',
    'harassment',
    'hate',
    'sexual',
    'violence',
    'self_harm',
    'child_safety',
    'impersonation',
    'illegal',
    'other',
  ])
  .meta({ id: 'ReportCategory' });
export type ReportCategory = z.infer<typeof ReportCategory>;

export const ReportTarget = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('message'), roomId: Id, messageId: Id }),
    z.strictObject({ type: z.literal('user'), userId: Id }),
    z.strictObject({ type: z.literal('room'), roomId: Id }),
  ])
  .meta({ id: 'ReportTarget' });
export type ReportTarget = z.infer<typeof ReportTarget>;

/** A report as whoever made it sees it. */
export const MyReport = z
  .object({
    id: Id,
    target: ReportTarget,
    category: ReportCategory,
    note: z.string(),
    createdAt: Timestamp,
    outcome: z.enum(['action_taken', 'no_action']).nullable().meta({ description: 'null: not decided yet.' }),
  })
  .meta({ id: 'MyReport' });
export type MyReport = z.infer<typeof MyReport>;

/** All reports of one thing, for moderators: opened by the first, closed once. */
export const Case = z
  .object({
    id: Id,
    target: ReportTarget,
    accusedId: Id.nullable().meta({ description: 'Whom it is about; null: a room without an owner.' }),
    roomId: Id.nullable(),
    state: z.enum(['open', 'assigned', 'closed']),
    assigneeId: Id.nullable(),
    outcome: z.enum(['action_taken', 'no_action']).nullable(),
    reportCount: z.int(),
    categories: z.array(ReportCategory),
    againstAccused: z.int().meta({ description: 'Reports of this person by anyone, of all time.' }),
    openedAt: Timestamp,
    closedAt: Timestamp.nullable(),
    version: z.int().meta({
      description: 'Grows with what moderators do, not with further reports: deciding names the one that was seen.',
    }),
  })
  .meta({ id: 'Case' });
export type Case = z.infer<typeof Case>;

export const CaseDetail = Case.extend({
  evidence: z
    .object({
      at: Timestamp,
      message: Message.nullable(),
      versions: z
        .array(z.object({ body: z.string(), until: Timestamp.nullable() }))
        .optional()
        .meta({
          description:
            'Words of an edited message, the oldest first, as of its latest report; until: null for those it had then.',
        }),
      versionsLeftOut: z.int().optional().meta({
        description: 'Versions between the first and the next of them that are not kept, as there are so many.',
      }),
      around: z.array(Message).meta({
        description: 'Up to five messages before and after it; of a room of two that is reported the last ten.',
      }),
      room: z.object({ id: Id, name: z.string().nullable(), topic: z.string() }).nullable(),
      user: PublicUser.nullable(),
    })
    .meta({ description: 'As it was when it was reported first.' }),
  reports: z.array(z.object({ id: Id, by: Id, category: ReportCategory, note: z.string(), createdAt: Timestamp })),
  notes: z.array(z.object({ id: Id, by: Id, text: z.string(), createdAt: Timestamp })),
  reach: z.array(z.enum(['room', 'everywhere'])).meta({
    description: 'Where the asker may warn, mute or ban the accused: nobody does their equals, nor in rooms of others.',
  }),
  users: z.array(PublicUser),
}).meta({ id: 'CaseDetail' });
export type CaseDetail = z.infer<typeof CaseDetail>;

// ---- the trail

/** All that is recorded. What each means, docs/moderation.md tells. */
export const MODERATION_ACTIONS = [
  'member.warned',
  'member.muted',
  'member.kicked',
  'member.banned',
  'member.removed',
  'member.noted',
  'sanction.lifted',
  'appeal.granted',
  'appeal.refused',
  'appeal.moot',
  'messages.expired',
  'messages.removed',
  'message.approved',
  'message.rejected',
  'message.hidden',
  'message.shown',
  'message.deleted',
  'poll.closed',
  'case.read',
  'case.assigned',
  'case.noted',
  'case.closed',
  'room.changed',
  'room.deleted',
  'room_role.changed',
  'room.moderated',
  'raid.began',
  'automod.alerted',
  'trail.exported',
  'automod_rule.created',
  'automod_rule.changed',
  'automod_rule.removed',
  'account.created',
  'account.disabled',
  'account.enabled',
  'account.signed_out',
  'role.changed',
  'address.banned',
  'address.unbanned',
  'lounge.opened',
  'lounge.changed',
  'lounge.closed',
  'language_room.opened',
  'language_room.resized',
  'language_room.closed',
] as const;
export type ModerationAction = (typeof MODERATION_ACTIONS)[number];

export const ModerationLogEntry = z
  .object({
    seq: z.int(),
    at: Timestamp,
    action: z
      .string()
      .meta({ description: `What was done: ${MODERATION_ACTIONS.join(', ')}, or what later versions add.` }),
    actorId: Id.nullable().meta({ description: 'null: automod, or time.' }),
    roomId: Id.nullable(),
    targetId: Id.nullable().meta({ description: 'Whom it concerns.' }),
    messageId: Id.nullable(),
    reason: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    hash: z.string().meta({ description: 'SHA-256 over this entry and the hash of the one before, in hex.' }),
  })
  .meta({ id: 'ModerationLogEntry' });
export type ModerationLogEntry = z.infer<typeof ModerationLogEntry>;

// ---- strangers

const Interest = line(1, 30);
export const MatchWishes = z
  .strictObject({
    languages: z.array(LanguageTag).max(5).default([]).meta({ description: 'One in common is insisted on for 15 s.' }),
    interests: z.array(Interest).max(10).default([]).meta({ description: 'One in common is insisted on for 5 s.' }),
    meetGuests: z
      .boolean()
      .default(false)
      .meta({ description: 'Of a member: guests are fine as well. Guests meet guests, and members who choose so.' }),
  })
  .meta({ id: 'MatchWishes' });
export type MatchWishes = z.infer<typeof MatchWishes>;

export const MatchState = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('idle') }),
    z.object({ state: z.literal('waiting'), since: Timestamp.meta({ description: 'When this search began.' }) }),
    z.object({
      state: z.literal('matched'),
      roomId: Id,
      user: PublicUser,
      common: z.array(z.string()).meta({ description: 'Languages and interests that both named.' }),
    }),
    z
      .object({ state: z.literal('ended'), roomId: Id, reason: z.enum(['left', 'moderated', 'idle']) })
      .meta({ description: 'Told when the other is gone: nothing is written in the room any more.' }),
  ])
  .meta({
    id: 'MatchState',
    description:
      'idle: not looking. waiting: looking. matched: with somebody. ended: the other is gone, and nothing is written in the room any more.',
  });
export type MatchState = z.infer<typeof MatchState>;
