/** Who decides on what people with an office on the whole instance are accused of. */
import { isAtLeast, type PublicUser, ranksAbove, type Role } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';

/** Who asks. Those without an office see reported messages of rooms they moderate, by people they stand above. */
export interface Asker {
  userId: string;
  hasOffice: boolean;
  /** Those with an office on whom it is not theirs to decide; without one, everybody who has. */
  beyond: readonly string[];
}

/** Everyone who has an office, and who of them can do something now. */
export interface Officers {
  all: readonly PublicUser[];
  able: ReadonlySet<string>;
}

export async function officersOf(profiles: Profiles): Promise<Officers> {
  const ids = await profiles.officers();
  const [all, able] = await Promise.all([profiles.publicUsers(ids), profiles.able(ids)]);
  return { all, able };
}

/**
 * Ids of those with an office who decide on what somebody is accused of: who ranks above them, and of owners the others.
 * Where none of those can act, whoever is highest of those who can: no case is nobody's.
 */
export function judgesOf({ all, able }: Officers, accusedId: string | null): string[] {
  const others = all.filter(({ id }) => id !== accusedId);
  const accused = all.find(({ id }) => id === accusedId);
  const above = accused === undefined ? others : others.filter(({ role }) => ranksAbove(role, accused.role));
  if (above.some(({ id }) => able.has(id))) return above.map(({ id }) => id);
  const left = others.filter(({ id }) => able.has(id));
  return left.filter(({ role }) => left.every((one) => isAtLeast(role, one.role))).map(({ id }) => id);
}

interface Who {
  userId: string;
  role: Role;
}

/** Somebody who asks for cases that they may decide. */
export function askerOf({ userId, role }: Who, officers: Officers): Asker {
  const hasOffice = isAtLeast(role, 'moderator');
  const beyond = officers.all.filter(({ id }) => !hasOffice || !judgesOf(officers, id).includes(userId));
  return { userId, hasOffice, beyond: beyond.map(({ id }) => id) };
}

/** The same of cases against those alone whom they stand above: what somebody wrote is for nobody else to delete. */
export function askerAbove({ userId, role }: Who, { all }: Officers): Asker {
  const hasOffice = isAtLeast(role, 'moderator');
  const beyond = all.filter((one) => !hasOffice || isAtLeast(one.role, role));
  return { userId, hasOffice, beyond: beyond.map(({ id }) => id) };
}
