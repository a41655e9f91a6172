/** Notices as sentences. */
import type { Notice, Sanction } from '@confab/sdk';
import { exactTime, FOREVER } from '../lib/time.ts';
import { outcomeWords } from '../report/words.ts';

/** What happened, in a sentence; until when and why is said beside it. */
export function noticeWords({ type, roomName, reason }: Notice): string {
  const there = roomName === null ? '' : ` in ${roomName}`;
  switch (type) {
    case 'warned':
      return `Moderators warned you${there}.`;
    case 'muted':
      return `Moderators do not let you write${there === '' ? ' anywhere' : there} for now.`;
    case 'kicked':
      return `Moderators took you out of ${roomName ?? 'a room'}.`;
    case 'banned':
      return `Moderators banned you from ${roomName ?? 'this place'}.`;
    case 'lifted':
      return `What moderators did about you${there} has been lifted.`;
    case 'message_rejected':
      return `A message of yours${there} was not approved.`;
    case 'messages_removed':
      return `Moderators deleted messages of yours${there}.`;
    case 'message_hidden':
      return `A message of yours${there} was reported. It is hidden until moderators have decided about it.`;
    case 'message_shown':
      return `Moderators looked at a message of yours${there} that was hidden. It is shown again.`;
    case 'room_deleted':
      return `${roomName ?? 'A room'}, which you owned, was deleted.`;
    case 'report_closed':
      return reason === 'action_taken' || reason === 'no_action'
        ? `Your report${there} was looked at. ${outcomeWords(reason)}`
        : `Your report${there} was looked at.`;
    case 'appeal_decided':
      return `Your appeal${there} was decided.`;
  }
}

/** Why, where that says more than the sentence. */
export const reasonOf = ({ type, reason }: Notice) => (type === 'report_closed' || reason === '' ? null : reason);

/** Until when it holds, in words; null where that is nothing to tell. */
export function untilWords({ type, until }: Notice): string | null {
  if (type !== 'muted' && type !== 'banned') return null;
  return until === null || until >= FOREVER ? 'Until it is lifted.' : `Until ${exactTime(until)}.`;
}

const APPEALS: Record<NonNullable<Sanction['appeal']>['state'], string> = {
  open: 'You have appealed. Moderators will look at it again.',
  granted: 'Your appeal was granted.',
  refused: 'Your appeal was refused.',
  moot: 'Your appeal was closed: the room is gone, and what was done there has no effect any more.',
};

/** What became of an appeal, with what was said about it. */
export function appealWords({ state, note }: NonNullable<Sanction['appeal']>): string {
  return note === null || note === '' ? APPEALS[state] : `${APPEALS[state]} “${note}”`;
}
