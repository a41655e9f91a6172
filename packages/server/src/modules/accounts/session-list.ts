/** Where a person is signed in, and how they end it there. */
import { ProtocolError, type Session } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import { deviceName } from './device-names.ts';
import { endSession } from './session-rows.ts';

/** Sessions that a person signed in to are apart from those that API tokens stand for. */
export type Kind = 'session' | 'api_token';

const OF_KIND = (kind: Kind) =>
  `${kind === 'session' ? 'not ' : ''}exists (select from accounts.api_tokens t where t.session_id = s.id)`;

/** A person’s sessions that live, the latest use first. `sessionId` is the one that asks, if any. */
export async function liveSessions(
  core: Core,
  { userId, sessionId }: { userId: string; sessionId: string | null },
): Promise<Session[]> {
  const { rows } = await core.db.query<Omit<Session, 'current' | 'device'> & { userAgent: string }>(
    `select s.id, s.method, s.user_agent as "userAgent", s.ip, s.created_at as "createdAt",
       s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt"
     from accounts.sessions s
     where s.user_id = $1 and s.ended_at is null and s.expires_at > $2 and ${OF_KIND('session')}
     order by s.last_used_at desc, s.id desc`,
    [userId, new Date(core.clock.now())],
  );
  return rows.map(({ userAgent, ...row }) => ({
    ...row,
    device: deviceName(userAgent),
    current: row.id === sessionId,
  }));
}

/**
 * Ends one of the actor’s own and cuts its sockets on every node. Ending it again does nothing.
 * @throws ProtocolError not_found for one of somebody else, or of the other kind, as for one that never was
 */
export async function endOwn(core: Core, actor: Actor, kind: Kind, sessionId: string, ip: string): Promise<void> {
  const ended = await core.db.transaction(async (tx) => {
    const { rows } = await tx.query(
      `select from accounts.sessions s where s.id = $1 and s.user_id = $2 and ${OF_KIND(kind)}`,
      [sessionId, actor.userId],
    );
    if (rows.length === 0) throw new ProtocolError('not_found');
    if (!(await endSession(tx, sessionId, 'revoked', core.clock.now()))) return [];
    await recordEnd(core, tx, actor, `${kind}.revoked`, ip, [sessionId]);
    return [sessionId];
  });
  core.sessions.announce({ sessionIds: ended, reason: 'revoked' });
}

/** Ends all sessions of the actor but the one they call from. API tokens stay: they are revoked one by one. */
export async function endOthers(core: Core, actor: Actor, ip: string): Promise<void> {
  const ended = await core.db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `update accounts.sessions s set ended_at = $3, end_reason = 'revoked'
       where s.user_id = $1 and s.id <> $2 and s.ended_at is null and ${OF_KIND('session')} returning s.id`,
      [actor.userId, actor.sessionId, new Date(core.clock.now())],
    );
    const sessionIds = rows.map(({ id }) => id);
    if (sessionIds.length > 0) await recordEnd(core, tx, actor, 'session.revoked', ip, sessionIds);
    return sessionIds;
  });
  core.sessions.announce({ sessionIds: ended, reason: 'revoked' });
}

async function recordEnd(
  { audit }: Core,
  tx: Queryable,
  { userId }: Actor,
  action: string,
  ip: string,
  sessionIds: string[],
): Promise<void> {
  await audit.record(tx, { action, actorId: userId, targetId: userId, ip, details: { sessionIds } });
}
