import { LIMITS } from '@confab/sdk';
import { classes } from './classes.ts';

export const unreadText = (unread: number) => (unread >= LIMITS.unreadCap ? '99+' : String(unread));

/** `quiet`: it asks for no attention. */
export function UnreadBadge({ unread, quiet = false }: { unread: number; quiet?: boolean }) {
  return (
    <span
      className={classes(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1.5 text-xs font-semibold tabular-nums',
        quiet ? 'bg-hover text-muted' : 'bg-accent text-on-accent',
      )}
    >
      {unreadText(unread)}
      <span className="sr-only"> unread</span>
    </span>
  );
}
