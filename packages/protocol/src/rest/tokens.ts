/** API tokens, for bots and scripts. */
import { z } from 'zod';
import { Id, line, Timestamp } from '../ids.ts';
import { route } from './route.ts';

/** What an API token may be allowed to do: rights.ts. `admin:*` is for those who administrate. */
export const Scope = z
  .enum([
    'profile:read',
    'people:read',
    'people:write',
    'rooms:read',
    'rooms:write',
    'messages:read',
    'messages:write',
    'moderation:read',
    'moderation:write',
    'admin:read',
    'admin:write',
  ])
  .meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;

export const ApiToken = z
  .object({
    id: Id,
    name: z.string(),
    scopes: z.array(Scope),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof ApiToken>;

const mine = { auth: 'user', group: 'Accounts' } as const;

export const tokenRoutes = {
  apiTokens: route({
    ...mine,
    method: 'GET',
    path: '/api/auth/tokens',
    summary: 'My API tokens, the newest first.',
    output: z.object({ tokens: z.array(ApiToken) }),
  }),
  createApiToken: route({
    ...mine,
    stepUp: true,
    method: 'POST',
    path: '/api/auth/tokens',
    summary: 'Make an API token. It speaks for me, as far as its scopes allow, on REST and the socket.',
    body: z.strictObject({
      name: line(1, 60),
      scopes: z.array(Scope).min(1),
      expiresInDays: z.int().min(1).max(366),
    }),
    output: ApiToken.extend({ token: z.string().meta({ description: 'Shown this once.' }) }),
    status: 201,
    errors: ['forbidden', 'limit_reached'],
  }),
  revokeApiToken: route({
    ...mine,
    method: 'DELETE',
    path: '/api/auth/tokens/:tokenId',
    summary: 'Revoke an API token: its sockets are cut. Idempotent.',
    params: z.object({ tokenId: Id }),
    errors: ['not_found'],
  }),
} as const;
