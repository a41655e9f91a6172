/** What a person recognises a session by. */
import { parse } from 'bowser';

/** Longer than any browser's or system's name is. */
const MAX_NAME = 80;
const UNKNOWN = 'Unknown device';

/** `Firefox on Linux`, from a `User-Agent` header; of a program that is no browser the first word. */
export function deviceName(userAgent: string): string {
  if (userAgent.trim() === '') return UNKNOWN;
  // It is printed on terminals as well, and may hold what those obey (C1 controls).
  const { browser, os, platform } = parse(userAgent.replaceAll(/\p{C}/gu, ''));
  const parts = [browser.name, platform.model ?? os.name].filter((part) => part !== undefined && part !== '');
  if (parts.length > 0) return parts.join(' on ').slice(0, MAX_NAME);
  return /^[\w.-]+/.exec(userAgent)?.[0].slice(0, MAX_NAME) ?? UNKNOWN;
}
