/** What everyone may do for the safety of the place: report, read what they are told, appeal. */
import { z } from 'zod';
import { MyReport, Notice, ReportCategory, ReportTarget, Sanction } from '../community.ts';
import { Id, text, Timestamp } from '../ids.ts';
import { limit, message, route } from './route.ts';

const group = 'Safety';
const mine = { auth: 'user', group } as const;
const AppealText = text(2000);
const AppealToken = z.string().min(1).max(500);

export const safetyRoutes = {
  report: route({
    ...mine,
    method: 'POST',
    path: '/api/reports',
    summary:
      'Report a message, a person or a room. It is kept as it is now, whatever becomes of it. The same thing again answers the first report.',
    body: z.strictObject({
      target: ReportTarget,
      category: ReportCategory,
      note: z.union([text(1000), z.literal('')]).default(''),
      block: z.boolean().default(false).meta({ description: 'Block the person as well.' }),
    }),
    output: MyReport,
    status: 201,
    errors: ['not_found', 'bad_input', 'limit_reached', 'age_confirmation_required'],
  }),
  reports: route({
    ...mine,
    method: 'GET',
    path: '/api/reports',
    summary: 'My reports and what became of them, the newest first.',
    query: z.strictObject({ limit: limit(100, 50), before: Id.optional() }),
    output: z.object({ reports: z.array(MyReport), hasMore: z.boolean() }),
  }),
  notices: route({
    ...mine,
    method: 'GET',
    path: '/api/notices',
    summary: 'What the place has told me, the newest first.',
    query: z.strictObject({ limit: limit(100, 50), before: Id.optional() }),
    output: z.object({ notices: z.array(Notice), unseen: z.int(), hasMore: z.boolean() }),
  }),
  seeNotices: route({
    ...mine,
    method: 'POST',
    path: '/api/notices/seen',
    summary: 'I have read these. Idempotent.',
    body: z.strictObject({ ids: z.array(Id).min(1).max(100) }),
    output: z.object({ unseen: z.int() }),
  }),
  sanctions: route({
    ...mine,
    method: 'GET',
    path: '/api/sanctions',
    summary: 'What was done about me, the newest first.',
    output: z.object({ sanctions: z.array(Sanction) }),
  }),
  appeal: route({
    ...mine,
    method: 'POST',
    path: '/api/sanctions/:sanctionId/appeal',
    summary: 'Ask, once, for another look at what was done about me.',
    params: z.object({ sanctionId: Id }),
    body: z.strictObject({ text: AppealText }),
    output: Sanction,
    errors: ['not_found', 'already_appealed', 'already_decided', 'limit_reached'],
  }),
  appealBan: route({
    method: 'POST',
    path: '/api/auth/appeal',
    auth: 'none',
    group,
    summary: 'The same for whoever is banned and cannot sign in: with the token that the refusal carried.',
    body: z.strictObject({ token: AppealToken, text: AppealText }),
    errors: ['invalid_link', 'already_appealed'],
  }),
  ownBan: route({
    method: 'POST',
    path: '/api/auth/ban',
    auth: 'none',
    group,
    summary:
      'Why and until when, for whoever is banned and cannot sign in, and what became of their appeal: with the same token.',
    body: z.strictObject({ token: AppealToken }),
    output: Sanction,
    errors: ['invalid_link'],
  }),
  ageConfirmation: route({
    ...mine,
    method: 'GET',
    path: '/api/age-confirmation',
    summary: 'When I confirmed to be of age.',
    output: z.object({ confirmedAt: Timestamp.nullable().meta({ description: 'null: not yet.' }) }),
  }),
  confirmAge: route({
    ...mine,
    method: 'POST',
    path: '/api/age-confirmation',
    summary: 'Confirm to be of age, as some lounges and meeting strangers ask for. Idempotent.',
    body: z.strictObject({ ofAge: z.literal(true) }),
    output: z.object({ confirmedAt: Timestamp.nullable() }),
  }),
  dropHeld: route({
    ...mine,
    method: 'DELETE',
    path: '/api/rooms/:roomId/held/:messageId',
    summary: 'Take back a message of mine that waits for approval, or put away one that was rejected. Idempotent.',
    params: message,
    errors: ['not_found', 'already_decided'],
  }),
} as const;
