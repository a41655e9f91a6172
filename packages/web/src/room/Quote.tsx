import type { Message, PublicUser } from '@confab/sdk';
import { CornerUpLeft } from 'lucide-react';
import { plainText } from './markdown.ts';

interface Props {
  message: Message | null;
  sender: PublicUser | undefined;
  onShow: (() => void) | null;
}

/** The message that another one answers, in one line. */
export function Quote({ message, sender, onShow }: Props) {
  const line =
    message === null ? (
      <span>An earlier message</span>
    ) : (
      <>
        <span className="shrink-0 font-medium">{sender?.name ?? '…'}</span>
        <span className="truncate">{message.deletedAt === null ? plainText(message.body) : 'Message deleted'}</span>
      </>
    );
  const look = 'mb-0.5 flex max-w-full items-center gap-1.5 text-sm text-muted';
  const icon = <CornerUpLeft size={14} className="shrink-0" aria-hidden />;
  if (onShow === null)
    return (
      <div className={look}>
        {icon}
        {line}
      </div>
    );
  return (
    <button type="button" className={`${look} rounded hover:text-ink`} onClick={onShow} title="Show this message">
      {icon}
      {line}
    </button>
  );
}
