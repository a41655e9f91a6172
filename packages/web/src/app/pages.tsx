/** The pages beside the list of conversations that are not rooms, each a file of its own. */
import { lazy } from 'react';
import { type EntryPageName, isEntryPage, type Route } from '../lib/router.ts';

const NotFound = lazy(async () => ({ default: (await import('./NotFound.tsx')).NotFound }));
const MentionsPage = lazy(async () => ({ default: (await import('../mentions/MentionsPage.tsx')).MentionsPage }));
const StarredPage = lazy(async () => ({ default: (await import('../starred/StarredPage.tsx')).StarredPage }));
const ScheduledPage = lazy(async () => ({ default: (await import('../scheduled/ScheduledPage.tsx')).ScheduledPage }));
const ExplorePage = lazy(async () => ({ default: (await import('../explore/ExplorePage.tsx')).ExplorePage }));
const LoungesPage = lazy(async () => ({ default: (await import('../lounges/LoungesPage.tsx')).LoungesPage }));
const StrangersPage = lazy(async () => ({
  default: (await import('../strangers/StrangersPage.tsx')).StrangersPage,
}));
const NoticesPage = lazy(async () => ({ default: (await import('../notices/NoticesPage.tsx')).NoticesPage }));
const SettingsPage = lazy(async () => ({ default: (await import('../settings/SettingsPage.tsx')).SettingsPage }));
const SearchPage = lazy(async () => ({ default: (await import('../search/SearchPage.tsx')).SearchPage }));
const AdminPage = lazy(async () => ({ default: (await import('../admin/AdminPage.tsx')).AdminPage }));
const ModerationPage = lazy(async () => ({
  default: (await import('../moderation/ModerationPage.tsx')).ModerationPage,
}));
const InvitePage = lazy(async () => ({ default: (await import('../invites/InvitePage.tsx')).InvitePage }));

type PageRoute = Exclude<Route, { name: EntryPageName | 'home' | 'room' }>;

export function isPage(route: Route): route is PageRoute {
  return route.name !== 'home' && route.name !== 'room' && !isEntryPage(route);
}

export function Page({ route }: { route: PageRoute }) {
  switch (route.name) {
    case 'unknown':
      return <NotFound signedIn />;
    case 'search':
      return <SearchPage query={route.query} />;
    case 'invite':
      return <InvitePage code={route.code} />;
    case 'mentions':
      return <MentionsPage />;
    case 'starred':
      return <StarredPage />;
    case 'scheduled':
      return <ScheduledPage />;
    case 'explore':
      return <ExplorePage />;
    case 'lounges':
      return <LoungesPage />;
    case 'strangers':
      return <StrangersPage />;
    case 'notices':
      return <NoticesPage />;
    case 'settings':
      return <SettingsPage page={route.page} />;
    case 'admin':
      return <AdminPage page={route.page} />;
    case 'moderation':
      return <ModerationPage page={route.page} id={route.id} />;
    default:
      return null;
  }
}
