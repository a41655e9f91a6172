/** What is asked before one comes into a lounge. */
import type { Lounge } from '@confab/sdk';
import { readItem, writeItem } from '../lib/storage.ts';

const keyOf = (lounge: Lounge) => `rules.${lounge.id}`;

/** Whether its rules, as they are now, have not been shown on this device yet. */
export const hasNewRules = (lounge: Lounge) => lounge.rules !== '' && readItem(keyOf(lounge)) !== lounge.rules;

/** They have been read, and are not shown again until they change. */
export function rememberRules(lounge: Lounge): void {
  if (lounge.rules !== '') writeItem(keyOf(lounge), lounge.rules);
}
