/** Who may decide which appeals, as things stand; under the locks of a decision it is asked once more. */
import {
  isAtLeast,
  isHigher,
  type MemberRole,
  type RightsKind,
  roleReaches,
  roomRole,
  type Standing,
  standsAbove,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { mayBan, type Profiles } from '../accounts/index.ts';
import { judgesOf } from './case-officers.ts';
import type { SanctionRow } from './sanction-rows.ts';

interface Place {
  rights: RightsKind;
  roles: Map<string, MemberRole>;
}

const NOBODY: Standing = { role: null, instance: 'user' };
const PLACES = `SELECT r.room_id, r.kind, m.user_id, m.role FROM chat.rooms r
  LEFT JOIN chat.members m ON m.room_id = r.room_id AND m.left_at IS NULL
    AND (m.role <> 'member' OR m.user_id = ANY($2::uuid[]))
  WHERE r.room_id = ANY($1::uuid[]) AND r.deleted_at IS NULL AND r.kind <> 'match'`;

/** Of those who moderate a room, who could decide in place of whoever did it: of their rank or above. */
export function othersWhoMay(
  rights: RightsKind,
  standings: ReadonlyMap<string, Standing>,
  { by, about }: { by: string; about: string },
): string[] {
  const [own = NOBODY, whom = NOBODY] = [standings.get(by), standings.get(about)];
  return [...standings].flatMap(([id, one]) => {
    const role = roomRole(rights, one.role, one.instance);
    const moderates = role !== null && roleReaches('moderate', rights, role) && standsAbove(rights, one, whom);
    return moderates && id !== by && id !== about && !isHigher(rights, own, one) ? [id] : [];
  });
}

/** Those of `rows` whose appeals the actor may decide, in their order. */
export async function decidable(deps: Judging, actor: Actor, rows: readonly SanctionRow[]): Promise<SanctionRow[]> {
  const mayDecide = await judging(deps, rows, [actor.userId]);
  return rows.filter((row) => mayDecide(row, actor));
}

/** Of these people those who may decide the appeal. */
export async function judgesAmong(
  deps: Judging,
  row: SanctionRow,
  userIds: readonly string[],
): Promise<readonly string[]> {
  const mayDecide = await judging(deps, [row], userIds);
  const people = await deps.profiles.publicUsers(userIds);
  return people.flatMap(({ id, role }) => (mayDecide(row, { userId: id, role }) ? [id] : []));
}

interface Judging {
  db: Queryable;
  profiles: Profiles;
}

/** @param people who is asked for */
async function judging(
  { db, profiles }: Judging,
  rows: readonly SanctionRow[],
  people: readonly string[],
): Promise<(row: SanctionRow, who: Pick<Actor, 'userId' | 'role'>) => boolean> {
  if (rows.length === 0) return () => false;
  const known = rows.flatMap(({ user_id, imposed_by }) => [user_id, imposed_by ?? []].flat());
  const places = await placesOf(db, rows, [...new Set([...known, ...people])]);
  const officers = await profiles.officers();
  const users = await profiles.publicUsers([...new Set([...known, ...officers])]);
  const offices = new Map(users.map((user) => [user.id, user.role]));
  const moderators = [...places.values()].flatMap(({ roles }) => [...roles.keys()]);
  const able = await profiles.able([...new Set([...officers, ...moderators])]);
  const all = users.filter(({ id }) => officers.includes(id));

  return (row, { userId, role }) => {
    const { user_id: about, imposed_by: by, room_id: roomId, type, created_at, until } = row;
    const place = roomId === null ? undefined : places.get(roomId);
    const officeOf = (id: string) => (id === userId ? role : (offices.get(id) ?? 'user'));
    if (place === undefined) {
      const isAbove = by !== null && !isAtLeast(role, officeOf(by));
      const isTooLong = roomId === null && type === 'ban' && !mayBan(role, created_at, until);
      const mayOther = (id: string) => id !== about && id !== userId && able.has(id) && isAtLeast(officeOf(id), role);
      const reaches =
        roomId === null
          ? isAtLeast(role, 'moderator') && !isAtLeast(officeOf(about), role)
          : judgesOf({ all, able }, about).includes(userId);
      return reaches && !isAbove && !isTooLong && !(by === userId && officers.some(mayOther));
    }
    const { rights, roles } = place;
    const standing = (id: string): Standing => ({ role: roles.get(id) ?? null, instance: officeOf(id) });
    const own = standing(userId);
    if (!standsAbove(rights, own, standing(about))) return false;
    if (by !== userId) return by === null || !isHigher(rights, standing(by), own);
    const there = [...new Set([...roles.keys(), ...officers, about, userId])];
    const others = othersWhoMay(rights, new Map(there.map((id) => [id, standing(id)])), { by, about });
    return !others.some((id) => able.has(id));
  };
}

async function placesOf(
  db: Queryable,
  all: readonly SanctionRow[],
  people: readonly string[],
): Promise<Map<string, Place>> {
  const roomIds = new Set(all.flatMap(({ room_id }) => room_id ?? []));
  const { rows } = await db.query<{
    room_id: string;
    kind: RightsKind;
    user_id: string | null;
    role: MemberRole | null;
  }>(PLACES, [[...roomIds], people]);
  const places = new Map<string, Place>();
  for (const { room_id, kind, user_id, role } of rows) {
    const place = places.get(room_id) ?? { rights: kind, roles: new Map<string, MemberRole>() };
    if (user_id !== null && role !== null) place.roles.set(user_id, role);
    places.set(room_id, place);
  }
  return places;
}
