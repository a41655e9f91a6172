/** What things are called, here and in docs/moderation.md. */
import type { HoldFor, ReportCategory, Sanction, SanctionType } from '@confab/sdk';
import { exactTime } from '../lib/time.ts';

export const CATEGORIES: Readonly<Record<ReportCategory, string>> = {
  spam: 'Spam',
  harassment: 'Harassment',
  hate: 'Hate',
  sexual: 'Sexual content',
  violence: 'Violence',
  self_harm: 'Self-harm',
  child_safety: 'Child safety',
  impersonation: 'Impersonation',
  illegal: 'Illegal goods or acts',
  other: 'Something else',
};

export const OUTCOMES = { action_taken: 'Action taken', no_action: 'No action' } as const;

export const SANCTIONS: Readonly<Record<SanctionType, { verb: string; past: string; does: string }>> = {
  warn: { verb: 'Warn', past: 'Warned', does: 'They read the reason. Nothing else happens.' },
  mute: { verb: 'Mute', past: 'Muted', does: 'They read on, and write nothing until it ends.' },
  kick: { verb: 'Kick', past: 'Kicked out', does: 'They are out of the room, and may come back.' },
  ban: { verb: 'Ban', past: 'Banned', does: 'They are out, and stay out until it ends.' },
};
export const SANCTION_TYPES = ['warn', 'mute', 'kick', 'ban'] as const satisfies readonly SanctionType[];

const HOUR_MS = 3_600_000;
/** Hours, as mutes and bans are given. */
export const DURATIONS = [
  ['1', 'An hour'],
  ['24', 'A day'],
  ['168', 'A week'],
  ['720', '30 days'],
  ['', 'Until it is lifted'],
] as const;

/** Epoch ms; null: without an end. @param hours one of `DURATIONS` */
export const untilOf = (hours: string): number | null => (hours === '' ? null : Date.now() + Number(hours) * HOUR_MS);

const REASON_FOR: Partial<Record<ReportCategory, string>> = {
  spam: 'This is spam or advertising.',
  harassment: 'This insults or threatens others.',
  hate: 'This is hateful.',
  sexual: 'This is not for everyone’s eyes.',
};
const MISPLACED = 'This does not belong in this room.';

/** Reasons to choose from. The person concerned reads them. */
export const REASONS: readonly string[] = [...Object.values(REASON_FOR), MISPLACED];

/** The reason that fits what something was reported as. */
export function reasonFor(categories: readonly ReportCategory[]): string {
  return categories.map((category) => REASON_FOR[category]).find((reason) => reason !== undefined) ?? MISPLACED;
}

export const HOLDS: readonly (readonly [HoldFor, string])[] = [
  ['all', 'Everyone’s messages'],
  ['newcomers', 'Messages of newcomers'],
  ['links', 'Messages with links'],
  ['guests', 'Messages of guests'],
];

/** Seconds between two messages of one person. */
export const SLOW_MODES: readonly (readonly [string, string])[] = [
  ['0', 'Off'],
  ['5', '5 seconds'],
  ['10', '10 seconds'],
  ['30', '30 seconds'],
  ['60', 'A minute'],
  ['300', '5 minutes'],
  ['900', '15 minutes'],
  ['3600', 'An hour'],
  ['21600', '6 hours'],
];

/** Whether it still binds the person. */
export function isInForce({ type, liftedAt, until }: Sanction, now: number): boolean {
  return (type === 'mute' || type === 'ban') && liftedAt === null && (until === null || until > now);
}

/** Such as "Muted until Monday" or "Banned, lifted". */
export function stateOf(sanction: Sanction, now: number): string {
  const { past } = SANCTIONS[sanction.type];
  if (sanction.liftedAt !== null) return `${past}, lifted`;
  if (sanction.type === 'warn' || sanction.type === 'kick') return past;
  if (sanction.until === null) return `${past} until it is lifted`;
  return sanction.until > now ? `${past} until ${exactTime(sanction.until)}` : `${past}, over`;
}
