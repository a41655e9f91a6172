/** Codes on paper, for whoever lost the authenticator app. */
import type { Ids } from '../../platform/ids.ts';

const COUNT = 10;
const LENGTH = 10;
/** Crockford's Base32: no letters that look like others. 5 bits each: 50 bits a code. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** New ones, such as `4f7k2-9xq0m`. */
export function drawRecoveryCodes(ids: Ids): string[] {
  return Array.from({ length: COUNT }, () => {
    const bytes = Buffer.from(ids.token(LENGTH), 'base64url');
    const letters = Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
    return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
  });
}

/** What was meant by what was typed: case, spaces and dashes say nothing, and o, i and l are read as digits. */
export function readRecoveryCode(typed: string): string {
  return typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
}
