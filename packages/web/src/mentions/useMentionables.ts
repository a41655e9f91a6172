import type { PublicUser, RoomState } from '@confab/sdk';
import { useEffect, useState } from 'react';
import { client } from '../lib/client.ts';
import { PAUSE_MS } from '../lib/usePaused.ts';
import { may, seatOf } from '../room/rights.ts';

/** What can be put in the place of what is being typed. */
export interface Suggestion {
  key: string;
  label: string;
  detail: string;
  /** Whose picture stands beside it. */
  user: PublicUser | null;
  insert: string;
}

const SHOWN = 6;

const EVERYONE = [
  ['room', 'Everyone in the room'],
  ['here', 'Everyone who is online'],
] as const;

/** Whom `@query` may mean here; nobody while `query` is null. */
export function useMentionables(state: RoomState, query: string | null): readonly Suggestion[] {
  const parent = state.room.parent === null ? null : client.room(state.room.parent.roomId).state;
  const members = (parent ?? state).members;
  const [found, setFound] = useState<readonly PublicUser[]>([]);
  const searches = members === null && query !== null && query !== '' && client.may('findUsers');

  useEffect(() => {
    if (!searches) return;
    let current = true;
    const timer = setTimeout(() => {
      client.findUsers(query).then(
        (users) => current && setFound(users),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [searches, query]);

  if (query === null) return [];
  const people = members === null ? found : [...members.keys()].flatMap((id) => client.userById(id) ?? []);
  const everyone = may('mentionEveryone', seatOf(state)) ? EVERYONE : [];
  return [
    ...people
      .filter((user) => user.id !== state.me.userId && isMeant(user, query))
      .map((user) => ({
        key: user.id,
        label: user.name,
        detail: `@${user.username}`,
        user,
        insert: `@${user.username} `,
      })),
    ...everyone
      .filter(([name]) => name.startsWith(query))
      .map(([name, detail]) => ({ key: name, label: `@${name}`, detail, user: null, insert: `@${name} ` })),
  ].slice(0, SHOWN);
}

function isMeant({ username, name }: PublicUser, query: string): boolean {
  return (
    username.startsWith(query) ||
    name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(query))
  );
}
