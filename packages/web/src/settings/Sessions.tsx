import type { Session } from '@confab/sdk';
import { Monitor, Smartphone } from 'lucide-react';
import { useCallback, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';

/** Where I am signed in. */
export function Sessions() {
  const { data, problem, reload } = useLoaded(useCallback(() => client.call('sessions'), []));
  const [asking, setAsking] = useState(false);
  const now = useNow();
  const sessions = data?.sessions ?? [];
  const end = ({ id }: Session) => attempt(client.call('endSession', { params: { sessionId: id } }).finally(reload));

  return (
    <Section title="Where you are signed in" note="Sign out what you don’t know, and then change your password.">
      <Alert onRetry={reload}>{problem}</Alert>
      <ul aria-label="Sessions">
        {sessions.map((session) => (
          <Row
            key={session.id}
            icon={/android|ios|phone|ipad/i.test(session.device) ? <Smartphone size={19} /> : <Monitor size={19} />}
            title={
              <>
                {session.device}
                {session.current && <Badge look="good">This device</Badge>}
              </>
            }
            note={
              <>
                {session.ip} ·{' '}
                <time dateTime={new Date(session.lastUsedAt).toISOString()} title={exactTime(session.lastUsedAt)}>
                  {session.current ? 'in use' : `last used ${ago(session.lastUsedAt, now)}`}
                </time>
              </>
            }
            actions={
              !session.current && (
                <Button look="danger" aria-label={`Sign out ${session.device}`} onClick={() => end(session)}>
                  Sign out
                </Button>
              )
            }
          />
        ))}
      </ul>
      {sessions.length > 1 && (
        <Button look="danger" className="mt-3" onClick={() => setAsking(true)}>
          Sign out everywhere else
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title="Sign out everywhere else?"
          verb="Sign out"
          onConfirm={() => client.call('endOtherSessions').then(reload)}
          onClose={() => setAsking(false)}
        >
          Only this device stays signed in.
        </ConfirmDialog>
      )}
    </Section>
  );
}
