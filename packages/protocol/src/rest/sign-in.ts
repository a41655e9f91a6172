/** The ways in, and the session that follows. */
import { z } from 'zod';
import { Code, Email, Password, PersonName, Profile, Token, Username } from '../accounts.ts';
import { Id } from '../ids.ts';
import { route } from './route.ts';

export const SignedIn = z
  .object({
    user: Profile,
    accessToken: z.string().meta({ description: 'A JWT for `Authorization: Bearer` and the socket handshake.' }),
    expiresIn: z.int().meta({ description: 'Seconds.' }),
    refreshToken: z.string().optional().meta({ description: 'Only with transport "body".' }),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

/** The first factor was right; there is no session before the second one. */
export const SecondFactorNeeded = z
  .object({
    secondFactor: z.object({
      challenge: Token.meta({ description: 'To be sent with the code to `secondFactor`.' }),
      expiresIn: z.int().meta({ description: 'Seconds.' }),
    }),
  })
  .meta({ id: 'SecondFactorNeeded' });
export type SecondFactorNeeded = z.infer<typeof SecondFactorNeeded>;

export const SignInAnswer = z.union([SignedIn, SecondFactorNeeded]);
export type SignInAnswer = z.infer<typeof SignInAnswer>;

const Transport = z
  .enum(['cookie', 'body'])
  .default('cookie')
  .meta({ description: 'Where the refresh token travels: an HttpOnly cookie, or the answer’s body for programs.' });
const RefreshBody = z.strictObject({ refreshToken: z.string().min(1).max(200).optional() });

const Provider = z.object({
  provider: z
    .string()
    .max(40)
    .regex(/^[a-z0-9-]+$/, 'is not a provider'),
});
const ReturnTo = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\u0000-\u0020]*$/, 'must be a path of this site')
  .meta({ description: 'A path of the web client to end at.' });

/** Options and answers of the browser’s WebAuthn interface, as JSON (WebAuthn Level 3 §5.1.8 and later). */
export const WebAuthnJson = z.record(z.string(), z.unknown()).meta({ id: 'WebAuthn' });
export const PasskeyChallenge = z
  .object({ challenge: Token.meta({ description: 'To be sent back with the response.' }), options: WebAuthnJson })
  .meta({ id: 'PasskeyChallenge' });

const group = 'Signing in';
const open = { method: 'POST', auth: 'none', group } as const;

