/** Signing up, in and out, and one’s own profile. */
import { z } from 'zod';
import { Email, Password, PersonName, Profile, Username } from '../entities.ts';
import { route } from './route.ts';

const SignedIn = z
  .object({
    user: Profile,
    accessToken: z.string().meta({ description: 'A JWT for `Authorization: Bearer` and the socket handshake.' }),
    expiresIn: z.int().meta({ description: 'Seconds.' }),
    refreshToken: z.string().optional().meta({ description: 'Only with transport "body".' }),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

const Transport = z
  .enum(['cookie', 'body'])
  .default('cookie')
  .meta({ description: 'Where the refresh token travels: an HttpOnly cookie, or the answer’s body for programs.' });
const RefreshBody = z.strictObject({ refreshToken: z.string().min(1).max(200).optional() });

export const accountRoutes = {
  signUp: route({
    method: 'POST',
    path: '/api/auth/signup',
    auth: 'none',
    group: 'Accounts',
    summary: 'Create an account and sign in.',
    body: z.strictObject({
      email: Email,
      password: Password,
      username: Username,
      name: PersonName.optional(),
      transport: Transport,
    }),
    output: SignedIn,
    status: 201,
    errors: ['email_taken', 'username_taken', 'overloaded'],
  }),
  signIn: route({
    method: 'POST',
    path: '/api/auth/signin',
    auth: 'none',
    group: 'Accounts',
    summary: 'Sign in with a password.',
    body: z.strictObject({ email: Email, password: z.string().min(1).max(200), transport: Transport }),
    output: SignedIn,
    errors: ['invalid_credentials', 'overloaded'],
  }),
  refresh: route({
    method: 'POST',
    path: '/api/auth/refresh',
    auth: 'refresh',
    group: 'Accounts',
    summary:
      'Exchange the refresh token for a new pair. A spent token ends the session, except that a retry within 10 s gets the same successor.',
    body: RefreshBody.optional(),
    output: SignedIn,
    errors: ['unauthenticated', 'session_ended', 'csrf'],
  }),
  signOut: route({
    method: 'POST',
    path: '/api/auth/signout',
    auth: 'refresh',
    group: 'Accounts',
    summary:
      'End the session of the refresh token. Its sockets are closed. Succeeds for a token that is already spent or unknown.',
    body: RefreshBody.optional(),
    errors: ['csrf'],
  }),
  csrf: route({
    method: 'GET',
    path: '/api/auth/csrf',
    auth: 'none',
    group: 'Accounts',
    summary: 'A token to send as `x-csrf-token` with the calls that are authenticated by cookie.',
    output: z.object({ csrfToken: z.string() }),
  }),
  profile: route({
    method: 'GET',
    path: '/api/auth/profile',
    auth: 'user',
    group: 'Accounts',
    summary: 'My profile.',
    output: Profile,
  }),
  updateProfile: route({
    method: 'PATCH',
    path: '/api/auth/profile',
    auth: 'user',
    group: 'Accounts',
    summary: 'Change my profile.',
    body: z.strictObject({ name: PersonName.optional() }),
    output: Profile,
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    auth: 'none',
    group: 'Accounts',
    summary: 'Public keys of the access tokens (RFC 7517).',
    output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  }),
} as const;
