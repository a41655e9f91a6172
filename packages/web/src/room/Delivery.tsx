import type { ReactNode } from 'react';
import type { LiveRoom, OutboxItem } from '@confab/sdk';
import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';

/** How far my message has come. */
export function Delivery({ pending, seenBy }: { pending: boolean; seenBy: string | null }) {
  if (pending)
    return <Mark label="Sending" icon={<Clock3 size={14} aria-hidden />} className="animate-late text-muted" />;
  if (seenBy === null) return <Mark label="Sent" icon={<Check size={15} aria-hidden />} className="text-muted" />;
  return <Mark label={`Seen by ${seenBy}`} icon={<CheckCheck size={15} aria-hidden />} className="text-accent" />;
}

function Mark({ label, icon, className }: { label: string; icon: ReactNode; className: string }) {
  return (
    <span title={label} className={`flex h-5 shrink-0 items-center ${className}`}>
      {icon}
      <span className="sr-only">{label}</span>
    </span>
  );
}

/** Why my message could not be sent, and what to do about it. */
export function FailedNotice({ item, room }: { item: OutboxItem; room: LiveRoom }) {
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-danger">
      <span className="flex items-center gap-1.5">
        <CircleAlert size={15} aria-hidden />
        Not sent. {item.error?.message}
      </span>
      <button
        type="button"
        className="font-medium underline underline-offset-2"
        onClick={() => room.retry(item.clientId)}
      >
        Retry
      </button>
      <button
        type="button"
        className="font-medium underline underline-offset-2"
        onClick={() => room.discard(item.clientId)}
      >
        Discard
      </button>
    </p>
  );
}
