import { isAtLeast } from '@confab/sdk';
import { ScrollText, ShieldOff, Users } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useClient } from '../lib/client.ts';
import { type AdminPageName, navigate } from '../lib/router.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SectionNav } from '../ui/SectionNav.tsx';
import { SubPage } from '../ui/SubPage.tsx';

const AccountsPage = lazy(async () => ({ default: (await import('./AccountsPage.tsx')).AccountsPage }));
const AccountPanel = lazy(async () => ({ default: (await import('./AccountPanel.tsx')).AccountPanel }));
const AuditPage = lazy(async () => ({ default: (await import('./AuditPage.tsx')).AuditPage }));

const NAV = [
  ['/admin/accounts', 'Accounts', Users],
  ['/admin/audit', 'Audit log', ScrollText],
] as const;

/** For those who run the place. */
export function AdminPage({ page }: { page: AdminPageName }) {
  const me = useClient((known) => known.me);
  const [opened, setOpened] = useState<string | null>(null);
  /** Whom the audit log is about. */
  const [person, setPerson] = useState<string | null>(null);
  /** Grows with what is changed in the panel, so that the list shows it. */
  const [round, setRound] = useState(0);
  if (me === null) return null;
  if (!isAtLeast(me.role, 'admin'))
    return (
      <SubPage title="Administration">
        <EmptyState icon={<ShieldOff size={26} />} title="This is for administrators" level="h2">
          Ask one of them for what you need.
        </EmptyState>
      </SubPage>
    );
  return (
    <div className="relative flex min-w-0 flex-1">
      <SubPage title="Administration">
        <div className="space-y-5 pb-10">
          <SectionNav label="Administration" flat pages={NAV} current={`/admin/${page}`} />
          <Suspense fallback={null}>
            {page === 'accounts' ? (
              <AccountsPage opened={opened} round={round} onOpen={setOpened} />
            ) : (
              <AuditPage person={person} onPerson={setPerson} onOpen={setOpened} />
            )}
          </Suspense>
        </div>
      </SubPage>
      {opened !== null && (
        <Suspense fallback={null}>
          <AccountPanel
            key={opened}
            userId={opened}
            me={me}
            onAudit={() => {
              setPerson(opened);
              navigate('/admin/audit');
            }}
            onChanged={() => setRound((before) => before + 1)}
            onClose={() => setOpened(null)}
          />
        </Suspense>
      )}
    </div>
  );
}
