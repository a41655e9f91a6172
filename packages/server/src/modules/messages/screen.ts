/** What decides whether a text is said at once, waits for approval, or is refused. All of it under the room's lock. */
import {
  type HoldFor,
  isAtLeast,
  ProtocolError,
  type PublicUser,
  type RightsKind,
  type Role,
  roleReaches,
} from '@confab/protocol';
import type { MemberRow, RoomRow, Seat } from '../rooms/index.ts';
import { findLinks, type Judge, type JudgedMessage, type Verdict } from '../safety/index.ts';
import { countMentions, type Mentioned } from './mentions.ts';

/** Who joined less than this long ago is new. */
const NEW_FOR_MS = 24 * 3_600_000;

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

/** What somebody is in a room. */
type Place = Pick<Seat, 'rights' | 'role' | 'instance'>;

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

/** What somebody is about to say. */
export interface Text {
  /** The same for what is sent again: it counts once. */
  id: string;
  body: string;
  mentioned: Mentioned;
}

/** What automod makes of these texts, in this order, all of them asked about at once. */
export async function askJudge(
  said: readonly { speaker: Speaker; text: Text }[],
  judge: Judge,
  now: number,
): Promise<Verdict[]> {
  const subject = said.filter(({ speaker }) => !isExempt(speaker.seat));
  const verdicts = await judge.verdicts(subject.map(({ speaker, text }) => judgedMessage(speaker, text, now)));
  const found = new Map(subject.map(({ text }, i) => [text, verdicts[i] ?? ALLOWED]));
  return said.map(({ text }) => found.get(text) ?? ALLOWED);
}

function judgedMessage({ user, seat, governing, member }: Speaker, text: Text, now: number): JudgedMessage {
  return {
    id: text.id,
    roomId: governing.room_id,
    kind: seat.rights,
    sender: user,
    moderates: moderates(seat),
    joinedAt: member?.joined_at ?? null,
    body: text.body,
    mentions: countMentions(text.mentioned),
    now,
  };
}

/** What the room's own settings make of a text beside automod. */
export function screen(speaker: Speaker, text: Text, verdict: Verdict, now: number): Verdict {
  const { seat } = speaker;
  if (isExempt(seat)) return ALLOWED;
  // Among strangers nobody is there to approve.
  if (seat.rights === 'match') return verdict.outcome === 'hold' ? { ...verdict, outcome: 'reject' } : verdict;
  if (verdict.outcome !== 'allow' || moderates(seat)) return verdict;
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
  return hold.includes('links') && findLinks(body).length > 0 ? 'links' : null;
}

/** Whether what somebody says counts as a newcomer's. Both in epoch ms. */
export function isNewMember(joinedAt: number, now: number): boolean {
  return now - joinedAt < NEW_FOR_MS;
}

/** Whether no rule holds for somebody. What two people say to each other is their own. */
export function isExempt(seat: Place): boolean {
  return seat.rights === 'direct' || (moderates(seat) && isTrusted(seat.rights, seat.instance));
}

/**
 * Whether no rule holds for who moderates a room. Everybody can make a public one: there the rules of the instance hold for
 * whom it gave no office.
 */
export function isTrusted(rights: RightsKind, instance: Role): boolean {
  return rights !== 'public' || isAtLeast(instance, 'moderator');
}

export function moderates({ rights, role }: Pick<Seat, 'rights' | 'role'>): boolean {
  return roleReaches('moderate', rights, role);
}
