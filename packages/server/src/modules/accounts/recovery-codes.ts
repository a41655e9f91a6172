/** Codes on paper, for whoever lost the authenticator app. */
import type { Ids } from '../../platform/ids.ts';

const COUNT = 10;
const LENGTH = 24;
/** Crockford's Base32: no letters that look like others. 5 bits each: 120 bits a code (ASVS 6.5.2 asks for 112). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** New ones, such as `4f7k-9xq0-m2c8-t5he-w6nz-a3rp`. */
export function drawRecoveryCodes(ids: Ids): string[] {
  return Array.from({ length: COUNT }, () => {
    const bytes = Buffer.from(ids.token(LENGTH), 'base64url');
    const letters = Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
    return letters.replaceAll(/.{4}(?=.)/g, '$&-');
  });
}

/** What was meant by what was typed: case, spaces and dashes say nothing, and o, i and l are read as digits. */
export function readRecoveryCode(typed: string): string {
  return typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
}
