/** Which usernames nobody may have. */
import { ProtocolError } from '@confab/protocol';

/** Names that look like the platform speaking, or like an address of its own. */
const RESERVED = new Set(
  `admin administrator moderator staff official support help security root system server confab
   everyone all channel here room lounge nobody anonymous deleted guest null undefined`.split(/\s+/),
);

/** Beginnings of names that are given, never chosen. */
const GIVEN = ['guest.', 'deleted.'];

/** @throws ProtocolError username_taken for one that is reserved, or reads like one */
export function demandFreeName(username: string): void {
  if (RESERVED.has(username) || GIVEN.some((begin) => username.startsWith(begin))) {
    throw new ProtocolError('username_taken');
  }
}
