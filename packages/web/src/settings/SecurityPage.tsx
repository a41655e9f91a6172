import { useWaysIn } from '../auth/useWaysIn.ts';
import { useCallback } from 'react';
import { client } from '../lib/client.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { ApiTokens } from './ApiTokens.tsx';
import { Identities } from './Identities.tsx';
import { Passkeys } from './Passkeys.tsx';
import { SecondFactor } from './SecondFactor.tsx';
import { Sessions } from './Sessions.tsx';

/** How I get in, and what keeps others out. */
export function SecurityPage() {
  const { data: security, problem, reload } = useLoaded(useCallback(() => client.call('security'), []));
  const ways = useWaysIn();
  return (
    <>
      {/* Around what comes later: the region for problems has to be there before. */}
      <div>
        <Alert onRetry={reload}>{problem}</Alert>
        {security === null && problem === null && <Spinner label="Loading" />}
        {security && (
          <div className="space-y-10">
            <SecondFactor on={security.totp} recoveryCodes={security.recoveryCodes} onChanged={reload} />
            <Passkeys passkeys={security.passkeys} enabled={ways?.passkeys ?? false} onChanged={reload} />
            <Identities identities={security.identities} providers={ways?.providers ?? []} onChanged={reload} />
          </div>
        )}
      </div>
      <Sessions />
      <ApiTokens />
    </>
  );
}
