/** What moderators do: of a room in that room, of the instance wherever people come by themselves. */
import { z } from 'zod';
import { PublicUser } from '../accounts.ts';
import { Case, CaseDetail, ModerationLogEntry, Note, Reason, Sanction, SanctionType } from '../community.ts';
import { HoldFor, Room } from '../entities.ts';
import { Message } from '../messages.ts';
import { Id, line, queryInt, Timestamp } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { limit, message, room, route } from './route.ts';

const group = 'Moderation';
const mod = { auth: 'user', group } as const;
const onCase = { ...mod, method: 'POST', params: z.object({ caseId: Id }), output: CaseDetail } as const;
const user = z.object({ userId: Id });
const cursor = z.string().max(200).optional();
const LogQuery = {
  actorId: Id.optional(),
  targetId: Id.optional(),
  roomId: Id.optional(),
  action: line(1, 60).optional().meta({ description: 'Such as member.banned; member.* for all of a kind.' }),
  since: queryInt(Timestamp).optional(),
};

export const moderationRoutes = {
  moderateRoom: route({
    ...mod,
    method: 'PATCH',
    path: '/api/rooms/:roomId/moderation',
    summary: 'Slow mode, lock, end of a raid; for admins of the room also read-only and whose messages are held.',
    params: room,
    body: z.strictObject({
      slowMode: z.int().min(0).max(LIMITS.slowMode).optional().meta({
        description: 'Seconds between two messages of one person; 0: as many as they like.',
      }),
      locked: z.boolean().optional().meta({ description: 'Nobody but moderators writes, reacts or joins.' }),
      raid: z.literal(false).optional().meta({ description: 'false: ends a raid before its time.' }),
      readOnly: z.boolean().optional().meta({ description: 'Only moderators write; everyone may react.' }),
      hold: z.array(HoldFor).max(4).optional().meta({ description: 'All of them; [] for nobody.' }),
    }),
    output: Room,
    errors: ['not_found', 'forbidden', 'room_archived'],
  }),
  held: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/held',
    summary: 'Messages that wait for my decision, the oldest first: of one room, or of all that I moderate.',
    query: z.strictObject({ roomId: Id.optional(), limit: limit(100, 50), cursor }),
    output: z.object({
      messages: z.array(
        z.object({
          message: Message,
          ruleId: Id.nullable().meta({
            description: 'The rule of automod that holds it; null: the room’s `hold`, or a raid.',
          }),
        }),
      ),
      rooms: z.array(Room),
      users: z.array(PublicUser),
      nextCursor: z.string().nullable(),
    }),
    errors: ['not_found', 'forbidden'],
  }),
  decideHeld: route({
    ...mod,
    method: 'POST',
    path: '/api/rooms/:roomId/held/:messageId',
    summary: 'Approve a held message, which then takes its number, or reject it and say why.',
    params: message,
    body: z.discriminatedUnion('approve', [
      z.strictObject({ approve: z.literal(true) }),
      z.strictObject({
        approve: z.literal(false),
        reason: Reason.meta({ description: 'Its author reads it.' }),
      }),
    ]),
    output: Message,
    errors: ['not_found', 'forbidden', 'already_decided', 'room_archived'],
  }),
  sanction: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/sanctions',
    summary: 'Warn, mute, kick or ban somebody: from a room, or everywhere (mute, ban, warn).',
    body: z.strictObject({
      type: SanctionType,
      userId: Id,
      roomId: Id.nullable().meta({ description: 'null: on the whole instance.' }),
      reason: Reason.meta({ description: 'The person reads it.' }),
      until: Timestamp.nullable().default(null).meta({
        description: 'When a mute or ban ends; null: not by itself. The others have no end.',
      }),
      removeMessages: z.enum(['hour', 'day']).nullable().default(null).meta({
        description: 'Delete what they wrote in the room since then as well.',
      }),
    }),
    output: Sanction,
    status: 201,
    errors: ['not_found', 'forbidden'],
  }),
  liftSanction: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/sanctions/:sanctionId/lift',
    summary: 'End a mute or ban before its time. Idempotent.',
    params: z.object({ sanctionId: Id }),
    body: z.strictObject({ reason: Reason }),
    output: Sanction,
    errors: ['not_found', 'forbidden'],
  }),
  removeMessages: route({
    ...mod,
    method: 'POST',
    path: '/api/rooms/:roomId/members/:userId/remove-messages',
    summary: 'Delete what somebody wrote in a room in the last hour or day.',
    params: z.object({ roomId: Id, userId: Id }),
    body: z.strictObject({ since: z.enum(['hour', 'day']), reason: Reason }),
    output: z.object({ removed: z.int().meta({ description: 'How many messages it deleted.' }) }),
    errors: ['not_found', 'forbidden'],
  }),
  moderatedUser: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/users/:userId',
    summary: 'What moderators know of somebody: sanctions, notes and counts, where the asker moderates.',
    params: user,
    output: z.object({
      user: PublicUser,
      sanctions: z.array(Sanction),
      notes: z.array(z.object({ id: Id, by: Id, text: z.string(), createdAt: Timestamp })),
      reported: z.int().meta({ description: 'Reports of this person, of all time.' }),
      reporting: z.int().meta({ description: 'Reports by this person, of all time.' }),
      users: z.array(PublicUser),
    }),
    errors: ['not_found', 'forbidden'],
  }),
  noteUser: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/users/:userId/notes',
    role: 'moderator',
    summary: 'A note about somebody, for moderators of the instance.',
    params: user,
    body: z.strictObject({ text: Note }),
    status: 201,
    output: z.object({ id: Id }),
    errors: ['not_found'],
  }),
  appeals: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/appeals',
    summary: 'Appeals that wait for a decision, the oldest first.',
    query: z.strictObject({ limit: limit(100, 50), cursor }),
    output: z.object({ sanctions: z.array(Sanction), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  decideAppeal: route({
    ...mod,
    method: 'POST',
    path: '/api/moderation/appeals/:sanctionId',
    summary:
      'Grant an appeal, which lifts the sanction, or refuse it. Not by whoever imposed it, where there is another.',
    params: z.object({ sanctionId: Id }),
    body: z.strictObject({ granted: z.boolean(), note: Reason }),
    output: Sanction,
    errors: ['not_found', 'forbidden', 'already_decided'],
  }),
  cases: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/cases',
    summary: 'The queue of reported things: those with most reports first while open, the newest first once closed.',
    query: z.strictObject({
      state: z.enum(['open', 'assigned', 'closed']).default('open'),
      mine: z.enum(['true']).optional().meta({ description: 'Assigned to me alone.' }),
      roomId: Id.optional(),
      limit: limit(100, 50),
      cursor,
    }),
    output: z.object({ cases: z.array(Case), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
    errors: ['not_found', 'forbidden'],
  }),
  case: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/cases/:caseId',
    summary: 'One case with its evidence, reports and notes.',
    params: z.object({ caseId: Id }),
    output: CaseDetail,
    errors: ['not_found'],
  }),
  caseAssignees: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/cases/:caseId/assignees',
    summary: 'Whom a case may be given to: those who may decide it, the asker among them.',
    params: z.object({ caseId: Id }),
    output: z.object({ users: z.array(PublicUser) }),
    errors: ['not_found'],
  }),
  assignCase: route({
    ...onCase,
    path: '/api/moderation/cases/:caseId/assign',
    summary: 'Take a case, give it to another moderator, or put it back (null).',
    body: z.strictObject({ assigneeId: Id.nullable(), version: z.int().min(1) }),
    errors: ['not_found', 'forbidden', 'already_decided'],
  }),
  noteCase: route({
    ...onCase,
    path: '/api/moderation/cases/:caseId/notes',
    summary: 'Add a note, for moderators.',
    body: z.strictObject({ text: Note }),
    errors: ['not_found'],
  }),
  closeCase: route({
    ...onCase,
    path: '/api/moderation/cases/:caseId/close',
    summary:
      'Decide a case. Everyone who reported it is told the outcome. A message hidden for its reports is shown again, or deleted when action is taken; what else is done is a call of its own.',
    body: z.strictObject({ outcome: z.enum(['action_taken', 'no_action']), version: z.int().min(1) }),
    errors: ['not_found', 'forbidden', 'already_decided'],
  }),
  moderationLog: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/log',
    role: 'moderator',
    summary: 'The audit trail of moderation, the latest first. Nothing is ever changed or removed here.',
    query: z.strictObject({
      ...LogQuery,
      before: queryInt(z.int().min(1)).optional().meta({ description: 'Entries before this `seq`.' }),
      limit: limit(200, 50),
    }),
    output: z.object({ entries: z.array(ModerationLogEntry), users: z.array(PublicUser), hasMore: z.boolean() }),
  }),
  exportModerationLog: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/log/export',
    role: 'admin',
    summary: 'The trail as JSON lines, the oldest first, with the hashes that `confab audit verify` checks.',
    query: z.strictObject(LogQuery),
    output: z.string(),
    download: 'application/x-ndjson',
  }),
  moderationFigures: route({
    ...mod,
    method: 'GET',
    path: '/api/moderation/figures',
    role: 'moderator',
    summary: 'How things stand now.',
    output: z.object({
      openCases: z.int().meta({ description: 'Not closed, assigned ones too.' }),
      held: z.int().meta({ description: 'Messages that wait for approval.' }),
      openAppeals: z.int().meta({ description: 'That are the asker’s to decide.' }),
      sanctionsToday: z.int().meta({ description: 'Of the last 24 hours, as all of today.' }),
      reportsToday: z.int(),
      rejectedToday: z.int().meta({ description: 'Held messages that were rejected.' }),
      raidedRooms: z.int().meta({ description: 'Rooms in which a raid lasts.' }),
      online: z.int().meta({ description: 'People who are connected, to any node.' }),
    }),
  }),
} as const;
