/** What one wishes of strangers, kept on this device. */
import type { MatchWishes } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { readItem, writeItem } from '../lib/storage.ts';

const keyOf = () => `match-wishes.${client.me?.id ?? ''}`;
export const MOST_LANGUAGES = 5;
export const MOST_INTERESTS = 10;
export const LONGEST_INTEREST = 30;

/** Those of the last time; at first the languages of my profile. */
export function keptWishes(): MatchWishes {
  const languages = (client.me?.languages ?? []).slice(0, MOST_LANGUAGES);
  const wishes: MatchWishes = { languages, interests: [], meetGuests: false };
  const kept = readItem(keyOf());
  if (kept === null) return wishes;
  try {
    return { ...wishes, ...(JSON.parse(kept) as Partial<MatchWishes>) };
  } catch {
    return wishes;
  }
}

export function keepWishes(wishes: MatchWishes): void {
  writeItem(keyOf(), JSON.stringify(wishes));
}
