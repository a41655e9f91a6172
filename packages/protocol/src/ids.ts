/** The small vocabulary every other schema is made of: identifiers, counters and text. */
import { config, z } from 'zod';

// Zod compiles schemas to code, which pages with a strict Content-Security-Policy forbid; even its attempt is reported as
// a violation. Every other schema is made after this module.
if (!('process' in globalThis)) config({ jitless: true });

/** A UUID in lower case. Ids made by the server are UUIDv7 (RFC 9562), so they sort by creation; nothing may rely on that. */
export const Id = z
  .uuid()
  .regex(/^[0-9a-f-]+$/, 'must be in lower case')
  .meta({ id: 'Id', format: 'uuid', description: 'A UUID in lower case.' });
export type Id = z.infer<typeof Id>;

/**
 * Chosen by the sender, once per message it means to send, and repeated on every retry: the server stores one message
 * for each (room, sender, clientId), so a retry after a lost answer can never double it.
 */
export const ClientId = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, 'may hold letters, digits, _ and - only')
  .meta({ id: 'ClientId', description: 'Chosen by the sender, the same for every retry of one message.' });

/** Milliseconds since 1970-01-01T00:00Z, as far as a date reaches. For people to read; order never comes from it. */
export const Timestamp = z
  .int()
  .nonnegative()
  .max(8_640_000_000_000_000)
  .meta({ id: 'Timestamp', description: 'Milliseconds since 1970-01-01T00:00Z. Order never comes from it.' });

/** A per-room counter (`n` or `rev`). 0 means "before the first". */
export const Counter = z
  .int()
  .nonnegative()
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ id: 'Counter', description: 'A number of a message or of a change in a room; 0 is before the first.' });

// C0, DEL and C1 controls, and the two line separators; PostgreSQL cannot store NUL, and the rest only serve to disguise.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const CONTROL_BUT_LAYOUT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;
// Overrides and isolates that reorder the text around them, the trick behind disguised names.
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/u;

// The bound holds twice: before normalising, so that it costs little, and after it, because some characters become several.

/** One line of text: trimmed, Unicode NFC, without control or direction-override characters. */
export function line(min: number, max: number) {
  return z
    .string()
    .max(max)
    .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
    .refine((s) => !CONTROL.test(s) && !BIDI_CONTROL.test(s), 'may not hold control characters')
    .overwrite((s) => s.normalize('NFC').trim())
    .refine((s) => s.length <= max, `must hold at most ${max} characters`)
    .min(min);
}

// Scripts in whose spelling the two joiners have a place (Unicode 17 §23.2), and sequences that need what is invisible alone:
// emoji with their variation or joined to one, flags of regions, variants of ideographs.
const JOINING =
  '[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}]';
const NEEDED = new RegExp(
  [
    `(?<=${JOINING}\\p{M}*)[\\u200c\\u200d](?=${JOINING})`,
    '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
    '(?<=\\p{Extended_Pictographic}\\ufe0f?\\p{Emoji_Modifier}?)\\u200d(?=\\p{Extended_Pictographic})',
    '(?<=\\u{1f3f4})[\\u{e0020}-\\u{e007e}]{2,6}\\u{e007f}',
    '(?<=\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]',
  ].join('|'),
  'gu',
);
// The Braille blank is the one that is invisible without Unicode calling it so.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/u;
// The letters of these that look alike are many, and no language mixes them in a word (Unicode Technical Standard 39 §5).
const MIXED_WORD =
  /\p{Script=Latin}[\p{L}\p{M}]*[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}][\p{L}\p{M}]*\p{Script=Latin}/u;

/** A line that tells people apart: nothing in it is invisible, and no word mixes look-alikes of two alphabets. */
export function nameLine(max: number) {
  return line(1, max)
    .refine((s) => !INVISIBLE.test(s.replaceAll(NEEDED, '')), 'may not hold invisible characters')
    .refine((s) => !MIXED_WORD.test(s), 'may not mix alphabets in a word');
}

// Letters are read backwards after these, and nobody needs them: what languages do need are marks and isolates.
const BIDI_OVERRIDE = /[\u202d\u202e]/g;

/**
 * Text of several lines: line feed and tab are kept, other control characters refused, overrides of direction left out; not
 * empty once trimmed.
 */
export function text(max: number) {
  return z
    .string()
    .max(max)
    .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
    .overwrite((s) => s.replaceAll('\r\n', '\n').replaceAll(BIDI_OVERRIDE, ''))
    .refine((s) => !CONTROL_BUT_LAYOUT.test(s), 'may not hold control characters')
    .overwrite((s) => s.normalize('NFC').trim())
    .refine((s) => s.length <= max, `must hold at most ${max} characters`)
    .min(1);
}

/** Part of a URL's query: digits become a number. */
export function queryInt(schema: z.ZodType<number, number>) {
  return z.string().max(16).regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(schema);
}

/** Where a picture is: a path of this server, until files have an own id. */
export const Avatar = z
  .string()
  .max(300)
  .regex(/^\/api\/files\/[A-Za-z0-9_-]+$/, 'must be a picture of this server')
  .meta({ id: 'Avatar' });
