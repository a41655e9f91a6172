import type { PublicUser } from '@confab/sdk';
import { Pencil, Reply, X } from 'lucide-react';
import { client } from '../lib/client.ts';
import { IconButton } from '../ui/Button.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { summaryOf } from './summary.ts';

interface Props {
  mode: ComposerMode;
  quotedSender: PublicUser | undefined;
  onCancel: () => void;
}

/** Above the text: which message is being answered or edited. */
export function ComposerContext({ mode, quotedSender, onCancel }: Props) {
  if (mode.kind === 'new') return null;
  const message = mode.kind === 'reply' ? mode.to : mode.message;
  return (
    <div className="flex items-center gap-2 border-b py-1 pr-1 pl-4 text-sm text-muted">
      {mode.kind === 'reply' ? <Reply size={16} aria-hidden /> : <Pencil size={15} aria-hidden />}
      <span className="shrink-0 font-medium text-ink">
        {mode.kind === 'reply' ? `Reply to ${quotedSender?.name ?? '…'}` : 'Edit message'}
      </span>
      <span className="min-w-0 flex-1 truncate">{summaryOf(message, (id) => client.userById(id)?.name)}</span>
      <IconButton label="Cancel" small onClick={onCancel}>
        <X size={17} aria-hidden />
      </IconButton>
    </div>
  );
}
