/** Which usernames nobody may have. */
import { ProtocolError } from '@confab/protocol';

/** Who speaks for the platform, and what stands for people who are none: not as a part of a name either. */
const OFFICIAL = `admin administrator administration mod moderator moderation owner staff official support helpdesk
  security system sysadmin root server webmaster postmaster hostmaster abuse noreply confab deleted guest`;
/** Would read as something else where it stands alone: an address of this site, a mention of many, nobody. */
const ALONE = `help everyone everybody all channel here room rooms lounge lounges group team nobody anonymous unknown
  me you user users account accounts bot api www mail null undefined true false`;

const official = skeletons(OFFICIAL);
const alone = skeletons(ALONE);

function skeletons(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/).map(skeleton));
}

/**
 * Username is ASCII (protocol), so what can be mistaken are these (after the skeletons of Unicode Technical Standard 39 §4).
 * Equal for names that look alike.
 */
function skeleton(name: string): string {
  return name
    .replaceAll(/[._]/g, '')
    .replaceAll(/rn|nn/g, 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replaceAll(/[1il]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('3', 'e')
    .replaceAll('4', 'a')
    .replaceAll('5', 's')
    .replaceAll('7', 't')
    .replaceAll('8', 'b')
    .replaceAll('9', 'g');
}

/** @throws ProtocolError username_taken for one that is reserved, or reads like one */
export function demandFreeName(username: string): void {
  // admin2026 is no better than admin.
  const plain = username.replace(/(?<!\d)\d{1,4}$/, '');
  const readings = [username, plain].flatMap((name) => [name, ...name.split(/[._]/)]).map(skeleton);
  if (alone.has(skeleton(username)) || readings.some((name) => official.has(name))) {
    throw new ProtocolError('username_taken');
  }
}
