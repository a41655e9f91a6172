import { isAtLeast } from '@confab/sdk';
import { LogOut, Monitor, Moon, Settings, Shield, ShieldUser, SmilePlus, Sun } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { setTheme, type Theme, useTheme } from '../lib/theme.ts';
import { NoticeBell } from '../notices/NoticeBell.tsx';
import { useScope } from '../moderation/scope.ts';
import { PersonAvatar } from '../presence/PersonAvatar.tsx';
import { usePresence } from '../presence/usePresence.ts';
import { IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Menu } from '../ui/Menu.tsx';
import { toast } from '../ui/toasts.tsx';
import { signOut } from './session.ts';

const StatusDialog = lazy(async () => ({ default: (await import('../presence/StatusDialog.tsx')).StatusDialog }));

/** How I appear, on all my devices. */
const AVAILABILITIES = [
  ['auto', 'Online'],
  ['dnd', 'Do not disturb'],
  ['invisible', 'Invisible'],
] as const;
type Availability = (typeof AVAILABILITIES)[number][0];

/** Who I am, whether I am connected, and what concerns the whole app. */
export function AccountBar() {
  const me = useClient((known) => known.me);
  const status = useClient((known) => known.status);
  const unsent = useClient((known) => known.rooms.some((room) => room.pendingCount > 0));
  const [asking, setAsking] = useState(false);
  const [setting, setSetting] = useState(false);
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const presence = usePresence(me?.id ?? null);
  const scope = useScope();
  if (me === null) return null;
  // Whoever is connected and looks offline chose to.
  const availability: Availability =
    presence?.status === 'dnd' ? 'dnd' : presence?.status === 'offline' && status === 'online' ? 'invisible' : 'auto';
  const chosen = availability === 'auto' ? undefined : AVAILABILITIES.find(([value]) => value === availability)?.[1];
  const own = [presence?.emoji, presence?.text].filter(Boolean).join(' ');

  const appear = (next: Availability) => attempt(client.presence.setStatus({ status: next }));
  const groups = [
    [{ label: 'Set a status…', icon: <SmilePlus size={17} />, onSelect: () => setSetting(true) }],
    AVAILABILITIES.map(([value, label]) => ({
      label,
      checked: value === availability,
      onSelect: () => appear(value),
    })),
    [
      { label: 'Settings', icon: <Settings size={17} />, onSelect: () => navigate('/settings/profile') },
      scope !== null && {
        label: 'Moderation',
        icon: <Shield size={17} />,
        onSelect: () => navigate('/moderation'),
      },
      isAtLeast(me.role, 'admin') && {
        label: 'Administration',
        icon: <ShieldUser size={17} />,
        onSelect: () => navigate('/admin/accounts'),
      },
    ],
  ];
  return (
    <div className="flex shrink-0 items-center gap-1 border-t py-2 pr-3 pl-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        title="Your status"
        className="flex min-w-0 flex-1 items-center gap-3 rounded-lg px-2 py-1 text-left transition-colors hover:bg-hover"
        onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}
      >
        <PersonAvatar id={me.id} name={me.name} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{me.name}</span>
          <span className="block truncate text-sm text-muted">
            {status === 'offline'
              ? 'Offline'
              : status === 'connecting'
                ? 'Connecting…'
                : own || chosen || `@${me.username}`}
          </span>
        </span>
      </button>
      {anchor && <Menu label="Your status" anchor={anchor} groups={groups} onClose={() => setAnchor(null)} />}
      {setting && (
        <Suspense fallback={null}>
          <StatusDialog userId={me.id} onClose={() => setSetting(false)} />
        </Suspense>
      )}
      <NoticeBell />
      <ThemeButton />
      <IconButton
        label="Sign out"
        onClick={() => (unsent ? setAsking(true) : void signOut().catch((thrown: unknown) => toast(messageOf(thrown))))}
      >
        <LogOut size={19} aria-hidden />
      </IconButton>
      {asking && (
        <ConfirmDialog title="Sign out?" verb="Sign out" onConfirm={signOut} onClose={() => setAsking(false)}>
          Some messages have not been sent yet. They are lost when you sign out.
        </ConfirmDialog>
      )}
    </div>
  );
}

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const icons = { system: Monitor, light: Sun, dark: Moon };
const themeNames: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

function ThemeButton() {
  const theme = useTheme();
  const Icon = icons[theme];
  return (
    <IconButton
      label={`Appearance: ${themeNames[theme]}. Change to ${themeNames[next[theme]]}`}
      onClick={() => setTheme(next[theme])}
    >
      <Icon size={19} aria-hidden />
    </IconButton>
  );
}
