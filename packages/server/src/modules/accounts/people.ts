/** Public profiles: asked for by id, and searched. */
import { ProtocolError, type Profile, type PublicProfile, type PublicUser } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Profiles } from './contracts.ts';
import { Lru } from './lru.ts';
import type { Keyring } from './keyring.ts';
import { able, reachable, shutOut } from './profile-rows.ts';
import * as rows from './user-rows.ts';

const CACHED_FOR_MS = 5_000;
const MAX_CACHED = 10_000;
/** A name of 60 characters has 30 words at most; with the whole of it and the username: */
const MAX_TERMS = 32;

export interface People extends Profiles {
  /** @throws ProtocolError not_found */
  user(userId: string): Promise<PublicProfile>;
  /** People whose username, or a word of whose name, begins with `query`, whatever its case, in a stable order. */
  find(query: string, limit: number): Promise<PublicUser[]>;
  /** @throws ProtocolError not_found */
  profile(userId: string): Promise<Profile>;
  /** Their public profile changed, and that is committed: nobody is shown what is remembered of the old one. */
  changed(userId: string): void;
  /** What is remembered of these people is out of date. */
  forget(userIds: readonly string[]): void;
}

/** @param tellOthers called after a person's public profile changed: other nodes remember the old one for some seconds */
export function createPeople(
  db: Database,
  clock: Clock,
  keyring: Keyring,
  tellOthers: (userId: string) => void,
): People {
  const cache = new Lru<string, { user: PublicUser; at: number }>(MAX_CACHED);
  let forgotten = 0;

  async function publicUsers(userIds: readonly string[]): Promise<PublicUser[]> {
    const found: PublicUser[] = [];
    const missing: string[] = [];
    const now = clock.now();
    for (const id of new Set(userIds)) {
      const cached = cache.get(id);
      if (cached !== undefined && now - cached.at < CACHED_FOR_MS) found.push(cached.user);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    const before = forgotten;
    const loaded = await rows.publicUsers(db, missing);
    // A profile that changed while it was read may be the old one.
    if (before === forgotten) for (const user of loaded) cache.set(user.id, { user, at: now });
    return [...found, ...loaded];
  }

  function forget(userIds: readonly string[]): void {
    forgotten++;
    for (const userId of userIds) cache.delete(userId);
  }

  return {
    publicUsers,
    forget,
    usersByName: (usernames) => rows.usersByName(db, usernames),
    officers: () => rows.officers(db),
    signedUp: (userIds) => rows.signedUp(db, userIds),
    reachable: (userIds) => reachable(db, userIds),
    able: (userIds) => able(db, userIds, clock.now()),
    shutOut: (userIds, from = db) => shutOut(from, userIds, clock.now()),
    async user(userId) {
      const user = await rows.publicProfile(db, userId);
      if (user === undefined) throw new ProtocolError('not_found');
      return user;
    },
    find: (query, limit) => rows.findUsers(db, query.toLowerCase(), limit, MAX_TERMS),
    async profile(userId) {
      const row = await rows.profile(db, userId);
      if (row === undefined) throw new ProtocolError('not_found');
      return { ...row, phone: row.phone === null ? null : await keyring.open(row.phone, phonePlace(userId)) };
    },
    changed(userId) {
      forget([userId]);
      tellOthers(userId);
    },
  };
}

/** Where a sealed number belongs. */
export function phonePlace(userId: string): string {
  return `phone:${userId}`;
}

/** Writes what a person is found by: the username, the name, and the rest of the name from each of its words on. */
export async function indexPerson(tx: Queryable, person: Pick<PublicUser, 'id' | 'username' | 'name'>): Promise<void> {
  const name = person.name.toLowerCase();
  const terms = new Set([person.username, name]);
  for (const word of name.matchAll(/(?<![\p{L}\p{M}\p{N}])[\p{L}\p{N}]/gu)) terms.add(name.slice(word.index));
  await rows.setSearchTerms(tx, person.id, [...terms]);
}

/** Writes anew what a person is found by, after their name, settings or standing changed: nothing unless they can be found. */
export async function reindex(tx: Queryable, userId: string): Promise<void> {
  const person = await rows.findable(tx, userId);
  if (person === undefined) await rows.setSearchTerms(tx, userId, []);
  else await indexPerson(tx, person);
}
