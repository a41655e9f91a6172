import { LIMITS } from '@confab/sdk';

export const unreadText = (unread: number) => (unread >= LIMITS.unreadCap ? '99+' : String(unread));

export function UnreadBadge({ unread }: { unread: number }) {
  return (
    <span className="inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
      {unreadText(unread)}
      <span className="sr-only"> unread</span>
    </span>
  );
}
