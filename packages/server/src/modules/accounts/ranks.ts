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
