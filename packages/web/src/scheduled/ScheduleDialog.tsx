import type { LiveRoom } from '@confab/sdk';
import { useState } from 'react';
import { useNow } from '../lib/now.ts';
import { useSubmit } from '../lib/problems.ts';
import { atHour, exactTime, fromLocalInput, toLocalInput } from '../lib/time.ts';
import { plainText } from '../room/markdown.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { toast } from '../ui/toasts.tsx';

interface Props {
  room: LiveRoom;
  body: string;
  replyTo: string | null;
  onScheduled: () => void;
  onClose: () => void;
}

const HOUR_MS = 3_600_000;

/** Choose when a message is sent. */
export function ScheduleDialog({ room, body, replyTo, onScheduled, onClose }: Props) {
  const now = useNow();
  const [at, setAt] = useState(() => toLocalInput(now + HOUR_MS));
  const chosen = fromLocalInput(at);
  const { busy, problem, onSubmit } = useSubmit(
    async () => {
      if (chosen === null) return;
      await room.schedule(body.trim(), chosen, { replyTo });
      toast(`It will be sent on ${exactTime(chosen)}.`);
      onScheduled();
      onClose();
    },
    { sendAt: 'Choose a time that is still to come.' },
  );
  const presets = [
    ['In an hour', now + HOUR_MS],
    ['Tomorrow at 9:00', atHour(now, 1, 9)],
    ['Next Monday at 9:00', atHour(now, 8 - (new Date(now).getDay() || 7), 9)],
  ] as const;

  return (
    <Dialog title="Send later" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{problem.message}</Alert>
        <p className="mb-4 line-clamp-3 rounded-lg bg-surface px-3 py-2.5 break-words">{plainText(body)}</p>
        <div className="mb-4 flex flex-wrap gap-2">
          {presets.map(([label, time]) => (
            <Button key={label} className="h-9 px-3 text-sm" onClick={() => setAt(toLocalInput(time))}>
              {label}
            </Button>
          ))}
        </div>
        <Field
          label="When"
          name="sendAt"
          type="datetime-local"
          required
          min={toLocalInput(now)}
          value={at}
          onChange={(event) => setAt(event.target.value)}
          error={problem.fields['sendAt']}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={chosen === null}>
            Schedule
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
