/** Polls: `chat.poll_votes` has one row for each voter, `parts.poll` what everyone is shown. */
import { badInput, LIMITS, type Message, type NewPoll, type Poll, ProtocolError } from '@confab/protocol';
import { z } from 'zod';
import type { JobKind, Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeInput, type ChangeKind, demand, oneByOne, type RoomTx, saveMine } from '../rooms/index.ts';
import type { Blocks, ModerationLog } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { demandUnblocked, enterMessage, type OnMessage, recordAct } from './on-message.ts';
import { type MessageRow, presentMessage, withPart } from './rows.ts';
import { findMessage } from './store.ts';
import { refuseTime } from './times.ts';

interface PollDeps {
  profiles: Profiles;
  blocks: Blocks;
}

/** Closes a poll when its time has come. */
export const closePollJob: JobKind<{ roomId: string; messageId: string }> = {
  name: 'messages.closePoll',
  payload: z.object({ roomId: z.string(), messageId: z.string() }),
};

const MY_VOTE = {
  name: 'messages.votes_mine',
  text: 'SELECT options FROM chat.poll_votes WHERE room_id = $1 AND n = $2 AND user_id = $3',
};
const VOTE = {
  name: 'messages.votes_save',
  text: `INSERT INTO chat.poll_votes (room_id, n, user_id, options, rev) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (room_id, n, user_id) DO UPDATE SET options = excluded.options, rev = excluded.rev`,
};
const TAKE_BACK = {
  name: 'messages.votes_take_back',
  text: 'DELETE FROM chat.poll_votes WHERE room_id = $1 AND n = $2 AND user_id = $3',
};
const COUNTED = {
  name: 'messages.votes_counted',
  text: `SELECT option, count(*) AS votes, (array_agg(user_id ORDER BY rev))[1:${LIMITS.reactionNames}] AS voters
         FROM chat.poll_votes CROSS JOIN LATERAL unnest(options) option
         WHERE room_id = $1 AND n = $2 GROUP BY option`,
};
const VOTERS = {
  name: 'messages.votes_voters',
  text: 'SELECT count(*) AS count FROM chat.poll_votes WHERE room_id = $1 AND n = $2',
};

/** A poll nobody has voted in. */
export function newPoll(poll: NewPoll): Poll {
  const { question, multiple, anonymous, closesAt } = poll;
  const options = poll.options.map((text) => ({ text, votes: 0, userIds: [] }));
  return { question, options, multiple, anonymous, closesAt, closedAt: null, voters: 0 };
}

/** Why a new poll cannot be, or null. */
export function refusePoll(poll: NewPoll | undefined, now: number): ProtocolError | null {
  if (poll === undefined || poll.closesAt === null) return null;
  return poll.closesAt <= now
    ? badInput('poll.closesAt', 'must be later than now')
    : refuseTime('poll.closesAt', poll.closesAt, now);
}

/** Lets those of new messages that are polls with an end be closed then. */
export async function enqueueClosings(tx: RoomTx, rows: readonly MessageRow[], jobs: Jobs): Promise<void> {
  for (const { room_id: roomId, message_id: messageId, parts } of rows) {
    const closesAt = parts?.poll?.closesAt ?? null;
    if (closesAt !== null) await jobs.enqueue(tx.db, closePollJob, { roomId, messageId }, { runAt: closesAt });
  }
}

/**
 * Replaces what one person voted; no options take it back. The same again changes nothing. In an anonymous poll the vote
 * is shown to its voter alone, in their membership; to who does not follow the poll's thread not at all.
 */
export function voteKind(deps: PollDeps): ChangeKind<OnMessage & { options: readonly number[] }, Message> {
  return oneByOne('vote', async (input, tx) => {
    const { room, seat, member, row } = await enterMessage(tx, input, 'vote');
    await demandUnblocked(deps.blocks, input.actorId, row, seat);
    const poll = pollOf(row);
    const options = [...new Set(input.options)].toSorted((a, b) => a - b);
    if (options.some((option) => option >= poll.options.length)) throw badInput('options', 'are not all in the poll');
    if (options.length > 1 && !poll.multiple) throw badInput('options', 'may be one only');
    // Closed by time, also when the job that says so is late.
    if (poll.closedAt !== null || (poll.closesAt !== null && tx.now >= poll.closesAt)) {
      throw new ProtocolError('poll_closed');
    }
    const vote = [row.room_id, row.n, input.actorId];
    const before = (await tx.db.query<{ options: number[] }>(MY_VOTE, vote)).rows[0]?.options ?? [];
    if (before.join() === options.join()) return presentMessage(row);
    // The number of the change that follows.
    if (options.length > 0) await tx.db.query(VOTE, [...vote, options, room.rev + 1]);
    else await tx.db.query(TAKE_BACK, vote);
    const parts = withPart(row.parts, 'poll', await counted(tx, row, poll));
    const message = await changeMessage(tx, room, row, { parts }, deps);
    if (poll.anonymous && member !== null) {
      const votes = { ...member.votes, [row.message_id]: options };
      if (options.length === 0) delete votes[row.message_id];
      await saveMine(tx, room, member, { ...member, votes });
    }
    return message;
  });
}

/** Closes a poll: for its author, and for moderators, of whom it is recorded. Closing again changes nothing. */
export function closePollKind(deps: PollDeps & { trail: ModerationLog }): ChangeKind<OnMessage, Message> {
  return oneByOne('closePoll', async (input, tx) => {
    const { seat, row } = await enterMessage(tx, input, 'read');
    const poll = pollOf(row);
    const own = row.sender_id === input.actorId;
    demand(own ? 'vote' : 'closeAnyPoll', seat);
    if (!own && poll.closedAt === null) await recordAct(tx, deps.trail, input, row, { action: 'poll.closed' });
    return close(tx, row, poll, deps);
  });
}

/** Closes a poll because its time has come. Nothing happens when poll or room are gone. */
export function endPollKind(deps: PollDeps): ChangeKind<ChangeInput & { messageId: string }, void> {
  return oneByOne('endPoll', async (input, tx) => {
    if (tx.room(input.roomId) === undefined) return;
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.parts?.poll !== undefined) await close(tx, row, row.parts.poll, deps);
  });
}

// Nothing counts after `closesAt`, so that is when it closed, whenever this runs.
async function close(tx: RoomTx, row: MessageRow, poll: Poll, deps: PollDeps): Promise<Message> {
  const room = tx.room(row.room_id);
  if (room === undefined) throw new ProtocolError('not_found');
  if (poll.closedAt !== null) return presentMessage(row);
  const closedAt = Math.min(tx.now, poll.closesAt ?? tx.now);
  return changeMessage(tx, room, row, { parts: withPart(row.parts, 'poll', { ...poll, closedAt }) }, deps);
}

function pollOf(row: MessageRow): Poll {
  if (row.parts?.poll === undefined) throw badInput('messageId', 'is no poll');
  return row.parts.poll;
}

async function counted(tx: RoomTx, row: MessageRow, poll: Poll): Promise<Poll> {
  const at = [row.room_id, row.n];
  const { rows } = await tx.db.query<{ option: number; votes: number; voters: string[] }>(COUNTED, at);
  const voters = (await tx.db.query<{ count: number }>(VOTERS, at)).rows[0]?.count ?? 0;
  const options = poll.options.map(({ text }, i) => {
    const found = rows.find((one) => one.option === i);
    return { text, votes: found?.votes ?? 0, userIds: poll.anonymous ? [] : (found?.voters ?? []) };
  });
  return { ...poll, options, voters };
}
