import { Bell } from 'lucide-react';
import { navigate } from '../lib/router.ts';
import { IconButton } from '../ui/Button.tsx';
import { useNotices } from './notices.ts';

/** Leads to the notices, and tells how many are new. */
export function NoticeBell() {
  const { unseen } = useNotices();
  return (
    <IconButton
      label={unseen > 0 ? `Notices, ${unseen} new` : 'Notices'}
      className="relative"
      onClick={() => navigate('/notices')}
    >
      <Bell size={19} aria-hidden />
      {unseen > 0 && (
        <span
          aria-hidden
          className="absolute top-0.5 right-0.5 flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-danger px-1 text-[0.6875rem] font-semibold text-canvas tabular-nums"
        >
          {unseen > 99 ? '99+' : unseen}
        </span>
      )}
    </IconButton>
  );
}
