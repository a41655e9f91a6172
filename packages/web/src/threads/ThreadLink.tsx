import type { Message } from '@confab/sdk';
import { ChevronRight, MessageSquareReply } from 'lucide-react';
import { useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { shortTime } from '../lib/time.ts';
import { count } from '../lib/words.ts';
import { UnreadBadge } from '../ui/UnreadBadge.tsx';

interface Props {
  thread: NonNullable<Message['thread']>;
  onOpen: () => void;
}

/** Under a message that has a thread: how much is in it, and what of it is unread. */
export function ThreadLink({ thread, onOpen }: Props) {
  const now = useNow();
  const unread = useClient((client) => client.threads.find((view) => view.id === thread.roomId)?.unread ?? 0);
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mt-1 flex h-8 items-center gap-2 rounded-lg border border-transparent bg-surface px-2.5 text-sm font-medium text-accent transition-colors hover:border-line hover:bg-hover"
    >
      <MessageSquareReply size={15} aria-hidden />
      {thread.count === 0 ? 'Thread' : count(thread.count, 'reply', 'replies')}
      {thread.lastAt !== null && <span className="font-normal text-muted">{shortTime(thread.lastAt, now)}</span>}
      {unread > 0 && <UnreadBadge unread={unread} />}
      <ChevronRight size={15} className="text-muted" aria-hidden />
    </button>
  );
}
