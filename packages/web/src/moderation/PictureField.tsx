import { type Lounge, LIMITS, PICTURE_TYPES } from '@confab/sdk';
import { Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { fieldProblem } from '../lib/problems.ts';
import { LoungePicture } from '../lounges/LoungePicture.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';

/** Said of each file that is none. */
export const PICTURE_ADVICE = 'Choose a PNG, JPEG, WebP, GIF or AVIF of at most 2 MB and 25 million pixels.';

/** What becomes of the picture of a lounge; undefined: it stays as it is. */
export type PictureChoice = File | null | undefined;

/** @throws ConfabError of the field for what the server would not take */
export function demandPicture({ size, type }: File): void {
  const isTaken = size <= LIMITS.picture && PICTURE_TYPES.some((taken) => taken === type);
  if (!isTaken) throw fieldProblem('picture', PICTURE_ADVICE);
}

interface Props {
  /** null: a new one. */
  lounge: Lounge | null;
  choice: PictureChoice;
  error: string | undefined;
  onChoose: (choice: PictureChoice) => void;
}

/** Shows the picture as it will be, and chooses another one or none. */
export function PictureField({ lounge, choice, error, onChoose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  /** The file that was chosen, for the browser to show. */
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => () => void (chosen !== null && URL.revokeObjectURL(chosen)), [chosen]);
  const picture = choice === undefined ? (lounge?.picture ?? null) : chosen;

  function choose(next: PictureChoice) {
    setChosen(next ? URL.createObjectURL(next) : null);
    onChoose(next);
  }

  function remove() {
    if (input.current === null) return;
    input.current.value = '';
    input.current.focus();
    choose(null);
  }

  return (
    <div className="flex items-start gap-3">
      {(lounge !== null || picture !== null) && (
        <div className="mt-6.5">
          <LoungePicture lounge={{ id: lounge?.id ?? '', name: lounge?.name ?? '', picture }} />
        </div>
      )}
      <Field
        ref={input}
        label="Picture"
        name="picture"
        type="file"
        accept={PICTURE_TYPES.join()}
        className="min-w-0 flex-1"
        hint="Its middle is shown, as a square."
        error={error}
        onChange={(event) => choose(event.target.files?.[0])}
        end={
          picture !== null && (
            <IconButton small label="Remove picture" onClick={remove}>
              <Trash2 size={18} aria-hidden />
            </IconButton>
          )
        }
      />
    </div>
  );
}
