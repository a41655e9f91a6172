import type { Notice, Sanction } from '@confab/sdk';
import {
  BadgeCheck,
  Ban,
  Bell,
  Eye,
  EyeOff,
  Flag,
  LogOut,
  type LucideIcon,
  MessageSquareOff,
  MessageSquareX,
  MicOff,
  Scale,
  Trash2,
  TriangleAlert,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { useNow } from '../lib/now.ts';
import { exactTime, shortTime } from '../lib/time.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Row } from '../ui/Row.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { AppealDialog } from './AppealDialog.tsx';
import { appeal, endNew, loadMoreNotices, seeNotices, useNotices } from './notices.ts';
import { appealWords, noticeWords, reasonOf, untilWords } from './words.ts';

const ICONS: Record<Notice['type'], LucideIcon> = {
  warned: TriangleAlert,
  muted: MicOff,
  kicked: LogOut,
  banned: Ban,
  lifted: BadgeCheck,
  message_rejected: MessageSquareX,
  messages_removed: MessageSquareOff,
  message_hidden: EyeOff,
  message_shown: Eye,
  room_deleted: Trash2,
  report_closed: Flag,
  appeal_decided: Scale,
};
/** What one may appeal against. */
const SANCTIONS = new Set<Notice['type']>(['warned', 'muted', 'kicked', 'banned']);

/** What the place has told me: what was done about me and why, and what became of my reports. */
export function NoticesPage() {
  const { notices, hasMore, sanctions } = useNotices();
  const [appealing, setAppealing] = useState<Notice | null>(null);
  const newest = notices?.[0]?.id;
  useEffect(() => {
    if (newest !== undefined) attempt(seeNotices());
  }, [newest]);
  useEffect(() => endNew, []);

  return (
    <SubPage title="Notices">
      <PagedList
        label="Notices"
        items={
          notices?.map((notice) => (
            <NoticeRow
              key={notice.id}
              notice={notice}
              sanction={sanctions.find(({ id }) => id === notice.sanctionId)}
              onAppeal={() => setAppealing(notice)}
            />
          )) ?? null
        }
        problem={null}
        more={hasMore ? () => attempt(loadMoreNotices()) : null}
        empty={
          <EmptyState icon={<Bell size={26} />} title="No notices" level="h2">
            What moderators do about you or your messages, and what comes of your reports, is told here.
          </EmptyState>
        }
      />
      {appealing?.sanctionId && (
        <AppealDialog
          about={noticeWords(appealing)}
          onAppeal={(text) => appeal(appealing.sanctionId ?? '', text)}
          onClose={() => setAppealing(null)}
        />
      )}
    </SubPage>
  );
}

interface RowProps {
  notice: Notice;
  /** What it tells of; undefined while that is not known. */
  sanction: Sanction | undefined;
  onAppeal: () => void;
}

function NoticeRow({ notice, sanction, onAppeal }: RowProps) {
  const now = useNow();
  const Icon = ICONS[notice.type];
  const reason = reasonOf(notice);
  const until = untilWords(notice);
  const tellsAppeal = SANCTIONS.has(notice.type) || notice.type === 'appeal_decided';
  return (
    <Row
      icon={<Icon size={17} />}
      title={
        <>
          {noticeWords(notice)}
          {notice.seenAt === null && <Badge look="good">New</Badge>}
        </>
      }
      note={
        <>
          {reason !== null && <span className="block text-ink">Reason: {reason}</span>}
          {until !== null && <span className="block">{until}</span>}
          {sanction?.appeal && tellsAppeal && <span className="block">{appealWords(sanction.appeal)}</span>}
          <time dateTime={new Date(notice.createdAt).toISOString()} title={exactTime(notice.createdAt)}>
            {shortTime(notice.createdAt, now)}
          </time>
        </>
      }
      actions={
        SANCTIONS.has(notice.type) &&
        sanction?.appeal === null && (
          <Button aria-label={`Appeal: ${noticeWords(notice)}`} onClick={onAppeal}>
            Appeal
          </Button>
        )
      }
    />
  );
}
