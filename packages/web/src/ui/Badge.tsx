import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const looks = {
  good: 'bg-accent-soft text-accent',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-danger-soft text-danger',
  plain: 'bg-hover text-muted',
} as const;

/** A word about the state of what it stands beside. */
export function Badge({ look = 'plain', children }: { look?: keyof typeof looks; children: ReactNode }) {
  return (
    <span
      className={classes('inline-block rounded-md px-2 py-0.5 text-xs font-semibold whitespace-nowrap', looks[look])}
    >
      {children}
    </span>
  );
}
