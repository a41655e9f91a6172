/** My own account: profile, settings, and what of mine is signed in. */
import { z } from 'zod';
import {
  Device,
  Email,
  Password,
  PersonName,
  Profile,
  ProfileChanges,
  Session,
  Settings,
  SettingsChanges,
  Username,
} from '../accounts.ts';
import { Id } from '../ids.ts';
import { route } from './route.ts';

const group = 'Accounts';
const mine = { auth: 'user', group } as const;
const SENSITIVE = { auth: 'user', group, stepUp: true } as const;

/** A push subscription of a browser (RFC 8030, RFC 8291), or the token of an app. */
const NewDevice = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('web'),
    subscription: z.strictObject({
      endpoint: z
        .url({ protocol: /^https$/ })
        .max(1000)
        .regex(/^[\u0021-\u007e]+$/, 'must be written in ASCII')
        .meta({ examples: ['https://push.example/subscriptions/1'] }),
      expirationTime: z.number().nullable().optional(),
      keys: z.strictObject({
        p256dh: z
          .string()
          .regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be a P-256 public key in base64url')
          .meta({
            examples: ['BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'],
          }),
        auth: z
          .string()
          .regex(/^[A-Za-z0-9_-]{22}(==)?$/, 'must be 16 bytes in base64url')
          .meta({ examples: ['BTBZMqHH6r4Tts7J_aSIgg'] }),
      }),
    }),
  }),
  z.strictObject({
    kind: z.enum(['fcm', 'apns']),
    token: z
      .string()
      .min(16)
      .max(4096)
      .regex(/^[\w:.-]+$/),
  }),
]);

export const accountRoutes = {
  profile: route({ ...mine, method: 'GET', path: '/api/auth/profile', summary: 'My profile.', output: Profile }),
  updateProfile: route({
    ...mine,
    method: 'PATCH',
    path: '/api/auth/profile',
    summary: 'Change my profile.',
    body: ProfileChanges,
    output: Profile,
    errors: ['text_rejected', 'silenced'],
  }),
  settings: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/settings',
    summary: 'What I have set.',
    output: Settings,
  }),
  updateSettings: route({
    ...mine,
    method: 'PATCH',
    path: '/api/auth/settings',
    summary: 'Change what I have set, field by field.',
    body: SettingsChanges,
    output: Settings,
  }),
  upgradeGuest: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/guest/upgrade',
    summary: 'A guest becomes a member: id, rooms and messages stay, and so does the session.',
    body: z.strictObject({ email: Email, password: Password, username: Username, name: PersonName.optional() }),
    output: Profile,
    errors: ['forbidden', 'username_taken', 'address_banned', 'text_rejected', 'overloaded'],
  }),

  sessions: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/sessions',
    summary: 'Where I am signed in, the latest use first.',
    output: z.object({ sessions: z.array(Session) }),
  }),
  endSession: route({
    ...mine,
    method: 'DELETE',
    path: '/api/auth/sessions/:sessionId',
    summary: 'End a session of mine: its sockets are cut everywhere. Idempotent.',
    params: z.object({ sessionId: Id }),
    errors: ['not_found'],
  }),
  endOtherSessions: route({
    ...mine,
    method: 'DELETE',
    path: '/api/auth/sessions',
    summary: 'End all my sessions but this one.',
  }),

  devices: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/devices',
    summary: 'Devices that notifications are pushed to.',
    output: z.object({ devices: z.array(Device) }),
  }),
  addDevice: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/devices',
    summary:
      'Push notifications to this device too. The same token or subscription again is the same device, and then mine.',
    body: NewDevice,
    output: Device,
    status: 201,
    errors: ['limit_reached'],
  }),
  removeDevice: route({
    ...mine,
    method: 'DELETE',
    path: '/api/auth/devices/:deviceId',
    summary: 'Push no longer to a device. Idempotent.',
    params: z.object({ deviceId: Id }),
  }),

  exportData: route({
    ...SENSITIVE,
    method: 'GET',
    path: '/api/auth/export',
    summary: 'Everything kept about me, as a ZIP archive of JSON files.',
    download: 'application/zip',
  }),
  deactivate: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/deactivate',
    summary: 'Close my account until I sign in again: all sessions end.',
    errors: ['last_owner'],
  }),
  deleteAccount: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/delete',
    summary: 'Delete my account for good: what I wrote stays under no name. Take `exportData` first.',
    body: z.strictObject({ username: Username.meta({ description: 'My own, to be sure.' }) }),
    errors: ['last_owner'],
  }),
} as const;
