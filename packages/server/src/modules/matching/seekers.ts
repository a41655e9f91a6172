/** SQL of `chat.seekers` and `chat.meetings`. Instants are epoch ms. */
import type { MatchState, MatchWishes } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Waiting } from '../../platform/matching/index.ts';
import type { Couple } from './matcher.ts';

/** Why the other one is gone. */
export type EndReason = Extract<MatchState, { state: 'ended' }>['reason'];

interface Common extends MatchWishes {
  userId: string;
  guest: boolean;
  since: number;
}
/** Someone who waits, or who is or was in a match and has not left it. */
export type Seeker =
  | (Common & { ticket: string; roomId: null })
  | (Common & { ticket: null; roomId: string; peerId: string; common: string[]; ended: EndReason | null });

const COLUMNS = `user_id AS "userId", guest, meet_guests AS "meetGuests", languages, interests, ticket, since,
  room_id AS "roomId", peer_id AS "peerId", common, ended`;

export async function seekerOf(db: Queryable, userId: string): Promise<Seeker | undefined> {
  const { rows } = await db.query<Seeker>(
    { name: 'matching.seeker', text: `SELECT ${COLUMNS} FROM chat.seekers WHERE user_id = $1` },
    [userId],
  );
  return rows[0];
}

/** Up to `limit` of them with an id after `after`, in order of id. */
export async function seekersAfter(db: Queryable, after: string | null, limit: number): Promise<Seeker[]> {
  const { rows } = await db.query<Seeker>(
    {
      name: 'matching.seekers',
      text: `SELECT ${COLUMNS} FROM chat.seekers WHERE $1::uuid IS NULL OR user_id > $1 ORDER BY user_id LIMIT $2`,
    },
    [after, limit],
  );
  return rows;
}

/** Begins to wait, or goes on with other wishes; undefined, and nothing is written, for whoever is in a match. */
export async function beginToWait(db: Queryable, person: Waiting): Promise<Waiting | undefined> {
  const { rows } = await db.query<Pick<Waiting, 'ticket' | 'since'>>(
    {
      name: 'matching.wait',
      text: `INSERT INTO chat.seekers AS s (user_id, guest, meet_guests, languages, interests, ticket, since)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (user_id) DO UPDATE
             SET guest = excluded.guest, meet_guests = excluded.meet_guests, languages = excluded.languages,
                 interests = excluded.interests
             WHERE s.ticket IS NOT NULL
             RETURNING ticket, since`,
    },
    [
      person.userId,
      person.guest,
      person.meetGuests,
      person.languages,
      person.interests,
      person.ticket,
      new Date(person.since),
    ],
  );
  return rows[0] === undefined ? undefined : { ...person, ...rows[0] };
}

/** Makes a guest who waits wait on as a member; undefined, and nothing is written, for everybody else. */
export async function waitAsMember(db: Queryable, userId: string): Promise<Waiting | undefined> {
  const { rows } = await db.query<Waiting>(
    `UPDATE chat.seekers SET guest = false WHERE user_id = $1 AND guest AND ticket IS NOT NULL
     RETURNING user_id AS "userId", guest, meet_guests AS "meetGuests", languages, interests, ticket, since`,
    [userId],
  );
  return rows[0];
}

/** Answers the ticket by which they waited, undefined if they did not. */
export async function ceaseToWait(db: Queryable, userId: string, ticket?: string): Promise<string | undefined> {
  const { rows } = await db.query<{ ticket: string }>(
    `DELETE FROM chat.seekers WHERE user_id = $1 AND ticket IS NOT NULL AND ($2::uuid IS NULL OR ticket = $2)
     RETURNING ticket`,
    [userId, ticket ?? null],
  );
  return rows[0]?.ticket;
}

/** The tickets by which these people wait, locked until the transaction ends: nobody else gives them away meanwhile. */
export async function lockTickets(db: Queryable, userIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ user_id: string; ticket: string }>(
    // In order of id, so that two transactions cannot wait for each other.
    'SELECT user_id, ticket FROM chat.seekers WHERE user_id = ANY($1::uuid[]) AND ticket IS NOT NULL ORDER BY user_id FOR UPDATE',
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, row.ticket]));
}

/** Puts people who waited into their matches, and notes that they have met. */
export async function bringTogether(
  db: Queryable,
  matches: readonly (Couple & { roomId: string })[],
  now: number,
): Promise<void> {
  const seats = matches.flatMap(({ roomId, people: [a, b], common }) => [
    { userId: a.userId, peerId: b.userId, roomId, common },
    { userId: b.userId, peerId: a.userId, roomId, common },
  ]);
  await db.query(
    `UPDATE chat.seekers s SET ticket = NULL, room_id = m.room_id, peer_id = m.peer_id, common = m.common
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::jsonb[]) AS m (user_id, peer_id, room_id, common)
     WHERE s.user_id = m.user_id`,
    [
      seats.map((seat) => seat.userId),
      seats.map((seat) => seat.peerId),
      seats.map((seat) => seat.roomId),
      seats.map((seat) => JSON.stringify(seat.common)),
    ],
  );
  const pairs = matches.map(({ people }) => pairOf(people));
  await db.query(
    `INSERT INTO chat.meetings (low, high, room_id, met_at)
     SELECT low, high, room_id, $4 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS m (low, high, room_id)
     ON CONFLICT (low, high) DO UPDATE SET room_id = excluded.room_id, met_at = excluded.met_at`,
    [pairs.map(([low]) => low), pairs.map(([, high]) => high), matches.map(({ roomId }) => roomId), new Date(now)],
  );
}

/** Ends a match by the going of `leaverId`; answers those who are told. */
export async function partWays(db: Queryable, roomId: string, leaverId: string, reason: EndReason): Promise<string[]> {
  await db.query('SELECT FROM chat.seekers WHERE room_id = $1 ORDER BY user_id FOR UPDATE', [roomId]);
  await db.query('DELETE FROM chat.seekers WHERE room_id = $1 AND user_id = $2', [roomId, leaverId]);
  const { rows } = await db.query<{ user_id: string }>(
    'UPDATE chat.seekers SET ended = $2 WHERE room_id = $1 AND ended IS NULL RETURNING user_id',
    [roomId, reason],
  );
  return rows.map((row) => row.user_id);
}

/** When each of these couples met last, in their order; null: never. */
export async function lastMeetings(db: Queryable, couples: readonly Couple[]): Promise<(number | null)[]> {
  const pairs = couples.map(({ people }) => pairOf(people));
  const { rows } = await db.query<{ met_at: number | null }>(
    `SELECT m.met_at FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS p (low, high, i)
     LEFT JOIN chat.meetings m USING (low, high) ORDER BY p.i`,
    [pairs.map(([low]) => low), pairs.map(([, high]) => high)],
  );
  return rows.map((row) => row.met_at);
}

export async function forgetMeetings(db: Queryable, before: number, limit: number): Promise<number> {
  const { rows } = await db.query(
    `DELETE FROM chat.meetings WHERE (low, high) IN (SELECT low, high FROM chat.meetings WHERE met_at < $1 LIMIT $2)
     RETURNING 1`,
    [new Date(before), limit],
  );
  return rows.length;
}

function pairOf([a, b]: Couple['people']): [low: string, high: string] {
  return a.userId < b.userId ? [a.userId, b.userId] : [b.userId, a.userId];
}
