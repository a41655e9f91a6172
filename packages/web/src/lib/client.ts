/** The one connection of this page, and its state as React sees it. */
import { ConfabClient, type LiveRoom, type OutboxItem, type PublicUser, type RoomState } from '@confab/sdk';
import { useSyncExternalStore } from 'react';
import { tabStore } from './tab-store.ts';

export const client = new ConfabClient({ url: location.origin, store: tabStore() });

const subscribe = (changed: () => void) => client.subscribe(changed);

/** What `select` picks of the client. It must answer the same value until something changes. */
export function useClient<T>(select: (client: ConfabClient) => T): T {
  return useSyncExternalStore(subscribe, () => select(client));
}

/** A person's profile; undefined until it is known. */
export function useUser(userId: string | null): PublicUser | undefined {
  return useClient((known) => (userId === null ? undefined : known.userById(userId)));
}

export interface LiveRoomView {
  room: LiveRoom;
  state: RoomState | null;
  pending: readonly OutboxItem[];
}

export function useLiveRoom(roomId: string): LiveRoomView {
  const room = client.room(roomId);
  const state = useSyncExternalStore(
    (changed) => room.subscribe(changed),
    () => room.state,
  );
  const pending = useSyncExternalStore(
    (changed) => room.subscribe(changed),
    () => room.pending,
  );
  return { room, state, pending };
}
