import { Smile } from 'lucide-react';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { atHour } from '../lib/time.ts';
import { EmojiPicker } from '../reactions/EmojiPicker.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';

const HOUR_MS = 3_600_000;
const ENDS = [
  ['', 'Don’t clear'],
  ['1', 'In an hour'],
  ['4', 'In 4 hours'],
  ['today', 'At the end of the day'],
  ['168', 'In a week'],
] as const;

/** What I say about myself beside my name. */
export function StatusDialog({ userId, onClose }: { userId: string; onClose: () => void }) {
  const present = client.presence.get(userId);
  const [emoji, setEmoji] = useState(present?.emoji ?? null);
  const [text, setText] = useState(present?.text ?? '');
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const ends = textOf(form, 'until');
      const until =
        ends === '' ? null : ends === 'today' ? atHour(Date.now(), 1, 0) : Date.now() + Number(ends) * HOUR_MS;
      await client.presence.setStatus({ emoji, text: text.trim() === '' ? null : text.trim(), until });
      onClose();
    },
    { text: 'Use up to 100 characters.' },
  );

  return (
    <Dialog title="Your status" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <div className="flex items-end gap-2">
            <Button
              aria-label={emoji === null ? 'Choose an emoji' : `Emoji: ${emoji}. Choose another one`}
              className="h-11 px-3 text-xl"
              onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}
            >
              {emoji ?? <Smile size={20} className="text-muted" aria-hidden />}
            </Button>
            <Field
              label="Status"
              name="text"
              autoComplete="off"
              autoFocus
              placeholder="What are you up to?"
              maxLength={100}
              className="flex-1"
              value={text}
              onChange={(event) => setText(event.target.value)}
              error={problem.fields['text']}
            />
          </div>
          <Select label="Clear it" name="until" options={ENDS} />
        </div>
        <DialogActions>
          <Button
            look="quiet"
            className="mr-auto"
            onClick={() => {
              setEmoji(null);
              setText('');
            }}
          >
            Clear
          </Button>
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
      {anchor && <EmojiPicker anchor={anchor} onPick={setEmoji} onClose={() => setAnchor(null)} />}
    </Dialog>
  );
}
