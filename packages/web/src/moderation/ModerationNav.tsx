import { Shield } from 'lucide-react';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { useScope } from './scope.ts';
import { countText, useWaiting } from './waiting.ts';

/**
 * Leads moderators to their console, and tells how much waits. Those of rooms alone, whose rooms may be a handful of
 * friends, see it when something does.
 */
export function ModerationNav({ current }: { current: boolean }) {
  const scope = useScope();
  const { reports, held, appeals } = useWaiting(scope !== null);
  const total = (reports ?? 0) + (held ?? 0) + (appeals ?? 0);
  if (scope === null || !(scope.instance || total > 0 || current)) return null;
  return (
    <div className="mx-2 mb-2 shrink-0">
      <Link
        to="/moderation"
        aria-current={current ? 'page' : undefined}
        className={classes(
          'flex h-10 items-center gap-3 rounded-lg px-3 font-medium transition-colors',
          current ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-ink',
        )}
      >
        <Shield size={18} aria-hidden />
        <span className="flex-1">Moderation</span>
        {total > 0 && (
          <span className="inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-danger px-1.5 text-xs font-semibold text-canvas tabular-nums">
            {countText(total)}
            <span className="sr-only"> waiting</span>
          </span>
        )}
      </Link>
    </div>
  );
}
