import { type Account, type Profile, ranksAbove } from '@confab/sdk';
import { ScrollText } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { AccountActions } from './AccountActions.tsx';
import { roleName } from './labels.ts';
import { StateBadges } from './StateBadges.tsx';

interface Props {
  userId: string;
  me: Profile;
  onChanged: () => void;
  /** To see what happened to it. */
  onAudit: () => void;
  onClose: () => void;
}

/** One account, and what there is to do with it. */
export function AccountPanel({ userId, me, onChanged, onAudit, onClose }: Props) {
  const { data, problem } = useLoaded(useCallback(() => client.call('account', { params: { userId } }), [userId]));
  const [changed, setChanged] = useState<Account | null>(null);
  const account = changed ?? data;
  return (
    <SidePanel
      label="Account"
      title={account?.name ?? '…'}
      note={account && `@${account.username}`}
      wide
      onClose={onClose}
    >
      <div className="min-h-0 flex-1 overflow-y-auto p-5">
        <Alert>{problem}</Alert>
        {account && (
          <div className="space-y-6">
            <Facts account={account} />
            {account.id === me.id ? (
              <p className="text-muted">This is you: your own account is kept in the settings.</p>
            ) : account.state === 'deleted' ? (
              <p className="text-muted">The account is deleted. There is nothing left to do with it.</p>
            ) : ranksAbove(me.role, account.role) ? (
              <AccountActions
                account={account}
                myRole={me.role}
                onChanged={(next) => {
                  setChanged(next);
                  onChanged();
                }}
              />
            ) : (
              <p className="text-muted">Only someone of a higher rank may change this account.</p>
            )}
            <Button look="quiet" className="-ml-4" onClick={onAudit}>
              <ScrollText size={17} aria-hidden />
              What happened to this account
            </Button>
          </div>
        )}
      </div>
    </SidePanel>
  );
}

function Facts({ account }: { account: Account }) {
  const now = useNow();
  const { ban } = account;
  const facts: [string, string][] = [
    ['Role', roleName(account.role)],
    ['Email', account.email ?? 'None'],
    ['Joined', exactTime(account.createdAt)],
    ['Last here', account.lastUsedAt === null ? 'Never' : ago(account.lastUsedAt, now)],
    ['Id', account.id],
  ];
  return (
    <>
      <div className="flex items-center gap-4">
        <Avatar id={account.id} name={account.name} size="xl" />
        <div className="flex flex-wrap gap-2">
          <StateBadges account={account} />
          {account.email !== null && !account.emailVerified && <Badge look="warn">Address not verified</Badge>}
        </div>
      </div>
      {ban && (
        <p className="rounded-lg bg-danger-soft px-3 py-2.5 text-danger">
          Banned {ban.until === null ? 'for good' : `until ${exactTime(ban.until)}`}: {ban.reason}
        </p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {facts.map(([term, value]) => (
          <div key={term} className="contents">
            <dt className="text-muted">{term}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
