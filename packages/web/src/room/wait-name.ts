import { count } from '../lib/words.ts';

/** Seconds as people say them, such as "30 seconds" or "5 minutes". */
export function waitName(seconds: number): string {
  if (seconds % 3600 === 0) return count(seconds / 3600, 'hour');
  return seconds % 60 === 0 ? count(seconds / 60, 'minute') : count(seconds, 'second');
}

/** Seconds that are counted down, such as "30 s" or "4:59". */
export function countdown(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
