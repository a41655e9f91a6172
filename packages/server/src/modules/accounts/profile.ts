/** What a person shows of themself. */
import { ProtocolError, type Profile, type RouteParsed } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Core } from './core.ts';
import { reindex } from './people.ts';
import * as rows from './profile-rows.ts';

/**
 * Changes the fields that are given, all or none; without any nothing happens. Search finds a person by the new name from
 * then on, and every node forgets the old one. What stays as it was is not held against rules that came later.
 * @throws ProtocolError not_found, session_ended, text_rejected; silenced, unless words are only taken away
 */
export async function updateProfile(
  core: Core,
  actor: Pick<Actor, 'userId' | 'sessionId'>,
  changes: RouteParsed<'updateProfile'>['body'],
): Promise<Profile> {
  const { userId } = actor;
  if (Object.values(changes).some((value) => value !== undefined)) {
    if (saysSomething(await core.people.profile(userId), changes)) await core.demandVoice(userId);
    await core.db.transaction(async (tx) => {
      const before = await rows.lockShown(tx, userId);
      if (before === undefined) throw new ProtocolError('not_found');
      await core.sessions.demandLive(tx, actor);
      const after = { ...before, ...withoutUndefined(changes) };
      await core.demandWording(tx, changed(wordsOf(before), wordsOf(after)));
      await rows.saveShown(tx, userId, after, core.clock.now());
      if (changes.name !== undefined) await reindex(tx, userId);
    });
    core.people.changed(userId);
  }
  return core.people.profile(userId);
}

function saysSomething(before: rows.Shown, changes: RouteParsed<'updateProfile'>['body']): boolean {
  const after = { ...before, ...withoutUndefined(changes) };
  return Object.values(changed(wordsOf(before), wordsOf(after))).some((text) => (text ?? '') !== '');
}

/** What people write in their profile, by field. */
function wordsOf({ name, bio, seller }: rows.Shown): Record<string, string | null> {
  const ofSeller = Object.entries(seller ?? {}).map(([field, text]) => [`seller.${field}`, text] as const);
  return { name, bio, ...Object.fromEntries(ofSeller) };
}

function changed<T>(before: Record<string, T>, after: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(after).filter(([field, text]) => text !== before[field]));
}

function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
