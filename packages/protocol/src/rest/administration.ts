/** Running the place: accounts of others, and what happened to them. */
import { z } from 'zod';
import { Account, AccountState, AddressBan, AddressRange, AuditEntry, Role } from '../accounts.ts';
import { Id, line, Timestamp } from '../ids.ts';
import { limit, route } from './route.ts';

const group = 'Administration';
const params = z.object({ userId: Id });
const onAccount = { method: 'POST', auth: 'user', role: 'admin', group, params, output: Account } as const;
const Reason = line(1, 300);

export const administrationRoutes = {
  accounts: route({
    method: 'GET',
    path: '/api/admin/accounts',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'Accounts, the newest first, a page at a time.',
    query: z.strictObject({
      q: line(1, 60).optional().meta({ description: 'The beginning of a username or address.' }),
      role: Role.optional(),
      state: AccountState.optional(),
      before: Id.optional().meta({ description: 'Older than this account.' }),
      limit: limit(100, 50),
    }),
    output: z.object({ accounts: z.array(Account), hasMore: z.boolean() }),
  }),
  account: route({
    method: 'GET',
    path: '/api/admin/accounts/:userId',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'One account.',
    params,
    output: Account,
    errors: ['not_found'],
  }),
  setRole: route({
    ...onAccount,
    stepUp: true,
    path: '/api/admin/accounts/:userId/role',
    summary:
      'Give a role below one’s own to someone below oneself; owners may do everything. It holds at once, everywhere.',
    body: z.strictObject({ role: Role.exclude(['guest']) }),
    errors: ['not_found', 'forbidden', 'last_owner'],
  }),
  ban: route({
    ...onAccount,
    path: '/api/admin/accounts/:userId/ban',
    summary: 'Keep someone out until a time, or for good: all sessions end, sockets are cut.',
    body: z.strictObject({ reason: Reason, until: Timestamp.nullable() }),
    errors: ['not_found', 'forbidden'],
  }),
  unban: route({
    ...onAccount,
    path: '/api/admin/accounts/:userId/unban',
    summary: 'End a ban. Idempotent.',
    errors: ['not_found', 'forbidden'],
  }),
  disableAccount: route({
    ...onAccount,
    path: '/api/admin/accounts/:userId/disable',
    summary: 'Close an account until `enableAccount`: all sessions end, sockets are cut. Idempotent.',
    body: z.strictObject({ reason: Reason }),
    errors: ['not_found', 'forbidden'],
  }),
  enableAccount: route({
    ...onAccount,
    path: '/api/admin/accounts/:userId/enable',
    summary: 'Open a disabled account again. Idempotent.',
    errors: ['not_found', 'forbidden'],
  }),
  signOutAccount: route({
    ...onAccount,
    path: '/api/admin/accounts/:userId/sign-out',
    summary: 'End all sessions and API tokens of someone.',
    errors: ['not_found', 'forbidden'],
  }),
  addressBans: route({
    method: 'GET',
    path: '/api/admin/address-bans',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'Networks that nobody signs up or signs in from.',
    output: z.object({ bans: z.array(AddressBan) }),
  }),
  addAddressBan: route({
    method: 'POST',
    path: '/api/admin/address-bans',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'Keep a network out. It does not end sessions that run; ban the people for that.',
    body: z.strictObject({ range: AddressRange, reason: Reason, until: Timestamp.nullable().default(null) }),
    output: AddressBan,
    status: 201,
    errors: ['limit_reached', 'forbidden'],
  }),
  removeAddressBan: route({
    method: 'DELETE',
    path: '/api/admin/address-bans/:banId',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'Let a network in again. Idempotent.',
    params: z.object({ banId: Id }),
    errors: ['forbidden'],
  }),
  audit: route({
    method: 'GET',
    path: '/api/admin/audit',
    auth: 'user',
    role: 'admin',
    group,
    summary: 'What happened to accounts, the latest first, a page at a time. Nothing is ever changed or removed here.',
    query: z.strictObject({
      actorId: Id.optional(),
      targetId: Id.optional(),
      action: line(1, 60).optional().meta({ description: 'Such as sign_in.failed; sign_in.* for all of a kind.' }),
      before: Id.optional(),
      limit: limit(200, 50),
    }),
    output: z.object({ entries: z.array(AuditEntry), hasMore: z.boolean() }),
  }),
} as const;
