/** The invariants at the end of a run. */
import { LIMITS, type RoomSnapshot, type RoomSummary } from '@confab/protocol';
import { expect } from 'vitest';
import { fromSnapshot, fromSummary } from '../../sdk/src/reducer.ts';
import type { RoomState } from '../../sdk/src/types.ts';
import type { ModelRoom } from './model-state.ts';
import type { Run } from './model-run.ts';

interface Stored {
  room_id: string;
  message_id: string;
  n: number;
  rev: number;
  sender_id: string;
  client_id: string;
  kind: string;
  body: string;
  deleted: boolean;
  reactions: { emoji: string; count: number; userIds: string[] }[] | null;
}
interface Counted {
  room_id: string;
  user_id: string;
  last_read_n: number;
  unread: number;
  mentions: number;
}

const STORED = `SELECT room_id, message_id, n::int, rev::int, sender_id, client_id, kind, body, deleted_at IS NOT NULL AS deleted,
                       parts->'reactions' AS reactions
                FROM chat.messages WHERE room_id = ANY($1) ORDER BY room_id, n`;
const HEADS =
  'SELECT room_id, n::int, rev::int, deleted_at IS NOT NULL AS deleted FROM chat.rooms WHERE room_id = ANY($1)';
// Counted apart from the server's own query, from the messages alone.
const COUNTED = `
  SELECT m.room_id, m.user_id, m.last_read_n::int,
         count(x.n)::int AS unread,
         (count(x.n) FILTER (WHERE x.parts->'mentions'->'userIds' ? m.user_id::text
                                OR x.parts->'mentions'->>'everyone' IS NOT NULL))::int AS mentions
  FROM chat.members m
  LEFT JOIN chat.messages x ON x.room_id = m.room_id AND x.n > m.last_read_n AND x.sender_id <> m.user_id
    AND x.deleted_at IS NULL AND x.kind <> 'system'
    AND NOT EXISTS (SELECT 1 FROM safety.blocks b WHERE b.blocker_id = m.user_id AND b.blocked_id = x.sender_id)
  WHERE m.room_id = ANY($1) AND m.left_at IS NULL
  GROUP BY m.room_id, m.user_id, m.last_read_n`;

/**
 * Acknowledged is stored, once; numbers are gapless and the same for every reader; unread is what a recount says; every
 * device shows what a fresh one would.
 */
export async function verify(run: Run): Promise<void> {
  const roomIds = [run.rooms.map((room) => room.id)];
  const { pool, devices } = run.stage;
  const [stored, heads, counted] = await Promise.all([
    pool.query<Stored>(STORED, roomIds),
    pool.query<{ room_id: string; n: number; rev: number }>(HEADS, roomIds),
    pool.query<Counted>(COUNTED, roomIds),
    ...devices.flat().map(async (device) => {
      if (device.connection === null) return device.resume(run.stage.urls[0]);
      await device.hear([]);
      await device.sync();
    }),
  ]);
  const rows = Map.groupBy(stored.rows, (row) => row.room_id);
  for (const room of run.rooms) {
    const head = heads.rows.find((row) => row.room_id === room.id);
    const messages = rows.get(room.id) ?? [];
    expect(messages.map((row) => row.n)).toEqual(Array.from({ length: head?.n ?? 0 }, (_, i) => i + 1));
    expect(new Set(messages.map((row) => row.rev)).size).toBe(messages.length);
    expect(said(messages)).toEqual(acknowledged(run, room));
  }
  await Promise.all(run.stage.people.map((_, person) => verifyPerson(run, person, rows, counted.rows)));
}

function said(rows: readonly Stored[]): unknown[] {
  return rows
    .filter((row) => row.kind !== 'system')
    .map(({ message_id: id, n, sender_id: senderId, client_id: clientId, body, deleted, reactions }) => ({
      id,
      n,
      senderId,
      clientId,
      body,
      deleted,
      reactions: (reactions ?? [])
        .map(({ emoji, count, userIds }) => ({ emoji, count, userIds: userIds.toSorted() }))
        .toSorted((a, b) => (a.emoji < b.emoji ? -1 : 1)),
    }));
}

