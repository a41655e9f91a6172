/** What those who moderate do to people, and what becomes of it. */
import type { RouteInput, SanctionType } from '@confab/protocol';
import type { Person } from './person.ts';
import { sql } from './sql.ts';

/** @param roomId null: on the whole instance */
export function sanction(
  by: Person,
  whom: Person,
  type: SanctionType,
  roomId: string | null,
  more: Partial<RouteInput<'sanction'>['body']> = {},
) {
  return by.call('sanction', { body: { type, userId: whom.id, roomId, reason: 'Be kind', ...more } });
}

export function lift(by: Person, sanctionId: string) {
  return by.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
}

export function appeal(by: Person, sanctionId: string) {
  return by.call('appeal', { params: { sanctionId }, body: { text: 'It was not me' } });
}

export function decide(by: Person, sanctionId: string, granted: boolean) {
  return by.call('decideAppeal', { params: { sanctionId }, body: { granted, note: 'Looked at' } });
}

/** An hour from now, by the real clock. */
export function inAnHour(): number {
  return Date.now() + 3_600_000;
}

interface Entry {
  action: string;
  actor_id: string | null;
  room_id: string | null;
  message_id: string | null;
  details: object;
}

/** What was done to somebody, the latest last. */
export function trail(server: { databaseUrl: string }, targetId: string): Promise<Entry[]> {
  return sql<Entry>(
    server,
    'SELECT action, actor_id, room_id, message_id, details FROM safety.log WHERE target_id = $1 ORDER BY seq',
    [targetId],
  );
}

/** Of that, the names alone. */
export async function actionsOn(server: { databaseUrl: string }, targetId: string): Promise<string[]> {
  return (await trail(server, targetId)).map(({ action }) => action);
}
