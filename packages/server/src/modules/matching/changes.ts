/** The beginning and the end of a match, as the committer runs them. */
import type { PublicUser } from '@confab/protocol';
import type { Waiting } from '../../platform/matching/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type ChangeInput,
  type ChangeKind,
  emitRoom,
  join,
  oneByOne,
  type Outcome,
  preferencesOf,
  type RoomRow,
  type RoomTx,
  takeOut,
} from '../rooms/index.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Couple } from './matcher.ts';
import { bringTogether, type EndReason, lockTickets, partWays } from './seekers.ts';

/** Who did not wait any more, by that ticket; of nobody if the two have met. */
type Absent = readonly Waiting[];
interface People {
  users: ReadonlyMap<string, PublicUser>;
  sharesReads(userId: string): boolean;
}

export function matchChanges({ db, profiles }: { db: Queryable; profiles: Profiles }) {
  /**
   * Takes both tickets and makes the room, in one transaction: nobody is given away twice, whichever nodes try, and a node
   * that dies leaves either both waiting or both in the room.
   */
  const meet: ChangeKind<ChangeInput & Couple, Absent, People> = {
    name: 'meet',
    async prepare(batch) {
      const userIds = batch.flatMap(({ people }) => people.map(({ userId }) => userId));
      const [users, reachable, preferences] = await Promise.all([
        profiles.publicUsers(userIds),
        profiles.reachable(userIds),
        preferencesOf(db, userIds),
      ]);
      return {
        users: new Map(users.filter(({ id }) => reachable.has(id)).map((user) => [user.id, user])),
        sharesReads: (userId) => preferences.get(userId)?.shareReads ?? true,
      };
    },
    async apply(batch, tx, ready) {
      const tickets = await lockTickets(
        tx.db,
        batch.flatMap(({ people }) => people.map(({ userId }) => userId)),
      );
      // Shut out since it was asked who may meet.
      const out = await profiles.shutOut([...tickets.keys()], tx.db);
      const outcomes: Outcome<Absent>[] = [];
      const matches: (ChangeInput & Couple)[] = [];
      for (const match of batch) {
        const absent = match.people.filter(
          ({ userId, ticket }) => tickets.get(userId) !== ticket || !ready.users.has(userId) || out.has(userId),
        );
        outcomes.push({ ok: true, value: absent });
        if (absent.length > 0) continue;
        for (const { userId } of match.people) tickets.delete(userId);
        matches.push(match);
        await open(tx, match, ready);
      }
      if (matches.length > 0) await bringTogether(tx.db, matches, tx.now);
      return outcomes;
    },
  };

  /** Idempotent. */
  const part = oneByOne(
    'part',
    async (input: ChangeInput & { user: PublicUser; reason: EndReason }, tx): Promise<void> => {
      const { user, reason } = input;
      const room = tx.room(input.roomId);
      if (room === undefined) return void (await partWays(tx.db, input.roomId, user.id, reason));
      const [member] = await tx.members([{ roomId: room.room_id, userId: user.id }]);
      if (member?.left_at === null) await takeOut(tx, room, member, user);
      await endMatch(tx, room, user.id, reason);
    },
  );

  return { meet, part };
}

/** What follows when `leaverId` is out of the room of a match: nothing is written in it any more, and the other one is told. */
export async function endMatch(tx: RoomTx, room: RoomRow, leaverId: string, reason: EndReason): Promise<void> {
  const roomId = room.room_id;
  for (const userId of await partWays(tx.db, roomId, leaverId, reason)) {
    tx.emit(`user:${userId}`, { event: 'match', payload: { state: 'ended', roomId, reason } });
  }
  if (room.archived_at !== null) return;
  room.archived_at = tx.now;
  emitRoom(tx, room);
}

async function open(tx: RoomTx, { roomId, people, common }: ChangeInput & Couple, ready: People): Promise<void> {
  const users = people.map(({ userId }) => ready.users.get(userId)).filter((user) => user !== undefined);
  const [a, b] = users;
  if (a === undefined || b === undefined) throw new Error('somebody without a profile was let through');
  const { room } = await tx.create({ room_id: roomId, kind: 'match', name: null, topic: '', created_by: null });
  await join(
    tx,
    room,
    users.map((user) => ({ user, role: 'member' as const, sharesReads: ready.sharesReads(user.id) })),
    [],
  );
  for (const [me, other] of [[a, b] as const, [b, a] as const]) {
    tx.emit(`user:${me.id}`, {
      event: 'match',
      payload: { state: 'matched', roomId, user: other, common: [...common] },
    });
  }
}
