/** What decides whether a text is said at once, waits for approval, or is refused. All of it under the room's lock. */
import { type HoldFor, ProtocolError, type PublicUser, roleReaches } from '@confab/protocol';
import type { MemberRow, RoomRow, Seat } from '../rooms/index.ts';
import type { Judge, Verdict } from '../safety/index.ts';
import { countMentions, type Mentioned } from './mentions.ts';

/** Who joined less than this long ago is new. */
const NEW_FOR_MS = 24 * 3_600_000;
const LINK = /(?:https?:\/\/|www\.)\S/i;

const ALLOWED: Verdict = { outcome: 'allow', reason: null, ruleId: null, also: [] };
const REASONS: Record<HoldFor | 'raid', string> = {
  all: 'Messages in this room are shown once a moderator has approved them.',
  newcomers: 'What newcomers write in this room is shown once a moderator has approved it.',
  links: 'Messages with links are shown in this room once a moderator has approved them.',
  guests: 'What guests write in this room is shown once a moderator has approved it.',
  raid: 'Many people came into this room at once: for now, what newcomers write is shown once a moderator has approved it.',
};

/** Somebody who is about to say something. */
export interface Speaker {
  user: PublicUser;
  seat: Seat;
  /** The room whose rights count: of a thread the one it hangs on. */
  governing: RoomRow;
  /** Their membership there; undefined for whoever has an office and is no member. */
  member: MemberRow | undefined;
}

/** Slow mode: what somebody is refused with who wrote too short a time ago, or null. */
export function refuseHaste({ seat, governing, member }: Speaker, now: number): ProtocolError | null {
  if (governing.slow_mode === 0 || member === undefined || moderates(seat)) return null;
  const wait = (member.last_sent_at ?? 0) + governing.slow_mode * 1000 - now;
  return wait <= 0 ? null : new ProtocolError('slow_mode', { retryAfter: Math.ceil(wait / 1000) });
}

/** Whether slow mode has to know when this person wrote last. */
export function isPaced({ seat, governing, member }: Speaker): boolean {
  return governing.slow_mode > 0 && member !== undefined && !moderates(seat);
}

/**
 * What automod and the room's own settings make of a text. Those who moderate the room are exempt, and what two people
 * say to each other is their own. `asked`: verdicts given before, as each text counts once, however often a change is
 * tried.
 */
export function screen(
  speaker: Speaker,
  text: { key: object; body: string; mentioned: Mentioned },
  { judge, asked, now }: { judge: Judge; asked: WeakMap<object, Verdict>; now: number },
): Verdict {
  const { user, seat, governing, member } = speaker;
  if (seat.rights === 'direct' || moderates(seat)) return ALLOWED;
  const verdict =
    asked.get(text.key) ??
    judge.verdict({
      roomId: governing.room_id,
      kind: seat.rights,
      sender: user,
      joinedAt: member?.joined_at ?? null,
      body: text.body,
      mentions: countMentions(text.mentioned),
      now,
    });
  asked.set(text.key, verdict);
  // Among strangers nobody is there to approve.
  if (seat.rights === 'match') return verdict.outcome === 'hold' ? { ...verdict, outcome: 'reject' } : verdict;
  if (verdict.outcome !== 'allow') return verdict;
  const why = heldFor(speaker, text.body, now);
  return why === null ? verdict : { ...verdict, outcome: 'hold', reason: REASONS[why] };
}

function heldFor({ user, governing, member }: Speaker, body: string, now: number): HoldFor | 'raid' | null {
  const { hold, raid_until } = governing;
  const isRaided = (raid_until ?? 0) > now;
  if (hold.length === 0 && !isRaided) return null;
  const isNew = member !== undefined && isNewMember(member.joined_at, now);
  if (hold.includes('all')) return 'all';
  if (isNew && isRaided) return 'raid';
  if (isNew && hold.includes('newcomers')) return 'newcomers';
  if (user.role === 'guest' && hold.includes('guests')) return 'guests';
  return hold.includes('links') && LINK.test(body) ? 'links' : null;
}

/** Whether what somebody says counts as a newcomer's. Both in epoch ms. */
export function isNewMember(joinedAt: number, now: number): boolean {
  return now - joinedAt < NEW_FOR_MS;
}

function moderates({ rights, role }: Seat): boolean {
  return roleReaches('moderate', rights, role);
}
