/** RETENTION: how long rooms of a kind keep messages. */
import type { RightsKind } from '@confab/protocol';

/** Milliseconds, by kind of room. */
type Retention = Partial<Record<RightsKind, number>>;

export const RETENTION_PROBLEM =
  'must be like match=1d,language=90d,public=: kinds direct, group, public, language, match, each with 1 to 3650 days (nothing: for good)';

const KINDS = ['direct', 'group', 'public', 'language', 'match'] as const;
const DAY_MS = 86_400_000;
export const RETENTION_UNLESS_SET: Retention = { match: 7 * DAY_MS };

/** undefined: it is wrong. Kinds that are not named are as unless set. */
export function parseRetention(value: string): Retention | undefined {
  const retention: Retention = { ...RETENTION_UNLESS_SET };
  const named = new Set<string>();
  for (const item of value.split(',')) {
    const [, name = '', days] = /^\s*([a-z]+)\s*=\s*(?:(\d{1,4})d)?\s*$/.exec(item) ?? [];
    const kind = KINDS.find((one) => one === name);
    if (kind === undefined || named.has(kind)) return undefined;
    named.add(kind);
    if (days === undefined) delete retention[kind];
    else if (Number(days) >= 1 && Number(days) <= 3650) retention[kind] = Number(days) * DAY_MS;
    else return undefined;
  }
  return retention;
}
