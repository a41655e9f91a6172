import { CalendarClock, CircleAlert, Trash2 } from 'lucide-react';
import { useCallback } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { plainText } from '../room/markdown.ts';
import { IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { SubPage } from '../ui/SubPage.tsx';

/** What waits to be sent, the next one first. */
export function ScheduledPage() {
  const rooms = useClient((known) => known.rooms);
  const threads = useClient((known) => known.threads);
  const { data: scheduled, problem, reload } = useLoaded(useCallback(() => client.scheduled(), []));
  const titleOf = (roomId: string) => [...rooms, ...threads].find(({ id }) => id === roomId)?.title ?? '…';
  return (
    <SubPage title="Scheduled">
      <PagedList
        label="Scheduled messages"
        items={
          scheduled?.map(({ id, roomId, body, sendAt, failed }) => (
            <li key={id} className="flex items-start gap-3 rounded-xl px-3 py-2.5 hover:bg-hover">
              <div className="min-w-0 flex-1">
                <p className="text-sm text-muted">
                  {failed === null ? exactTime(sendAt) : `Should have been sent ${exactTime(sendAt)}`} ·{' '}
                  {titleOf(roomId)}
                </p>
                <p className="mt-0.5 line-clamp-3 break-words">{plainText(body)}</p>
                {failed !== null && (
                  <p className="mt-1 flex items-center gap-1.5 text-sm text-danger">
                    <CircleAlert size={15} aria-hidden />
                    It could not be sent ({failed}).
                  </p>
                )}
              </div>
              <IconButton
                label={failed === null ? 'Don’t send' : 'Discard'}
                className="hover:text-danger"
                onClick={() => attempt(client.unschedule(id).finally(reload))}
              >
                <Trash2 size={17} aria-hidden />
              </IconButton>
            </li>
          )) ?? null
        }
        problem={problem}
        more={null}
        empty={
          <EmptyState icon={<CalendarClock size={26} />} title="Nothing is scheduled" level="h2">
            Write a message, then choose “Send later” from the arrow beside the send button.
          </EmptyState>
        }
      />
    </SubPage>
  );
}
