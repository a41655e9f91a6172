import { lazy, Suspense, useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { whyWords } from '../lib/problems.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { appealWords } from '../notices/words.ts';
import { Button } from '../ui/Button.tsx';

const AppealDialog = lazy(async () => ({ default: (await import('../notices/AppealDialog.tsx')).AppealDialog }));

interface Props {
  /** What the refusal carried, if it did. */
  token: string | undefined;
  /** Says why and until when as well, where the refusal could not. */
  why?: boolean;
}

/** For whoever is banned: asks for another look, or says what became of that. */
export function BanAppeal({ token, why = false }: Props) {
  return token === undefined ? null : <Appeal key={token} token={token} why={why} />;
}

function Appeal({ token, why }: { token: string; why: boolean }) {
  const [open, setOpen] = useState(false);
  const { data: ban, reload } = useLoaded(useCallback(() => client.call('ownBan', { body: { token } }), [token]));
  return (
    <>
      {why && ban && <p className="mb-5">{whyWords('You are kept out.', ban)}</p>}
      {ban?.appeal ? (
        <p className="mb-5">{appealWords(ban.appeal)}</p>
      ) : (
        <Button className="mb-5 w-full" onClick={() => setOpen(true)}>
          Appeal against the ban
        </Button>
      )}
      {open && (
        <Suspense fallback={null}>
          <AppealDialog
            about="This account is banned."
            onAppeal={(text) => client.call('appealBan', { body: { token, text } })}
            onClose={() => {
              setOpen(false);
              reload();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
