import { useState } from 'react';
import { DURATIONS, untilOf } from '../moderation/words.ts';
import { Select } from '../ui/Select.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';

const TERMS = [...DURATIONS.slice(0, -1), ['', 'For good'] as const];

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
      onSubmit={(reason) => onSubmit({ reason, until: untilOf(hours) })}
      onClose={onClose}
    >
      <p className="mb-4">All sessions end at once. {name} is told the reason when trying to sign in.</p>
      <Select
        label="How long"
        className="text-ink"
        value={hours}
        options={TERMS}
        onChange={(event) => setHours(event.target.value)}
      />
    </ReasonDialog>
  );
}
