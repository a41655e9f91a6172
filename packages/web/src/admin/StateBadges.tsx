import type { Account } from '@confab/sdk';
import { Badge } from '../ui/Badge.tsx';
import { roleName, STATES } from './labels.ts';

/** What sets an account apart from any other. */
export function StateBadges({ account }: { account: Account }) {
  const state = STATES.find(([value]) => value === account.state)?.[1];
  return (
    <>
      {account.role !== 'user' && <Badge look="good">{roleName(account.role)}</Badge>}
      {account.state !== 'active' && <Badge look="warn">{state}</Badge>}
      {account.ban && <Badge look="bad">Banned</Badge>}
    </>
  );
}
