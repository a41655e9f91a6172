/** API tokens: a session each, for a program, as far as its scopes allow. */
import { createHash } from 'node:crypto';
import { type ApiToken, isAtLeast, LIMITS, ProtocolError, type RouteOutput, type RouteParsed } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { API_TOKEN, apiTokensOf, insertApiToken } from './api-token-rows.ts';
import type { Core } from './core.ts';

const DAY_MS = 24 * 3600_000;

/** Those that live, the newest first. */
export function apiTokens({ db, clock }: Core, actor: Actor): Promise<ApiToken[]> {
  return apiTokensOf(db, actor.userId, clock.now());
}

/**
 * Makes a token; it is in the answer and nowhere else. Calls at the same time take turns: none goes beyond the limit, and
 * none outlives a ban or a demotion that came first.
 * @throws ProtocolError forbidden for scopes beyond the role, limit_reached, session_ended
 */
export async function createApiToken(
  { db, clock, ids, audit, sessions }: Core,
  actor: Actor,
  { name, scopes, expiresInDays }: RouteParsed<'createApiToken'>['body'],
  ip: string,
): Promise<RouteOutput<'createApiToken'>> {
  const token = API_TOKEN + ids.token(32);
  const id = ids.uuid();
  const wanted = [...new Set(scopes)];
  return db.transaction(async (tx) => {
    const { userId } = actor;
    const holder = await sessions.demandLive(tx, actor);
    const createdAt = clock.now();
    if (wanted.some((scope) => scope.startsWith('admin:')) && !isAtLeast(holder.role, 'admin')) {
      throw new ProtocolError('forbidden');
    }
    if ((await apiTokensOf(tx, userId, createdAt)).length >= LIMITS.apiTokens) throw new ProtocolError('limit_reached');
    const expiresAt = createdAt + expiresInDays * DAY_MS;
    const hash = createHash('sha256').update(token).digest();
    await insertApiToken(tx, { id, userId, name, hash, scopes: wanted, createdAt, expiresAt, ip });
    const details = { sessionId: id, scopes: wanted, expiresAt };
    await audit.record(tx, { action: 'api_token.created', actorId: userId, targetId: userId, ip, details });
    return { id, name, scopes: wanted, createdAt, expiresAt, lastUsedAt: null, token };
  });
}
