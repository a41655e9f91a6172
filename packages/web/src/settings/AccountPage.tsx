import { useWaysIn } from '../auth/useWaysIn.ts';
import { useCallback, useEffect } from 'react';
import { client, useClient } from '../lib/client.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { EmailSection } from './EmailSection.tsx';
import { LeavingSection } from './LeavingSection.tsx';
import { PasswordSection } from './PasswordSection.tsx';
import { PhoneSection } from './PhoneSection.tsx';

/** My address, number and password, and the end of my account. */
export function AccountPage() {
  const me = useClient((known) => known.me);
  const ways = useWaysIn();
  const { data: security, problem, reload } = useLoaded(useCallback(() => client.call('security'), []));
  useEffect(() => {
    // An address may have been proven meanwhile, in another tab. What is shown is what was known before, until then.
    client.call('profile').catch(() => undefined);
  }, []);
  if (me === null) return null;
  return (
    <>
      <EmailSection me={me} mail={ways?.mail ?? true} />
      <PhoneSection phone={me.phone} sms={ways?.sms ?? true} />
      <div>
        <Alert onRetry={reload}>{problem}</Alert>
        {security && <PasswordSection hasPassword={security.hasPassword} onChanged={reload} />}
      </div>
      <LeavingSection username={me.username} />
    </>
  );
}
