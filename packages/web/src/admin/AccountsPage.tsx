import type { AccountState, Role } from '@confab/sdk';
import { Users } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago } from '../lib/time.ts';
import { usePages } from '../lib/usePages.ts';
import { usePaused } from '../lib/usePaused.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field } from '../ui/Field.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Select } from '../ui/Select.tsx';
import { ROLES, STATES } from './labels.ts';
import { StateBadges } from './StateBadges.tsx';

interface Props {
  opened: string | null;
  /** When it changes, the list is loaded again. */
  round: number;
  onOpen: (userId: string) => void;
}

/** All accounts, the newest first, to be found and opened. */
export function AccountsPage({ opened, round, onOpen }: Props) {
  const [typed, setTyped] = useState('');
  const [role, setRole] = useState<Role | ''>('');
  const [state, setState] = useState<AccountState | ''>('');
  const q = usePaused(typed.trim());
  const now = useNow();
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (before?: string) => {
        // Named, so that another round is another list.
        void round;
        const { accounts, hasMore } = await client.call('accounts', {
          query: {
            ...(q !== '' && { q }),
            ...(role !== '' && { role }),
            ...(state !== '' && { state }),
            ...(before !== undefined && { before }),
          },
        });
        return { items: accounts, nextCursor: hasMore ? (accounts.at(-1)?.id ?? null) : null };
      },
      [q, role, state, round],
    ),
  );

  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label="Find"
          type="search"
          className="min-w-0 flex-1 basis-44"
          placeholder="Username or address"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Select
          label="Role"
          className="w-36"
          value={role}
          options={[['', 'All'], ...ROLES]}
          onChange={(event) => setRole(ROLES.find(([value]) => value === event.target.value)?.[0] ?? '')}
        />
        <Select
          label="State"
          className="w-32"
          value={state}
          options={[['', 'All'], ...STATES]}
          onChange={(event) => setState(STATES.find(([value]) => value === event.target.value)?.[0] ?? '')}
        />
      </div>
      <PagedList
        label="Accounts"
        items={
          items?.map((account) => (
            <li key={account.id}>
              <button
                type="button"
                aria-current={account.id === opened || undefined}
                className={classes(
                  'flex w-full items-center gap-3 rounded-xl px-3 py-2.5 text-left hover:bg-hover',
                  account.id === opened && 'bg-accent-soft',
                )}
                onClick={() => onOpen(account.id)}
              >
                <Avatar id={account.id} name={account.name} />
                <span className="min-w-0 flex-1">
                  <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <span className="truncate font-medium">{account.name}</span>
                    <StateBadges account={account} />
                  </span>
                  <span className="block truncate text-sm text-muted">
                    @{account.username}
                    {account.email !== null && ` · ${account.email}`}
                  </span>
                </span>
                <span className="shrink-0 text-sm text-muted max-sm:hidden">
                  {account.lastUsedAt === null ? '' : ago(account.lastUsedAt, now)}
                </span>
              </button>
            </li>
          )) ?? null
        }
        problem={problem}
        onRetry={retry}
        more={more}
        empty={<EmptyState icon={<Users size={26} />} title="No such account" level="h2" />}
      />
    </>
  );
}
