import type { LiveRoom, Member, RoomState } from '@confab/sdk';
import { useEffect, useState } from 'react';
import { client } from '../lib/client.ts';
import { byRank } from './rights.ts';

interface Members {
  /** By rank, then by name. */
  list: readonly Member[];
  /** null when all are there. */
  loadMore: (() => Promise<void>) | null;
}

/** The members of a room: kept live in small ones, loaded page by page in those too large for that. */
export function useMembers(room: LiveRoom, state: RoomState): Members {
  const [pages, setPages] = useState<{ members: readonly Member[]; hasMore: boolean } | null>(null);
  const live = state.members;

  async function loadMore(loaded: readonly Member[]) {
    const after = loaded.at(-1)?.userId;
    const page = await client.call('members', {
      params: { roomId: room.id },
      query: after === undefined ? {} : { after },
    });
    setPages({ members: [...loaded, ...page.members], hasMore: page.hasMore });
  }

  const { memberCount } = state.room;
  useEffect(() => {
    if (live !== null) return;
    let mounted = true;
    client.call('members', { params: { roomId: room.id } }).then(
      ({ members, hasMore }) => mounted && setPages({ members, hasMore }),
      () => mounted && setPages({ members: [], hasMore: true }),
    );
    return () => {
      mounted = false;
    };
  }, [room, live, memberCount]);

  if (live !== null) return { list: [...live.values()].sort(byRankAndName), loadMore: null };
  const loaded = pages?.members ?? [];
  return { list: loaded, loadMore: pages?.hasMore ? () => loadMore(loaded) : null };
}

function byRankAndName(a: Member, b: Member): number {
  return byRank(a.role, b.role) || nameOf(a).localeCompare(nameOf(b));
}
const nameOf = (member: Member) => client.userById(member.userId)?.name ?? '';
