/** Who may act on whom on the whole instance: the one rule of administration and moderation. */
import { isAtLeast, ProtocolError, type Role } from '@confab/protocol';

interface Ranked {
  id: string;
  role: Role;
}

/** Nobody acts on those above them, their equals or themselves. @throws ProtocolError forbidden */
export function demandRank(actor: Ranked, other: Ranked): void {
  if (other.id === actor.id || isAtLeast(other.role, actor.role)) throw new ProtocolError('forbidden');
}

/**
 * What was decided higher up is not for those below to undo, nor to put something of their own in its place.
 * @param by what whoever decided it is now; undefined: a rule, or nobody any more
 * @throws ProtocolError forbidden
 */
export function demandNotFromAbove(role: Role, by: Role | undefined): void {
  if (by !== undefined && !isAtLeast(role, by)) throw new ProtocolError('forbidden');
}

/** Moderators ban for so long at most. */
const MODERATORS_BAN_MS = 7 * 86_400_000;

/** Whether a ban from `from` to `until` (epoch ms; null: for good) is one that somebody of that role imposes, or ends. */
export function mayBan(role: Role, from: number, until: number | null): boolean {
  return isAtLeast(role, 'admin') || (until !== null && until <= from + MODERATORS_BAN_MS);
}
