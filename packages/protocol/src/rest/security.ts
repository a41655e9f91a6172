/** What proves that it is me: password, address, number, second factor, passkeys, accounts elsewhere. */
import { z } from 'zod';
import { Code, Email, Identity, Passkey, Password, Phone, Profile, Security, Token } from '../accounts.ts';
import { line, Timestamp } from '../ids.ts';
import { route } from './route.ts';
import { PasskeyChallenge, passkeyParams, providerParams, WebAuthnJson } from './sign-in.ts';

const group = 'Accounts';
const mine = { auth: 'user', group } as const;
const SENSITIVE = { auth: 'user', group, stepUp: true } as const;
const CodeSent = z.object({ expiresIn: z.int().meta({ description: 'Seconds.' }) });
const RecoveryCodes = z.object({
  recoveryCodes: z.array(z.string()).meta({ description: 'Each works once. They are not shown again.' }),
});

export const securityRoutes = {
  security: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/security',
    summary: 'How I get in, and what keeps others out.',
    output: Security,
  }),
  stepUp: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/step-up',
    summary:
      'Prove that it is me, for sensitive changes in the next 10 minutes: with one of what `security` lists as `stepUpWith`.',
    body: z.discriminatedUnion('with', [
      z.strictObject({ with: z.literal('password'), password: z.string().min(1).max(200) }),
      z.strictObject({ with: z.literal('totp'), code: z.string().min(6).max(40) }),
      z.strictObject({ with: z.literal('email_code'), code: Code }),
      z.strictObject({ with: z.literal('passkey'), challenge: Token, response: WebAuthnJson }),
    ]),
    output: z.object({ until: Timestamp }),
    errors: ['invalid_credentials', 'invalid_code', 'invalid_passkey', 'not_enabled', 'overloaded'],
  }),
  stepUpCode: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/step-up/code',
    summary: 'Mail a code for `stepUp` to my verified address.',
    output: CodeSent,
    errors: ['not_enabled'],
  }),
  stepUpPasskey: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/step-up/passkey',
    summary: 'What the browser needs to use a passkey for `stepUp`.',
    output: PasskeyChallenge,
    errors: ['not_enabled'],
  }),

  changePassword: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/password',
    summary:
      'Set another password; my other sessions end. `current` is needed where there is one, otherwise a step-up.',
    body: z.strictObject({ current: z.string().min(1).max(200).optional(), password: Password }),
    errors: ['invalid_credentials', 'step_up_required', 'overloaded'],
  }),
  changeEmail: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/email',
    summary: 'Move to another address: it counts once the link mailed there was followed, while this session lives.',
    body: z.strictObject({ email: Email }),
    errors: ['not_enabled'],
  }),
  sendVerification: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/email/verification',
    summary: 'Mail the link that proves my address again.',
    errors: ['not_enabled'],
  }),
  setPhone: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/phone',
    summary: 'Text a code to a number. It becomes mine with `verifyPhone`.',
    body: z.strictObject({ phone: Phone }),
    output: CodeSent,
    errors: ['not_enabled', 'unavailable'],
  }),
  verifyPhone: route({
    ...mine,
    method: 'POST',
    path: '/api/auth/phone/verify',
    summary: 'Prove the number with the texted code. 5 tries a code. The number leaves whoever had it before.',
    body: z.strictObject({ code: Code }),
    output: Profile,
    errors: ['invalid_code'],
  }),
  removePhone: route({
    ...SENSITIVE,
    method: 'DELETE',
    path: '/api/auth/phone',
    summary: 'Forget my number. Idempotent.',
  }),

  startTotp: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/totp',
    summary: 'A secret for an authenticator app. It counts from `confirmTotp` on.',
    output: z.object({ secret: z.string(), uri: z.string().meta({ description: 'For a QR code (otpauth://).' }) }),
  }),
  confirmTotp: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/totp/confirm',
    summary: 'Switch the second factor on, with a code of the app. Replaces an earlier one.',
    body: z.strictObject({ code: Code }),
    output: RecoveryCodes,
    errors: ['invalid_code'],
  }),
  removeTotp: route({
    ...SENSITIVE,
    method: 'DELETE',
    path: '/api/auth/totp',
    summary: 'Switch the second factor off. Idempotent.',
  }),
  newRecoveryCodes: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/recovery-codes',
    summary: 'New recovery codes; the old ones stop working.',
    output: RecoveryCodes,
    errors: ['not_enabled'],
  }),

  newPasskey: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/passkeys/options',
    summary: 'What the browser needs to make a passkey.',
    output: PasskeyChallenge,
    errors: ['not_enabled', 'limit_reached'],
  }),
  addPasskey: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/passkeys',
    summary: 'Register the passkey that the browser made.',
    body: z.strictObject({ challenge: Token, response: WebAuthnJson, name: line(1, 60) }),
    output: Passkey,
    status: 201,
    errors: ['not_enabled', 'invalid_passkey', 'limit_reached'],
  }),
  renamePasskey: route({
    ...mine,
    method: 'PATCH',
    path: '/api/auth/passkeys/:passkeyId',
    summary: 'Give a passkey another name.',
    params: passkeyParams,
    body: z.strictObject({ name: line(1, 60) }),
    output: Passkey,
    errors: ['not_found'],
  }),
  removePasskey: route({
    ...SENSITIVE,
    method: 'DELETE',
    path: '/api/auth/passkeys/:passkeyId',
    summary: 'Remove a passkey.',
    params: passkeyParams,
    errors: ['not_found', 'last_way_in'],
  }),

  linkIdentity: route({
    ...SENSITIVE,
    method: 'POST',
    path: '/api/auth/identities/:provider',
    summary:
      'Begin to link an account elsewhere: lead the browser to `location`. It ends at the web client’s settings.',
    params: providerParams,
    output: z.object({ location: z.string() }),
    errors: ['not_enabled', 'unavailable'],
  }),
  unlinkIdentity: route({
    ...SENSITIVE,
    method: 'DELETE',
    path: '/api/auth/identities/:provider',
    summary: 'Unlink an account elsewhere.',
    params: providerParams,
    errors: ['not_found', 'last_way_in'],
  }),
  identities: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/identities',
    summary: 'Accounts elsewhere that sign in here.',
    output: z.object({ identities: z.array(Identity) }),
  }),
} as const;
