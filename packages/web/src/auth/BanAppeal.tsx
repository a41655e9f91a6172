import { lazy, Suspense, useState } from 'react';
import { client } from '../lib/client.ts';
import { Button } from '../ui/Button.tsx';

const AppealDialog = lazy(async () => ({ default: (await import('../notices/AppealDialog.tsx')).AppealDialog }));

/** For whoever is banned: asks for another look. `token` is what the refusal of the sign-in carried, if it did. */
export function BanAppeal({ token }: { token: string | undefined }) {
  const [open, setOpen] = useState(false);
  if (token === undefined) return null;
  return (
    <>
      <Button className="mb-5 w-full" onClick={() => setOpen(true)}>
        Appeal against the ban
      </Button>
      {open && (
        <Suspense fallback={null}>
          <AppealDialog
            about="This account is banned."
            onAppeal={(text) => client.call('appealBan', { body: { token, text } })}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}
