import { readItem, writeItem } from '../lib/storage.ts';

const KEY = 'emoji';
const KEPT = 8;
const USUAL = ['👍', '❤️', '😂', '🎉', '😮', '🙏', '👀', '✅'];

/** Emoji chosen last on this device, the newest first; the usual ones fill up. */
export function recentEmoji(): string[] {
  const chosen = readItem(KEY)?.split(' ') ?? [];
  return [...new Set([...chosen, ...USUAL])].slice(0, KEPT);
}

export function rememberEmoji(emoji: string): void {
  writeItem(KEY, [emoji, ...recentEmoji().filter((other) => other !== emoji)].slice(0, KEPT).join(' '));
}
