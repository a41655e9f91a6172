import { LIMITS, type LiveRoom } from '@confab/sdk';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';

const HOUR_MS = 3_600_000;
const CLOSES = [
  ['', 'When I close it'],
  ['1', 'In an hour'],
  ['24', 'In a day'],
  ['168', 'In a week'],
] as const;

/** Ask a room. */
export function PollDialog({ room, onClose }: { room: LiveRoom; onClose: () => void }) {
  const [options, setOptions] = useState([
    { id: 0, text: '' },
    { id: 1, text: '' },
  ]);
  const [complaint, setComplaint] = useState<string | null>(null);
  const { problem, onSubmit } = useSubmit(async (form) => {
    const texts = options.map(({ text }) => text.trim()).filter((text) => text !== '');
    const hours = Number(textOf(form, 'closes'));
    if (texts.length < 2 || new Set(texts).size !== texts.length) {
      setComplaint('Give two or more answers, all different.');
      return;
    }
    room.sendPoll({
      question: textOf(form, 'question').trim(),
      options: texts,
      multiple: form.has('multiple'),
      anonymous: form.has('anonymous'),
      closesAt: hours === 0 ? null : Date.now() + hours * HOUR_MS,
    });
    onClose();
  });
  const set = (id: number, text: string) =>
    setOptions(options.map((option) => (option.id === id ? { id, text } : option)));

  return (
    <Dialog title="Create a poll" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{complaint ?? problem.message}</Alert>
        <div className="space-y-5">
          <Field label="Question" name="question" autoComplete="off" autoFocus required maxLength={300} />
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">Answers</legend>
            <div className="space-y-2">
              {options.map(({ id, text }, index) => (
                <div key={id} className="flex items-center gap-1">
                  <input
                    aria-label={`Answer ${index + 1}`}
                    autoComplete="off"
                    maxLength={100}
                    value={text}
                    onChange={(event) => set(id, event.target.value)}
                    className="h-10 min-w-0 flex-1 rounded-lg border border-edge bg-raised px-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0"
                  />
                  {options.length > 2 && (
                    <IconButton
                      label={`Remove answer ${index + 1}`}
                      onClick={() => setOptions(options.filter((option) => option.id !== id))}
                    >
                      <X size={17} aria-hidden />
                    </IconButton>
                  )}
                </div>
              ))}
            </div>
            {options.length < LIMITS.pollOptions && (
              <Button
                look="quiet"
                className="mt-2 px-3"
                onClick={() => setOptions([...options, { id: (options.at(-1)?.id ?? 0) + 1, text: '' }])}
              >
                <Plus size={17} aria-hidden />
                Add an answer
              </Button>
            )}
          </fieldset>
          <Switch label="Several answers possible" name="multiple" />
          <Switch label="Anonymous" name="anonymous" hint="Nobody sees who voted for what." />
          <Select label="Closes" name="closes" options={CLOSES} />
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary">
            Send poll
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
