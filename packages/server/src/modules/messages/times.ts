import { badInput, type ProtocolError } from '@confab/protocol';

const YEAR_MS = 366 * 24 * 3600 * 1000;

/** Why something cannot be set for a time (epoch ms), or null: a year ahead is the furthest. */
export function refuseTime(field: string, time: number, now: number): ProtocolError | null {
  return time - now > YEAR_MS ? badInput(field, 'must be within a year') : null;
}
