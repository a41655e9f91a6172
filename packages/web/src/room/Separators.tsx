import { useNow } from '../lib/now.ts';
import { dayTitle } from '../lib/time.ts';

export function DaySeparator({ at }: { at: number }) {
  return (
    <li className="mt-5 mb-1 flex items-center gap-3 px-4 sm:px-6">
      <hr className="flex-1" />
      <span className="text-xs font-medium text-muted">{dayTitle(at, useNow())}</span>
      <hr className="flex-1" />
    </li>
  );
}

export function UnreadSeparator() {
  return (
    <li data-key="unread" className="mt-4 mb-1 flex items-center gap-3 px-4 text-accent sm:px-6">
      <hr className="flex-1 border-accent" />
      <span className="text-xs font-semibold">New messages</span>
      <hr className="flex-1 border-accent" />
    </li>
  );
}
