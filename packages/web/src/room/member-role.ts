/** What somebody is in a room, also where it has too many members for all of them to be known. */
import type { MemberRole, RoomState } from '@confab/sdk';
import { useCallback } from 'react';
import { client } from '../lib/client.ts';
import { idBefore } from '../lib/ids.ts';
import { useLoaded } from '../lib/useLoaded.ts';

/**
 * What somebody is as a member of a room, or of the one that a thread hangs on; null: none. undefined until that is known:
 * where members are not listed the server is asked for this one.
 * @param userId null: about nobody, and nothing is asked
 */
export function useMemberRole(state: RoomState, userId: string | null): MemberRole | null | undefined {
  const roomId = state.room.parent?.roomId ?? state.room.id;
  const listed = client.room(roomId).state?.members ?? null;
  const asked = listed === null ? userId : null;
  const { data } = useLoaded(
    useCallback(async () => (asked === null ? null : { role: await loadRole(roomId, asked) }), [roomId, asked]),
  );
  if (userId === null) return undefined;
  return listed === null ? data?.role : (listed.get(userId)?.role ?? null);
}

async function loadRole(roomId: string, userId: string): Promise<MemberRole | null> {
  // They are listed in the order of their ids.
  const query = { after: idBefore(userId), limit: '1' };
  const { members } = await client.call('members', { params: { roomId }, query });
  return members.find((member) => member.userId === userId)?.role ?? null;
}
