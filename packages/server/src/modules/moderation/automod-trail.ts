/** What of a rule goes into the trail, which keeps everything for good: long lists are told apart, not written out. */
import { createHash } from 'node:crypto';
import type { AutomodRule } from '@confab/protocol';

export type Content = Pick<AutomodRule, 'name' | 'trigger' | 'actions' | 'reason' | 'enabled'>;

/** Characters of a list that are written out. */
const WRITTEN = 1000;

/** A list that is longer. */
interface Long {
  count: number;
  /** SHA-256 over it as JSON without white space, in hex. */
  sha256: string;
  /** As many as are written out of those that the other version has not: added by a change, or removed. */
  only: string[];
  /** How many more of these there are. */
  leftOut: number;
}

/** @param other the version it replaces, or that replaces it; null: none */
export function recorded(rule: Content, other: Content | null): Record<keyof Content, unknown> {
  const { name, actions, reason, enabled } = rule;
  const others: Record<string, unknown> = other === null ? {} : { ...other.trigger };
  const trigger = Object.entries<unknown>(rule.trigger).map(([key, value]): [string, unknown] => [
    key,
    isList(value) ? written(value, others[key]) : value,
  ]);
  return { name, trigger: Object.fromEntries(trigger), actions, reason, enabled };
}

function written(list: readonly string[], other: unknown): readonly string[] | Long {
  if (fitting(list) === list.length) return list;
  const known = new Set(isList(other) ? other : []);
  const only = list.filter((one) => !known.has(one));
  const fit = fitting(only);
  return {
    count: list.length,
    sha256: createHash('sha256').update(JSON.stringify(list)).digest('hex'),
    only: only.slice(0, fit),
    leftOut: only.length - fit,
  };
}

/** How many, from the first on, are written out. */
function fitting(list: readonly string[]): number {
  let characters = 0;
  const beyond = list.findIndex((one) => (characters += one.length) > WRITTEN);
  return beyond === -1 ? list.length : beyond;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
