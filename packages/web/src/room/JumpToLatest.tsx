import { ArrowDown } from 'lucide-react';
import { UnreadBadge } from '../ui/UnreadBadge.tsx';

export function JumpToLatest({ unread, onClick }: { unread: number; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="absolute right-4 bottom-4 flex h-10 min-w-10 animate-rise items-center justify-center gap-2 rounded-full border bg-raised px-2.5 text-muted shadow-pop transition-colors hover:text-ink sm:right-6"
    >
      {unread > 0 && <UnreadBadge unread={unread} />}
      <ArrowDown size={18} aria-hidden />
      <span className="sr-only">Jump to the latest message</span>
    </button>
  );
}
