import { Bell, KeyRound, MessageSquareText, ShieldCheck, UserRound, UserRoundCog } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useClient } from '../lib/client.ts';
import type { SettingsPageName } from '../lib/router.ts';
import { SectionNav } from '../ui/SectionNav.tsx';
import { SubPage } from '../ui/SubPage.tsx';

const PAGES = {
  profile: lazy(async () => ({ default: (await import('./ProfilePage.tsx')).ProfilePage })),
  account: lazy(async () => ({ default: (await import('./AccountPage.tsx')).AccountPage })),
  security: lazy(async () => ({ default: (await import('./SecurityPage.tsx')).SecurityPage })),
  privacy: lazy(async () => ({ default: (await import('./PrivacyPage.tsx')).PrivacyPage })),
  notifications: lazy(async () => ({ default: (await import('./NotificationsPage.tsx')).NotificationsPage })),
  chat: lazy(async () => ({ default: (await import('./ChatPage.tsx')).ChatPage })),
};

const NAV = [
  ['/settings/profile', 'Profile', UserRound],
  ['/settings/account', 'Account', UserRoundCog],
  ['/settings/security', 'Security', KeyRound],
  ['/settings/privacy', 'Privacy', ShieldCheck],
  ['/settings/notifications', 'Notifications', Bell],
  ['/settings/chat', 'Chat', MessageSquareText],
] as const;
/** What is for members: a guest's account has no ways in to look after. */
const MEMBERS_ONLY = new Set<SettingsPageName>(['account', 'security']);

/** Everything one sets, a page for each kind of it. */
export function SettingsPage({ page }: { page: SettingsPageName }) {
  const isGuest = useClient((known) => known.me?.role === 'guest');
  const shown = isGuest && MEMBERS_ONLY.has(page) ? 'profile' : page;
  const Page = PAGES[shown];
  const nav = NAV.filter(([path]) => !isGuest || ![...MEMBERS_ONLY].some((name) => path.endsWith(name)));
  return (
    <SubPage title="Settings">
      <div className="flex flex-col gap-6 pb-10 lg:flex-row lg:gap-10">
        <SectionNav label="Settings" pages={nav} current={`/settings/${shown}`} />
        <div className="min-w-0 flex-1 space-y-10">
          <Suspense fallback={null}>
            <Page />
          </Suspense>
        </div>
      </div>
    </SubPage>
  );
}
