/** Other people: finding them, blocking them, and what they may see. */
import { z } from 'zod';
import { PublicProfile, PublicUser } from '../accounts.ts';
import { ChatPreferences } from '../entities.ts';
import { Id, line } from '../ids.ts';
import { limit, route } from './route.ts';

export const peopleRoutes = {
  findUsers: route({
    method: 'GET',
    path: '/api/users',
    auth: 'user',
    group: 'People',
    summary: 'Find people by the beginning of a username or of a word of a name.',
    query: z.strictObject({ q: line(1, 60), limit: limit(20, 10) }),
    output: z.object({ users: z.array(PublicUser) }),
  }),
  user: route({
    method: 'GET',
    path: '/api/users/:userId',
    auth: 'user',
    group: 'People',
    summary: 'A person’s public profile.',
    params: z.object({ userId: Id }),
    output: PublicProfile,
    errors: ['not_found'],
  }),

  blocks: route({
    method: 'GET',
    path: '/api/blocks',
    auth: 'user',
    group: 'People',
    summary: 'People I block.',
    output: z.object({ userIds: z.array(Id), users: z.array(PublicUser) }),
  }),
  block: route({
    method: 'POST',
    path: '/api/blocks',
    auth: 'user',
    group: 'People',
    summary: 'Block someone: no direct messages either way, their messages hidden, no presence. They are not told.',
    body: z.strictObject({ userId: Id }),
    errors: ['not_found', 'limit_reached'],
  }),
  unblock: route({
    method: 'DELETE',
    path: '/api/blocks/:userId',
    auth: 'user',
    group: 'People',
    summary: 'Block no longer. Idempotent.',
    params: z.object({ userId: Id }),
  }),
  preferences: route({
    method: 'GET',
    path: '/api/preferences',
    auth: 'user',
    group: 'People',
    summary: 'What I let others see.',
    output: ChatPreferences,
  }),
  updatePreferences: route({
    method: 'PATCH',
    path: '/api/preferences',
    auth: 'user',
    group: 'People',
    summary: 'Change what I let others see, in all my rooms.',
    body: ChatPreferences.partial().strict(),
    output: ChatPreferences,
  }),
} as const;
