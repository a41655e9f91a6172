/** Public places and their order: lounges, notices, sanctions, reports, automod. */
import { z } from 'zod';
import { LanguageTag, PublicUser, Role } from './accounts.ts';
import { GuestAccess, Message, Room, RoomModeration } from './entities.ts';
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
    picture: z.string().nullable(),
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
    reason: z.string(),
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

// ---- automod

const Word = line(1, 60);
const ListId = z
  .string()
  .max(20)
  .regex(/^[A-Za-z0-9-]+$/, 'is no list');
const Host = z
  .string()
  .max(253)
  .overwrite((s) => s.toLowerCase())
  .regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'must be a host name such as example.org');
/** RE2 syntax. Spaces count, so it is not trimmed. */
const Pattern = z
  .string()
  .min(1)
  .max(500)
  .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
  .refine((s) => !/\p{Cc}/u.test(s), 'may not hold control characters');
const seconds = (max: number) => z.int().min(1).max(max);

/** What a rule looks for. */
export const AutomodTrigger = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('words'),
      lists: z.array(ListId).max(30).meta({ description: 'Languages whose built-in list counts.' }),
      words: z.array(Word).max(1000),
      spare: z
        .array(Word)
        .max(1000)
        .meta({ description: 'Words that are fine although one of the others is in them.' }),
    }),
    z.strictObject({
      type: z.literal('links'),
      mode: z.enum(['any', 'denied', 'not_allowed', 'first']).meta({
        description: 'any link; to one of `hosts`; to any other; the first of somebody in a room.',
      }),
      hosts: z.array(Host).max(1000).meta({ description: 'With all their subdomains.' }),
    }),
    z.strictObject({ type: z.literal('mentions'), more: z.int().min(1).max(100) }),
    z.strictObject({ type: z.literal('flood'), messages: z.int().min(2).max(1000), seconds: seconds(3600) }),
    z.strictObject({ type: z.literal('repeats'), times: z.int().min(2).max(100), seconds: seconds(3600) }),
    z.strictObject({
      type: z.literal('capitals'),
      percent: z.int().min(50).max(100),
      letters: z.int().min(5).max(1000),
    }),
    z.strictObject({ type: z.literal('invites') }),
    z.strictObject({ type: z.literal('newcomers'), minutes: z.int().min(1).max(43_200) }),
    z.strictObject({ type: z.literal('pattern'), pattern: Pattern }),
    z.strictObject({
      type: z.literal('raid'),
      joins: z.int().min(2).max(10_000),
      seconds: seconds(3600),
      lasts: seconds(86_400),
    }),
  ])
  .meta({ id: 'AutomodTrigger' });
export type AutomodTrigger = z.infer<typeof AutomodTrigger>;

export const AutomodAction = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('hold') }),
    z.strictObject({ type: z.literal('reject') }),
    z.strictObject({ type: z.literal('warn') }),
    z.strictObject({ type: z.literal('mute'), seconds: seconds(2_592_000) }),
    z.strictObject({ type: z.literal('alert') }),
  ])
  .meta({ id: 'AutomodAction' });
export type AutomodAction = z.infer<typeof AutomodAction>;

export const AutomodRuleInput = z.strictObject({
  name: line(1, 80),
  trigger: AutomodTrigger,
  actions: z.array(AutomodAction).min(1).max(5),
  reason: Reason.meta({ description: 'For whoever wrote the message.' }),
  enabled: z.boolean(),
});
export const AutomodRule = AutomodRuleInput.extend({
  id: Id,
  roomId: Id.nullable().meta({ description: 'null: everywhere people come by themselves.' }),
  createdBy: Id,
  updatedAt: Timestamp,
}).meta({ id: 'AutomodRule' });
export type AutomodRule = z.infer<typeof AutomodRule>;

// ---- the trail

export const ModerationLogEntry = z
  .object({
    seq: z.int(),
    at: Timestamp,
    action: z.string(),
    actorId: Id.nullable().meta({ description: 'null: automod, or time.' }),
    roomId: Id.nullable(),
    targetId: Id.nullable(),
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
    languages: z.array(LanguageTag).max(5).default([]),
    interests: z.array(Interest).max(10).default([]),
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
    z.object({ state: z.literal('waiting'), since: Timestamp }),
    z.object({ state: z.literal('matched'), roomId: Id, user: PublicUser, common: z.array(z.string()) }),
    z
      .object({ state: z.literal('ended'), roomId: Id, reason: z.enum(['left', 'moderated', 'idle']) })
      .meta({ description: 'Told when the other is gone: nothing is written in the room any more.' }),
  ])
  .meta({ id: 'MatchState' });
export type MatchState = z.infer<typeof MatchState>;