function acknowledged(run: Run, room: ModelRoom): unknown[] {
  return room.messages
    .toSorted((a, b) => a.n - b.n)
    .map(({ id, n, sender, clientId, body, deleted, reactions }) => ({
      id,
      n,
      senderId: run.person(sender).id,
      clientId,
      body,
      deleted,
      reactions: [...reactions]
        .map(([emoji, people]) => ({
          emoji,
          count: people.size,
          userIds: [...people].map((person) => run.person(person).id).toSorted(),
        }))
        .toSorted((a, b) => (a.emoji < b.emoji ? -1 : 1)),
    }));
}

async function verifyPerson(
  run: Run,
  person: number,
  rows: ReadonlyMap<string, readonly Stored[]>,
  counted: readonly Counted[],
): Promise<void> {
  const who = run.person(person);
  const [first, ...others] = run.stage.devices[person] ?? [];
  const connection = first?.connection;
  if (!first || !connection) throw new Error('no device');
  const { added } = await connection.ask('sync', { rooms: [] });
  const mine = run.rooms.filter((room) => room.has(person));
  expect(added.map(({ room }) => room.id).toSorted()).toEqual(mine.map((room) => room.id).toSorted());
  for (const room of mine) {
    const summary = added.find((line) => line.room.id === room.id);
    const recount = counted.find((line) => line.room_id === room.id && line.user_id === who.id);
    if (summary === undefined || recount === undefined) throw new Error('a room of theirs is missing');
    expect({ unread: summary.unread, mentions: summary.mentions }).toEqual({
      unread: Math.min(LIMITS.unreadCap, recount.unread),
      mentions: recount.mentions,
    });
    const mark = room.marks.get(person);
    if (mark !== undefined) expect(recount.last_read_n).toBe(mark);
    expect(summary.me.role).toBe(room.kind === 'thread' ? summary.me.role : room.members.get(person));
    expect(summary.me.starred.toSorted()).toEqual([...(room.stars.get(person) ?? [])].toSorted());
    const waiting = summary.me.held.filter(({ status }) => status === 'pending').map(({ id }) => id);
    expect(waiting.toSorted()).toEqual(
      room
        .heldOf(person)
        .map(({ id }) => id)
        .toSorted(),
    );
    const shown = [first, ...others].map((device) => device.states.get(room.id));
    // A whole snapshot only where a device shows one.
    const open = shown.some((state) => state?.open);
    const fresh = open ? await who.call('room', { params: { roomId: room.id } }) : null;
    if (fresh) verifyHistory(run, person, fresh, rows.get(room.id) ?? []);
    for (const state of shown) expect(state && picture(state)).toEqual(expected(state, summary, fresh, who.id));
  }
  for (const device of [first, ...others]) {
    expect([...device.states.keys()].toSorted()).toEqual(mine.map((room) => room.id).toSorted());
  }
}

// What a reader is shown is what is stored, apart from the words of those they block.
function verifyHistory(run: Run, person: number, fresh: RoomSnapshot, rows: readonly Stored[]): void {
  const blocked = new Set([...(run.blocks[person] ?? [])].map((other) => run.person(other).id));
  const shown = fresh.messages.map(({ id, n, body, hidden }) => ({ id, n, body, hidden: hidden ?? false }));
  const stored = rows.slice(-fresh.messages.length).map(({ message_id: id, n, body, sender_id, kind }) => {
    const hidden = kind !== 'system' && blocked.has(sender_id);
    return { id, n, body: hidden ? '' : body, hidden };
  });
  expect(shown).toEqual(fresh.messages.length === 0 ? [] : stored);
}

const WINDOW = 50;

function expected(
  state: RoomState | undefined,
  summary: RoomSummary,
  fresh: RoomSnapshot | null,
  meId: string,
): unknown {
  if (state?.open && fresh) return picture(fromSnapshot(fresh, meId));
  return picture(fromSummary(summary, meId));
}

// What is shown: of a closed room the newest message is all the history that must be there.
function picture({ members, messages, hasMoreBefore, ...state }: RoomState): unknown {
  if (!state.open) return { ...state, newest: messages.at(-1) };
  return {
    ...state,
    members: members && [...members.values()].toSorted((a, b) => (a.userId < b.userId ? -1 : 1)),
    messages: messages.slice(-WINDOW),
    hasMoreBefore: messages.length > WINDOW || hasMoreBefore,
  };
}
