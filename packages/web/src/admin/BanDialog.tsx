import { useState } from 'react';
import { Select } from '../ui/Select.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';

const HOUR_MS = 3600_000;
const DURATIONS = [
  ['1', 'An hour'],
  ['24', 'A day'],
  ['168', 'A week'],
  ['720', '30 days'],
  ['', 'For good'],
] as const;

interface Props {
  name: string;
  /** `until`: epoch ms; null: for good. */
  onSubmit: (ban: { reason: string; until: number | null }) => Promise<void>;
  onClose: () => void;
}

export function BanDialog({ name, onSubmit, onClose }: Props) {
  const [hours, setHours] = useState('24');
  return (
    <ReasonDialog
      title={`Ban ${name}?`}
      verb="Ban"
      onSubmit={(reason) => onSubmit({ reason, until: hours === '' ? null : Date.now() + Number(hours) * HOUR_MS })}
      onClose={onClose}
    >
      <p className="mb-4">All sessions end at once. {name} is told the reason when trying to sign in.</p>
      <Select
        label="How long"
        className="text-ink"
        value={hours}
        options={DURATIONS}
        onChange={(event) => setHours(event.target.value)}
      />
    </ReasonDialog>
  );
}
