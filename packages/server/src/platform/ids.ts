import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import type { Clock } from './clock.ts';

/** The one source of identifiers and secrets. */
export interface Ids {
  /**
   * A UUIDv7 (RFC 9562 §5.7), lower case. Each one sorts after every earlier one of the same `Ids`, even when the
   * clock stands still or goes back; ids of different processes are ordered by their clocks only.
   */
  uuid(): string;
  /** `bytes` (32 unless told) from the system's secure random source, as base64url without padding. */
  token(bytes?: number): string;
  /** So many decimal digits, each equally likely, from the same source. */
  digits(count: number): string;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const RANDOM_PER_ID = 10;

/**
 * Identifiers that take their time from `clock`.
 *
 * Within a millisecond the 12 bits of `rand_a` count up from a random start (RFC 9562 §6.2, method 1); when they run
 * out, the timestamp moves ahead of the clock by one.
 */
export function createIds(clock: Clock): Ids {
  // Random bytes are drawn in bulk: one system call serves several hundred ids.
  const pool = Buffer.alloc(RANDOM_PER_ID * 400);
  let used = pool.length;
  let lastMs = -1;
  let counter = 0;

  function uuid(): string {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const at = used;
    used += RANDOM_PER_ID;
    const byte = (i: number): number => pool[at + i] ?? 0;

    const now = clock.now();
    if (now > lastMs || ++counter > 0xfff) {
      lastMs = Math.max(now, lastMs + 1);
      counter = ((byte(8) << 8) | byte(9)) & 0x7ff;
    }

    const time = lastMs.toString(16).padStart(12, '0');
    const randA = (0x7000 | counter).toString(16);
    const randB = `${HEX[0x80 | (byte(0) & 0x3f)]}${HEX[byte(1)]}`;
    const tail = `${HEX[byte(2)]}${HEX[byte(3)]}${HEX[byte(4)]}${HEX[byte(5)]}${HEX[byte(6)]}${HEX[byte(7)]}`;
    return `${time.slice(0, 8)}-${time.slice(8)}-${randA}-${randB}-${tail}`;
  }

  return {
    uuid,
    token: (bytes = 32) => randomBytes(bytes).toString('base64url'),
    digits: (count) =>
      randomInt(10 ** count)
        .toString()
        .padStart(count, '0'),
  };
}
