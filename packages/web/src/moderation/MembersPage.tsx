import type { PublicUser } from '@confab/sdk';
import { Search, Users } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { moderationPath, navigate } from '../lib/router.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { usePaused } from '../lib/usePaused.ts';
import { count } from '../lib/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { Badge } from '../ui/Badge.tsx';
import { classes } from '../ui/classes.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SearchField } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { roleName } from '../admin/labels.ts';
import { ConsolePage } from './ConsolePage.tsx';
import { MemberPanel } from './MemberPanel.tsx';
import type { Scope } from './scope.ts';

/** By name; for admins by the beginning of an address as well, guests and those who are banned among them. */
async function find(q: string, admin: boolean): Promise<PublicUser[]> {
  if (q === '') return [];
  const [people, accounts] = await Promise.all([
    client.findUsers(q),
    admin ? client.call('accounts', { query: { q, limit: '20' } }) : { accounts: [] },
  ]);
  const known = new Set(people.map(({ id }) => id));
  return [...people, ...accounts.accounts.filter(({ id, state }) => !known.has(id) && state !== 'deleted')];
}

/** People, what was done about them, and what to do. */
export function MembersPage({ scope, openId }: { scope: Scope; openId: string | null }) {
  const [typed, setTyped] = useState('');
  const q = usePaused(typed.trim());
  const { data: people, problem } = useLoaded(useCallback(() => find(q, scope.admin), [q, scope.admin]));
  return (
    <ConsolePage
      scope={scope}
      page="members"
      aside={
        openId !== null && (
          <MemberPanel
            key={openId}
            userId={openId}
            scope={scope}
            onClose={() => {
              navigate(moderationPath('members'));
              document.querySelector<HTMLElement>('[data-person-search] input')?.focus();
            }}
          />
        )
      }
    >
      <div data-person-search>
        <SearchField
          label={scope.admin ? 'Find people by name or address' : 'Find people by name'}
          icon={<Search size={17} aria-hidden />}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <Alert>{problem}</Alert>
      <p role="status" className="sr-only">
        {q !== '' && people && `${count(people.length, 'person', 'people')} found`}
      </p>
      <ul aria-label="People" className="space-y-0.5">
        {people?.map((user) => (
          <li key={user.id}>
            <Link
              to={moderationPath('members', user.id)}
              aria-current={user.id === openId ? 'true' : undefined}
              className={classes(
                'flex items-center gap-3 rounded-xl px-3 py-2 transition-colors',
                user.id === openId ? 'bg-accent-soft' : 'hover:bg-hover',
              )}
            >
              <Avatar id={user.id} name={user.name} />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{user.name}</span>
                <span className="block truncate text-sm text-muted">@{user.username}</span>
              </span>
              {user.role !== 'user' && <Badge look="good">{roleName(user.role)}</Badge>}
            </Link>
          </li>
        ))}
      </ul>
      {people?.length === 0 && (
        <EmptyState
          icon={<Users size={26} />}
          title={q === '' ? 'Whom are you looking for?' : 'Nobody is called that here'}
          level="h2"
        >
          {q === '' ? 'Type a name. You see what was done about them, and can do something yourself.' : null}
        </EmptyState>
      )}
    </ConsolePage>
  );
}
