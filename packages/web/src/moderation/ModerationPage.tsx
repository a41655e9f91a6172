import { ShieldOff } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { ModerationPageName } from '../lib/router.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { ConsolePage, isFor } from './ConsolePage.tsx';
import { useScope } from './scope.ts';

const PAGES = {
  figures: lazy(async () => ({ default: (await import('./FiguresPage.tsx')).FiguresPage })),
  reports: lazy(async () => ({ default: (await import('./ReportsPage.tsx')).ReportsPage })),
  held: lazy(async () => ({ default: (await import('./HeldPage.tsx')).HeldPage })),
  appeals: lazy(async () => ({ default: (await import('./AppealsPage.tsx')).AppealsPage })),
  members: lazy(async () => ({ default: (await import('./MembersPage.tsx')).MembersPage })),
  automod: lazy(async () => ({ default: (await import('./AutomodPage.tsx')).AutomodPage })),
  rooms: lazy(async () => ({ default: (await import('./RoomsPage.tsx')).RoomsPage })),
  networks: lazy(async () => ({ default: (await import('./NetworksPage.tsx')).NetworksPage })),
  log: lazy(async () => ({ default: (await import('./LogPage.tsx')).LogPage })),
};

/** For those who moderate: the instance, or a room. @param id the case or person that is open */
export function ModerationPage({ page, id }: { page: ModerationPageName; id: string | null }) {
  const scope = useScope();
  if (scope === null)
    return (
      <SubPage title="Moderation">
        <EmptyState icon={<ShieldOff size={26} />} title="This is for moderators" level="h2">
          Whoever has a room of their own, or moderates one, finds here what waits for them.
        </EmptyState>
      </SubPage>
    );
  if (!isFor(page, scope))
    return (
      <ConsolePage scope={scope} page={page}>
        <EmptyState icon={<ShieldOff size={26} />} title="This is not for moderators of rooms" level="h2">
          It concerns the whole place.
        </EmptyState>
      </ConsolePage>
    );
  const Page = PAGES[page];
  return (
    <Suspense fallback={null}>
      <Page scope={scope} openId={id} />
    </Suspense>
  );
}
