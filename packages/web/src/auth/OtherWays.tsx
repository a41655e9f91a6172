import { type CallOutput, ConfabError } from '@confab/sdk';
import { KeyRound, LogIn, Mail, UserRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { BanAppeal } from './BanAppeal.tsx';
import { enter } from './enter.ts';
import { keepReturnTo } from './return-to.ts';
import { provePasskey } from './passkeys.ts';

interface Props {
  ways: CallOutput<'waysIn'>;
  returnTo: string;
  onCode: () => void;
}

/** Every way in but the password. What is not switched on is not shown. */
export function OtherWays({ ways, returnTo, onCode }: Props) {
  const [busy, setBusy] = useState<'passkey' | 'guest' | null>(null);
  const [problem, setProblem] = useState<{ message: string; appeal: string | undefined } | null>(null);
  const passkeys = ways.passkeys && 'PublicKeyCredential' in window;
  if (!ways.mail && !passkeys && !ways.guests && ways.providers.length === 0) return null;

  async function run(name: 'passkey' | 'guest', action: () => Promise<unknown>) {
    setBusy(name);
    setProblem(null);
    try {
      await action();
    } catch (thrown) {
      const appeal = thrown instanceof ConfabError ? thrown.ban?.appeal : undefined;
      setProblem({ message: messageOf(thrown), appeal });
      setBusy(null);
    }
  }

  return (
    <section aria-label="Other ways in">
      <p className="my-5 flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
      <Alert>{problem?.message ?? null}</Alert>
      <BanAppeal token={problem?.appeal} />
      <div className="space-y-2.5">
        {ways.mail && (
          <Way icon={<Mail size={18} aria-hidden />} onClick={onCode}>
            Email me a code
          </Way>
        )}
        {passkeys && (
          <Way
            icon={<KeyRound size={18} aria-hidden />}
            busy={busy === 'passkey'}
            onClick={() => void run('passkey', enterWithPasskey)}
          >
            Continue with a passkey
          </Way>
        )}
        {ways.providers.map(({ id, name }) => (
          <a
            key={id}
            href={`/api/auth/oauth/${encodeURIComponent(id)}?returnTo=${encodeURIComponent(returnTo)}`}
            onClick={() => keepReturnTo(returnTo)}
            className="flex h-10 w-full items-center justify-center gap-2 rounded-lg border bg-raised px-4 font-medium transition-colors hover:bg-hover"
          >
            <LogIn size={18} aria-hidden />
            Continue with {name}
          </a>
        ))}
        {ways.guests && (
          <Way
            icon={<UserRound size={18} aria-hidden />}
            busy={busy === 'guest'}
            onClick={() => void run('guest', () => enter('guest', {}))}
          >
            Look around as a guest
          </Way>
        )}
      </div>
    </section>
  );
}

interface WayProps {
  icon: ReactNode;
  busy?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Way({ icon, busy = false, onClick, children }: WayProps) {
  return (
    <Button className="w-full" busy={busy} onClick={onClick}>
      {!busy && icon}
      {children}
    </Button>
  );
}

async function enterWithPasskey(): Promise<void> {
  const { challenge, options } = await client.call('passkeyOptions');
  await enter('passkeySignIn', { challenge, response: await provePasskey(options) });
}
