import type { LiveRoom } from '@confab/sdk';
import { CornerUpLeft } from 'lucide-react';
import { client, useClient } from '../lib/client.ts';
import { summaryOf } from './summary.ts';
import { useQuoted } from './useQuoted.ts';

interface Props {
  room: LiveRoom;
  messageId: string;
  onShow: (n: number) => void;
}

const nameOf = (id: string) => client.userById(id)?.name;

/** The message that another one answers, in one line. It leads there. */
export function Quote({ room, messageId, onShow }: Props) {
  const message = useQuoted(room, messageId);
  const line = useClient(() => (message ? summaryOf(message, nameOf) : null));
  const sender = useClient(() => (message ? nameOf(message.senderId) : undefined));
  const icon = <CornerUpLeft size={14} className="shrink-0" aria-hidden />;
  const look = 'mb-0.5 flex max-w-full items-center gap-1.5 text-sm text-muted';
  if (!message)
    return (
      <div className={look}>
        {icon}
        {message === null ? '…' : 'A message that is gone'}
      </div>
    );
  return (
    <button
      type="button"
      className={`${look} rounded hover:text-ink`}
      onClick={() => onShow(message.n)}
      title="Show this message"
    >
      {icon}
      {!message.hidden && <span className="shrink-0 font-medium">{sender ?? '…'}</span>}
      <span className="truncate">{line}</span>
    </button>
  );
}
