import type { Sanction } from '@confab/sdk';
import { useState } from 'react';
import { AppealDialog } from './AppealDialog.tsx';
import { appeal } from './notices.ts';
import { appealWords } from './words.ts';

interface Props {
  sanction: Sanction;
  /** What it is against, as a sentence. */
  about: string;
}

/** The way to another look at what moderators did; once it was asked for, what became of it. */
export function AppealButton({ sanction, about }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      {sanction.appeal ? (
        <span className="block">{appealWords(sanction.appeal)}</span>
      ) : (
        <button
          type="button"
          className="font-medium text-accent underline-offset-2 hover:underline"
          onClick={() => setAsking(true)}
        >
          Appeal
        </button>
      )}
      {asking && (
        <AppealDialog about={about} onAppeal={(text) => appeal(sanction.id, text)} onClose={() => setAsking(false)} />
      )}
    </>
  );
}
