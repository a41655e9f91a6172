/** In which language a message of a language room is, where it is another one than the room's. */
import type { eld } from 'eld/extrasmall';
import type { RoomTx } from '../rooms/index.ts';

/** Fewer letters say too little. */
const LETTERS = 20;
/** A letter of these scripts says as much as several of others. */
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const DENSE_COUNTS = 3;
/** Characters looked at: more of them change nothing, and take time. */
const LOOKED_AT = 1000;
/** Written so much alike that a sentence does not tell them apart. */
const ALIKE: readonly (readonly string[])[] = [
  ['da', 'no'],
  ['hr', 'sr'],
];

/** Names of the detector for languages that go by others too. */
const ALIASES: Readonly<Record<string, string>> = { nb: 'no', nn: 'no', fil: 'tl', id: 'ms', sh: 'hr', bs: 'hr' };
/** All that the detector knows. A room of any other language would have every message marked. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl ' +
    'no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh'
  ).split(' '),
);

let detector: typeof eld | undefined;

/** Loads what `differingLanguage` needs: once, some 30 MB, in a fifth of a second. */
export async function loadLanguages(): Promise<void> {
  detector ??= (await import('eld/extrasmall')).eld;
}

/**
 * The language that `text` seems to be in, as a BCP 47 tag, where its base is another one than that of `language`.
 * Undefined where it is not, or where the text is too short or too mixed to tell, or before `loadLanguages`. Code, links
 * and names of people are passed over. Takes some 15 µs.
 */
export function differingLanguage(text: string, language: string | null): string | undefined {
  if (detector === undefined || language === null) return undefined;
  const expected = baseOf(language);
  if (!KNOWN.has(expected)) return undefined;
  const words = text.slice(0, LOOKED_AT).replace(/```[^`]*```|`[^`\n]*`|https?:\/\/\S+|@[\w.]+/g, ' ');
  if (lettersOf(words) < LETTERS) return undefined;
  const found = detector.detect(words);
  if (found.language === '' || found.language === expected || !found.isReliable()) return undefined;
  return ALIKE.some((those) => those.includes(found.language) && those.includes(expected)) ? undefined : found.language;
}

/** Of the room whose rights count; null where it has none. */
export function roomLanguage(tx: RoomTx, roomId: string): string | null {
  const room = tx.room(roomId);
  return (room && tx.governing(room)?.language) ?? null;
}

function baseOf(tag: string): string {
  const { language } = new Intl.Locale(tag);
  return ALIASES[language] ?? language;
}

function lettersOf(text: string): number {
  const dense = text.match(DENSE)?.length ?? 0;
  return (text.match(/\p{L}/gu)?.length ?? 0) + dense * (DENSE_COUNTS - 1);
}
