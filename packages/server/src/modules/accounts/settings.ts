/** What a person has set for themself. Only what they chose is stored: the rest follows the defaults. */
import { ProtocolError, type RouteParsed, type Settings } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import { reindex } from './people.ts';
import * as rows from './profile-rows.ts';

const DEFAULT_SETTINGS: Settings = {
  privacy: { findable: true, directFrom: 'everyone' },
  notifications: { push: true, sound: true, preview: true, emailDigest: 'never' },
  chat: { enterSends: true, clock: 'auto', animations: true },
};

/** @throws ProtocolError not_found */
export async function settingsOf(db: Queryable, userId: string): Promise<Settings> {
  const chosen = await rows.chosen(db, userId);
  if (chosen === undefined) throw new ProtocolError('not_found');
  return merge(DEFAULT_SETTINGS, chosen);
}

/**
 * Changes the fields that are given; those that parallel calls change at the same time are kept.
 * @throws ProtocolError not_found, session_ended
 */
export async function updateSettings(
  core: Core,
  actor: Pick<Actor, 'userId' | 'sessionId'>,
  changes: RouteParsed<'updateSettings'>['body'],
): Promise<Settings> {
  const { userId } = actor;
  await core.db.transaction(async (tx) => {
    const chosen = await rows.chosen(tx, userId, 'lock');
    if (chosen === undefined) throw new ProtocolError('not_found');
    await core.sessions.demandLive(tx, actor);
    await rows.saveChosen(tx, userId, merge(chosen, changes), core.clock.now());
    if (changes.privacy?.findable !== undefined) await reindex(tx, userId);
  });
  return settingsOf(core.db, userId);
}

/** Field by field: one of `over` wins. */
function merge<T extends rows.Chosen>(under: T, over: RouteParsed<'updateSettings'>['body']): T {
  return {
    ...under,
    privacy: { ...under.privacy, ...over.privacy },
    notifications: { ...under.notifications, ...over.notifications },
    chat: { ...under.chat, ...over.chat },
  };
}
