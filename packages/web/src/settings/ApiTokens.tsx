import type { ApiToken } from '@confab/sdk';
import { KeyRound } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, dayOf } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';
import { NewTokenDialog } from './NewTokenDialog.tsx';

/** What lets bots and scripts speak for me. */
export function ApiTokens() {
  const { data, problem, reload } = useLoaded(useCallback(() => client.call('apiTokens'), []));
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const now = useNow();
  const tokens = data?.tokens ?? [];
  return (
    <Section title="API tokens" note="For bots and scripts: each speaks for you, as far as you allow it.">
      <Alert onRetry={reload}>{problem}</Alert>
      {tokens.length > 0 && (
        <ul aria-label="API tokens" className="mb-4">
          {tokens.map((token) => (
            <Row
              key={token.id}
              icon={<KeyRound size={19} />}
              title={
                <>
                  {token.name}
                  {token.expiresAt <= now && <Badge look="bad">Expired</Badge>}
                </>
              }
              note={
                <>
                  {token.scopes.join(', ')}
                  <br />
                  {token.expiresAt > now && `Until ${dayOf(token.expiresAt)} · `}
                  {token.lastUsedAt === null ? 'not used yet' : `used ${ago(token.lastUsedAt, now)}`}
                </>
              }
              actions={
                <Button look="danger" aria-label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                  Revoke
                </Button>
              }
            />
          ))}
        </ul>
      )}
      <Button onClick={() => setMaking(true)}>Make a token</Button>
      {making && <NewTokenDialog onMade={reload} onClose={() => setMaking(false)} />}
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${revoking.name}?`}
          verb="Revoke"
          onConfirm={() => client.call('revokeApiToken', { params: { tokenId: revoking.id } }).then(reload)}
          onClose={() => setRevoking(null)}
        >
          What uses it is cut off at once.
        </ConfirmDialog>
      )}
    </Section>
  );
}