export const signInRoutes = {
  waysIn: route({
    method: 'GET',
    path: '/api/auth/ways',
    auth: 'none',
    group,
    summary: 'How one can sign in here.',
    output: z.object({
      mail: z.boolean().meta({ description: 'One-time codes, verification and password reset by mail.' }),
      sms: z.boolean(),
      guests: z.boolean(),
      passkeys: z.boolean(),
      providers: z.array(z.object({ id: z.string(), name: z.string() })),
    }),
  }),
  signUp: route({
    ...open,
    path: '/api/auth/signup',
    summary:
      'Create an account and sign in. Whether the address has an account already is not told: it is mailed what concerns it.',
    body: z.strictObject({
      email: Email,
      password: Password,
      username: Username,
      name: PersonName.optional(),
      transport: Transport,
    }),
    output: SignedIn,
    status: 201,
    errors: ['username_taken', 'text_rejected', 'overloaded'],
  }),
  signIn: route({
    ...open,
    path: '/api/auth/signin',
    summary: 'Sign in with a password, by address or username.',
    body: z
      .strictObject({
        email: Email.optional(),
        username: Username.optional(),
        password: z.string().min(1).max(200),
        transport: Transport,
      })
      .refine((body) => (body.email === undefined) !== (body.username === undefined), {
        path: ['email'],
        error: 'either it or username must be given',
      }),
    output: SignInAnswer,
    errors: ['invalid_credentials', 'account_disabled', 'account_banned', 'overloaded'],
  }),
  secondFactor: route({
    ...open,
    path: '/api/auth/second-factor',
    summary: 'Finish signing in with a code of the authenticator app, or with a recovery code. 5 tries a challenge.',
    body: z.strictObject({
      challenge: Token,
      code: z
        .string()
        .min(6)
        .max(40)
        .meta({ description: '6 digits, or a recovery code.', examples: ['123456'] }),
      transport: Transport,
    }),
    output: SignedIn,
    errors: ['invalid_code', 'account_disabled', 'account_banned'],
  }),
  guest: route({
    ...open,
    path: '/api/auth/guest',
    summary: 'Come in as a guest, for a limited time and with limited rights.',
    body: z.strictObject({ name: PersonName.optional(), transport: Transport }),
    output: SignedIn,
    status: 201,
    errors: ['not_enabled', 'text_rejected'],
  }),
  requestCode: route({
    ...open,
    path: '/api/auth/otp',
    summary: 'Mail a one-time code to sign in with. The answer is the same whether the address has an account or not.',
    body: z.strictObject({ email: Email }),
    output: z.object({ expiresIn: z.int().meta({ description: 'Seconds.' }) }),
    errors: ['not_enabled'],
  }),
  verifyCode: route({
    ...open,
    path: '/api/auth/otp/verify',
    summary: 'Sign in with a mailed one-time code. 5 tries a code; it works once.',
    body: z.strictObject({ email: Email, code: Code, transport: Transport }),
    output: SignInAnswer,
    errors: ['invalid_code', 'account_disabled', 'account_banned'],
  }),
  verifyEmail: route({
    ...open,
    path: '/api/auth/email/verify',
    summary: 'Prove an address with the token of the mailed link. It works once.',
    body: z.strictObject({ token: Token }),
    output: z.object({ email: z.string() }),
    errors: ['invalid_link'],
  }),
  forgotPassword: route({
    ...open,
    path: '/api/auth/password/forgot',
    summary: 'Mail a link to set a new password. The answer is the same whether the address has an account or not.',
    body: z.strictObject({ email: Email }),
    errors: ['not_enabled'],
  }),
  resetPassword: route({
    ...open,
    path: '/api/auth/password/reset',
    summary: 'Set a new password with the token of the mailed link. It works once; all sessions end.',
    body: z.strictObject({ token: Token, password: Password }),
    errors: ['invalid_link', 'overloaded'],
  }),
  passkeyOptions: route({
    ...open,
    path: '/api/auth/passkeys/signin/options',
    summary: 'What the browser needs to sign in with a passkey.',
    output: PasskeyChallenge,
    errors: ['not_enabled'],
  }),
  passkeySignIn: route({
    ...open,
    path: '/api/auth/passkeys/signin',
    summary: 'Sign in with a passkey. No second factor is asked for: a passkey is two.',
    body: z.strictObject({ challenge: Token, response: WebAuthnJson, transport: Transport }),
    output: SignedIn,
    errors: ['not_enabled', 'invalid_passkey', 'account_disabled', 'account_banned'],
  }),
  oauthStart: route({
    method: 'GET',
    path: '/api/auth/oauth/:provider',
    auth: 'none',
    group,
    summary: 'Sign in with an account elsewhere: leads the browser there.',
    params: Provider,
    query: z.strictObject({ returnTo: ReturnTo.optional() }),
    output: z.object({ location: z.string() }),
    redirect: true,
    errors: ['not_enabled', 'unavailable'],
  }),
  oauthCallback: route({
    method: 'GET',
    path: '/api/auth/oauth/:provider/callback',
    auth: 'none',
    group,
    summary:
      'Where the provider leads back to. Leads on to the web client: signed in, or with what is still needed in the fragment (`#ticket=`, `#challenge=`, `#error=`).',
    params: Provider,
    query: z.looseObject({}),
    output: z.object({ location: z.string() }),
    redirect: true,
  }),
  oauthComplete: route({
    ...open,
    path: '/api/auth/oauth/complete',
    summary: 'Choose a username after the first sign-in with an account elsewhere.',
    body: z.strictObject({ ticket: Token, username: Username, name: PersonName.optional(), transport: Transport }),
    output: SignedIn,
    status: 201,
    errors: ['invalid_link', 'username_taken', 'text_rejected', 'identity_taken'],
  }),
  refresh: route({
    method: 'POST',
    path: '/api/auth/refresh',
    auth: 'refresh',
    limit: 'refresh',
    group,
    summary:
      'Exchange the refresh token for a new pair. A spent token ends the session, except that a retry within 10 s gets the same successor. After a ban the refusal has a token to appeal with.',
    body: RefreshBody.optional(),
    output: SignedIn,
    errors: ['unauthenticated', 'session_ended', 'account_banned', 'csrf'],
  }),
  signOut: route({
    method: 'POST',
    path: '/api/auth/signout',
    auth: 'refresh',
    limit: 'refresh',
    group,
    summary:
      'End the session of the refresh token. Its sockets are closed. Succeeds for a token that is already spent or unknown.',
    body: RefreshBody.optional(),
    errors: ['csrf'],
  }),
  csrf: route({
    method: 'GET',
    path: '/api/auth/csrf',
    auth: 'none',
    limit: 'refresh',
    group,
    summary: 'A token to send as `x-csrf-token` with the calls that are authenticated by cookie.',
    output: z.object({ csrfToken: z.string() }),
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    auth: 'none',
    group,
    summary: 'Public keys of the access tokens (RFC 7517).',
    output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  }),
} as const;

export const passkeyParams = z.object({ passkeyId: Id });
export const providerParams = Provider;
