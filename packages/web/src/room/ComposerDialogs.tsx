import type { LiveRoom } from '@confab/sdk';
import { lazy, Suspense } from 'react';

const PollDialog = lazy(async () => ({ default: (await import('../polls/PollDialog.tsx')).PollDialog }));
const ScheduleDialog = lazy(async () => ({
  default: (await import('../scheduled/ScheduleDialog.tsx')).ScheduleDialog,
}));

interface Props {
  kind: 'poll' | 'later';
  room: LiveRoom;
  body: string;
  replyTo: string | null;
  onScheduled: () => void;
  onClose: () => void;
}

/** What the composer asks for. Not inside of its form: theirs would be sent with it. */
export function ComposerDialogs({ kind, room, body, replyTo, onScheduled, onClose }: Props) {
  return (
    <Suspense fallback={null}>
      {kind === 'poll' ? (
        <PollDialog room={room} onClose={onClose} />
      ) : (
        <ScheduleDialog room={room} body={body} replyTo={replyTo} onScheduled={onScheduled} onClose={onClose} />
      )}
    </Suspense>
  );
}
