import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { setTheme, type Theme, useTheme } from '../lib/theme.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { signOut } from './session.ts';

/** Who I am, whether I am connected, and what concerns the whole app. */
export function AccountBar() {
  const me = useClient((client) => client.me);
  const status = useClient((client) => client.status);
  const unsent = useClient((client) => client.rooms.some((room) => room.pendingCount > 0));
  const [asking, setAsking] = useState(false);
  if (me === null) return null;
  return (
    <div className="flex shrink-0 items-center gap-3 border-t px-4 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))]">
      <span className="relative">
        <Avatar id={me.id} name={me.name} />
        <span
          aria-hidden
          className={classes(
            'absolute -right-0.5 -bottom-0.5 size-3 rounded-full border-2 border-surface transition-colors',
            status === 'online' ? 'bg-accent' : 'bg-edge',
          )}
        />
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{me.name}</p>
        <p className="truncate text-sm text-muted">
          {status === 'offline' ? 'Offline' : status === 'connecting' ? 'Connecting…' : `@${me.username}`}
        </p>
      </div>
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
