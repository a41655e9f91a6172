import type { Case } from '@confab/sdk';
import { Hash, MessageSquare, UserRound } from 'lucide-react';
import { useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { count } from '../lib/words.ts';
import { Badge } from '../ui/Badge.tsx';
import { classes } from '../ui/classes.ts';
import { RoomName } from './RoomName.tsx';
import type { Triage } from './useTriage.ts';
import { CATEGORIES, OUTCOMES } from './words.ts';

const ICONS = { message: MessageSquare, user: UserRound, room: Hash } as const;
const WHAT = { message: 'A message of', user: 'About', room: 'A conversation with' } as const;

interface Props {
  item: Case;
  opened: boolean;
  rowProps: ReturnType<Triage['rowProps']>;
  onOpen: () => void;
}

/** One reported thing in the queue. */
export function CaseRow({ item, opened, rowProps, onOpen }: Props) {
  const now = useNow();
  const accused = useUser(item.accusedId);
  const assignee = useUser(item.assigneeId);
  const Icon = ICONS[item.target.type];
  return (
    <li>
      <button
        type="button"
        {...rowProps}
        onClick={onOpen}
        className={classes(
          'flex w-full items-start gap-3 rounded-xl border px-4 py-3 text-left transition-colors hover:bg-hover',
          opened && 'border-accent bg-accent-soft',
        )}
      >
        <Icon size={18} className="mt-0.5 shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">
            {item.accusedId === null ? 'A room without an owner' : `${WHAT[item.target.type]} ${accused?.name ?? '…'}`}
          </span>
          <span className="mt-1 flex flex-wrap gap-1.5">
            {item.categories.map((category) => (
              <Badge key={category} look={category === 'child_safety' || category === 'self_harm' ? 'bad' : 'warn'}>
                {CATEGORIES[category]}
              </Badge>
            ))}
            {item.outcome !== null && <Badge>{OUTCOMES[item.outcome]}</Badge>}
            {item.state === 'assigned' && <Badge look="good">{assignee?.name ?? '…'} is at it</Badge>}
          </span>
          <span className="mt-1 block text-sm text-muted">
            {count(item.reportCount, 'report')}
            {item.againstAccused > item.reportCount && `, ${item.againstAccused.toLocaleString()} in all`}
            {item.roomId !== null && (
              <>
                {' · '}
                <RoomName roomId={item.roomId} />
              </>
            )}
            {' · '}
            <time dateTime={new Date(item.openedAt).toISOString()} title={exactTime(item.openedAt)}>
              {ago(item.openedAt, now)}
            </time>
          </span>
        </span>
      </button>
    </li>
  );
}
