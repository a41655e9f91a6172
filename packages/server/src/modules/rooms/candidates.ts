import { type DirectFrom, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { preferencesOf } from './preferences.ts';

/** Someone who may become a member, with what decides how. */
export interface Candidate {
  user: PublicUser;
  sharesReads: boolean;
  directFrom: DirectFrom;
}

/**
 * In the order of `userIds`, each there or the whole refused.
 * @throws ProtocolError not_found (the field that `field` names for an index)
 */
export async function candidates(
  deps: { db: Queryable; profiles: Profiles },
  userIds: readonly string[],
  field: (index: number) => string,
): Promise<Candidate[]> {
  const [users, reachable, preferences] = await Promise.all([
    deps.profiles.publicUsers(userIds),
    deps.profiles.reachable(userIds),
    preferencesOf(deps.db, userIds),
  ]);
  const found = new Map(users.map((user) => [user.id, user]));
  return userIds.map((id, i) => {
    const user = found.get(id);
    const directFrom = reachable.get(id);
    if (user === undefined || directFrom === undefined) {
      throw new ProtocolError('not_found', { fields: [{ field: field(i), problem: 'is nobody' }] });
    }
    return { user, directFrom, sharesReads: preferences.get(id)?.shareReads ?? true };
  });
}

/** Someone who acts for themself. @throws ProtocolError not_found */
export async function candidate(deps: { db: Queryable; profiles: Profiles }, userId: string): Promise<Candidate> {
  const [self] = await candidates(deps, [userId], () => 'userId');
  if (self === undefined) throw new ProtocolError('not_found');
  return self;
}
