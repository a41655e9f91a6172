import type { PublicUser } from '@confab/sdk';
import { useEffect, useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { PAUSE_MS } from '../lib/usePaused.ts';

interface Found {
  query: string;
  people: readonly PublicUser[];
  note: string | null;
}

/** People found for what is typed, once typing pauses; before that, those one has direct rooms with. */
export function usePeopleSearch(typed: string): { people: readonly PublicUser[]; note: string | null } {
  const query = typed.trim();
  const rooms = useClient((known) => known.rooms);
  const myId = useClient((known) => known.me?.id);
  const [found, setFound] = useState<Found>({ query: '', people: [], note: null });

  useEffect(() => {
    if (query === '') return;
    let current = true;
    const timer = setTimeout(() => {
      client.findUsers(query).then(
        (people) => current && setFound({ query, people, note: `Nobody is called “${query}” here.` }),
        (thrown: unknown) => current && setFound({ query, people: [], note: messageOf(thrown) }),
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);

  const people = query === '' ? rooms.flatMap((room) => room.peer ?? []) : found.people;
  const note = query === '' ? 'Type a name or a username.' : found.query === query ? found.note : null;
  return { people: people.filter((user) => user.id !== myId), note };
}
