/** Reports in words. */
import type { MyReport, ReportCategory } from '@confab/sdk';

/** What a report may be about, as one chooses it. */
export const CATEGORIES: readonly (readonly [ReportCategory, string])[] = [
  ['spam', 'Spam or advertising'],
  ['harassment', 'Harassment or bullying'],
  ['hate', 'Hate against a group of people'],
  ['sexual', 'Sexual content'],
  ['violence', 'Violence or threats'],
  ['self_harm', 'Self-harm or suicide'],
  ['child_safety', 'Danger to a child'],
  ['impersonation', 'Pretends to be somebody else'],
  ['illegal', 'Something illegal'],
  ['other', 'Something else'],
];

export const categoryName = (category: ReportCategory) =>
  CATEGORIES.find(([value]) => value === category)?.[1] ?? category;

const OUTCOMES = {
  action_taken: 'Moderators took action.',
  no_action: 'Moderators found nothing against the rules.',
} as const;

export const outcomeWords = (outcome: MyReport['outcome']) =>
  outcome === null ? 'Not decided yet.' : OUTCOMES[outcome];
