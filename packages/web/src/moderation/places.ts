/** Names of rooms, also of those that one is not in. */
import type { ListedRoom, Lounge, Room } from '@confab/sdk';
import { useCallback, useSyncExternalStore } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { reachesEverywhere, reachesIn, type Scope } from './scope.ts';

/** The id of a room, or '' for the whole instance, and what it is called. */
export type Place = readonly [id: string, name: string];
export const EVERYWHERE: Place = ['', 'Everywhere'];

const names = new Map<string, string>();
/** Of the rooms of lounges, which are called the same in each: with the lounge. */
const namesInLounges = new Map<string, string>();
/** Each is asked for once. */
const asked = new Set<string>();
const listeners = new Set<() => void>();

/** Takes in what an answer named. */
export function learnRooms(rooms: readonly Pick<Room, 'id' | 'name'>[]): void {
  for (const { id, name } of rooms) if (name !== null) names.set(id, name);
  for (const listener of listeners) listener();
}

let loungesAsked = false;
function askLounges(): void {
  if (loungesAsked) return;
  loungesAsked = true;
  loadLounges().catch(() => (loungesAsked = false));
}

let asking = false;
/** Everyone may list lounges and public rooms; what is in neither is asked for by nobody. */
function ask(roomId: string): void {
  if (asking || asked.has(roomId)) return;
  asking = true;
  asked.add(roomId);
  Promise.all([loadLounges(), client.publicRooms({ limit: 50 })]).then(
    ([, { rooms }]) => {
      asking = false;
      learnRooms(rooms.map(({ room }) => room));
    },
    () => {
      asking = false;
    },
  );
}

/** The room's name; "a room" until it is known, or where nobody tells. null stands for the whole place. */
export function useRoomName(roomId: string | null): string {
  const mine = useClient((known) => known.rooms.find(({ id }) => id === roomId)?.title);
  const inNoLounge = useClient((known) =>
    known.rooms.some(({ id, room }) => id === roomId && room.kind !== 'language'),
  );
  const learned = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (roomId === null ? undefined : (namesInLounges.get(roomId) ?? names.get(roomId))),
  );
  if (roomId === null) return 'everywhere';
  const name = namesInLounges.has(roomId) ? learned : (mine ?? learned);
  if (name === undefined) ask(roomId);
  else if (!inNoLounge) askLounges();
  return name ?? 'a room';
}

const nameInLounge = (lounge: Lounge, { name }: Pick<Room, 'name'>) => `${lounge.name}: ${name ?? '…'}`;

/** The lounges with their rooms, whose names are known from then on. */
export async function loadLounges(): Promise<Lounge[]> {
  const { lounges } = await client.call('lounges');
  for (const lounge of lounges)
    for (const { room } of lounge.rooms) namesInLounges.set(room.id, nameInLounge(lounge, room));
  for (const listener of listeners) listener();
  return lounges;
}

/** The rooms that somebody may choose from: those they moderate; of lounges too where they moderate the instance. */
export function useRoomOptions(scope: Scope): readonly Place[] {
  return useModerated(scope).map(([room, name]) => [room.id, name]);
}

/** Where one may do something about somebody. */
export function useSanctionPlaces(scope: Scope, userId: string): readonly Place[] {
  const user = useUser(userId);
  const rooms = useModerated(scope).filter(([room]) => reachesIn(room, scope.me, user));
  const places = rooms.map(([room, name]) => [room.id, name] as const);
  return reachesEverywhere(scope, user) ? [EVERYWHERE, ...places] : places;
}

function useModerated({ rooms, instance }: Scope): readonly (readonly [Room | ListedRoom, string])[] {
  const { data } = useLoaded(useCallback(() => (instance ? loadLounges() : Promise.resolve([])), [instance]));
  const mine = rooms.map((view) => [view.room, view.title] as const);
  const ofLounges = (data ?? []).flatMap((lounge) =>
    lounge.rooms.map(({ room }) => [room, nameInLounge(lounge, room)] as const),
  );
  return [...ofLounges, ...mine.filter(([{ id }]) => !ofLounges.some(([other]) => other.id === id))];
}
