/** Who is let into a lounge. */
import { type ErrorCode, isAtLeast, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Gate } from '../rooms/index.ts';
import type { Ages } from '../safety/index.ts';
import { loungeById, type LoungeRow } from './store.ts';

/** Decides by the lounge as it is committed when it is asked. Who came in as a guest is remembered: they do not stay. */
export function loungeGate(deps: { ages: Ages }): Gate {
  return {
    async admit(tx, room, user) {
      const lounge = await loungeById(tx.db, room.lounge_id ?? '');
      if (lounge === undefined) throw new ProtocolError('not_found');
      const [refusal] = (await refusals(lounge, [user], deps.ages)).values();
      if (refusal !== undefined) throw new ProtocolError(refusal);
    },
    async entered(tx, room, user) {
      if (user.role === 'guest') await rememberGuest(tx.db, room.room_id, user.id);
    },
  };
}

/** Those of `people` who may not be in the lounge, by id, each with why. */
export async function refusals(
  lounge: LoungeRow,
  people: readonly PublicUser[],
  ages: Ages,
): Promise<Map<string, ErrorCode>> {
  const found = new Map<string, ErrorCode>();
  for (const { id, role } of people) {
    if (role === 'guest' && (lounge.guests === 'none' || lounge.min_role !== 'guest')) found.set(id, 'members_only');
    else if (!isAtLeast(role, lounge.min_role)) found.set(id, 'forbidden');
  }
  if (!lounge.adults_only) return found;
  const asked = people.map(({ id }) => id).filter((id) => !found.has(id));
  const confirmed = asked.length === 0 ? new Set<string>() : await ages.confirmedAmong(asked);
  for (const id of asked) if (!confirmed.has(id)) found.set(id, 'age_confirmation_required');
  return found;
}

async function rememberGuest(db: Queryable, roomId: string, userId: string): Promise<void> {
  await db.query(
    {
      name: 'lounges.remember_guest',
      text: 'INSERT INTO chat.lounge_guests (room_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    },
    [roomId, userId],
  );
}
