import type { LiveRoom, OutboxItem } from '@confab/sdk';
import type { ReactNode } from 'react';
import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';
import { whyWords } from '../lib/problems.ts';
import { useSecondsUntil } from '../lib/useSecondsUntil.ts';
import { countdown } from './wait-name.ts';

/** How far my message has come; `item` while it is on its way. */
export function Delivery({ item, seenBy }: { item: OutboxItem | null; seenBy: string | null }) {
  if (item?.retryAt !== undefined) return <Waiting until={item.retryAt} />;
  if (item !== null)
    return <Mark label="Sending" icon={<Clock3 size={14} aria-hidden />} className="animate-late text-muted" />;
  if (seenBy === null) return <Mark label="Sent" icon={<Check size={15} aria-hidden />} className="text-muted" />;
  return <Mark label={`Seen by ${seenBy}`} icon={<CheckCheck size={15} aria-hidden />} className="text-accent" />;
}

/** Until it is tried again: slow mode, or a server that has too much to do. */
function Waiting({ until }: { until: number }) {
  const left = useSecondsUntil(until);
  return (
    <span
      title="Sent by itself when it may"
      className="animate-late flex h-5 shrink-0 items-center gap-1 text-xs text-muted"
    >
      <Clock3 size={14} aria-hidden />
      <span className="tabular-nums">
        <span className="sr-only">Sent in </span>
        {countdown(left)}
      </span>
    </span>
  );
}

function Mark({ label, icon, className }: { label: string; icon: ReactNode; className: string }) {
  return (
    <span title={label} className={`flex h-5 shrink-0 items-center ${className}`}>
      {icon}
      <span className="sr-only">{label}</span>
    </span>
  );
}

interface FailedProps {
  item: OutboxItem;
  room: LiveRoom;
  onRewrite: (item: OutboxItem) => void;
}

/** Why my message could not be sent, and what to do about it. */
export function FailedNotice({ item, room, onRewrite }: FailedProps) {
  const { error } = item;
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-danger">
      <span className="flex items-center gap-1.5">
        <CircleAlert size={15} className="shrink-0" aria-hidden />
        <span className="min-w-0 break-words">Not sent. {error && whyWords(error.message, error.details ?? {})}</span>
      </span>
      <button
        type="button"
        className="font-medium underline underline-offset-2"
        onClick={() => room.retry(item.clientId)}
      >
        Retry
      </button>
      {!item.poll && !item.forward && (
        <button type="button" className="font-medium underline underline-offset-2" onClick={() => onRewrite(item)}>
          Rewrite
        </button>
      )}
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
