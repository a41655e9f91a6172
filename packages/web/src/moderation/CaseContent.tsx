import type { CaseDetail, Message } from '@confab/sdk';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Badge } from '../ui/Badge.tsx';
import { MemberHistory } from './MemberHistory.tsx';
import { PersonLink } from './PersonLink.tsx';
import { SaidMessage } from './SaidMessage.tsx';
import { CATEGORIES, OUTCOMES } from './words.ts';

/** @param round another one has the history loaded again */
export function CaseContent({ detail, round }: { detail: CaseDetail; round: number }) {
  const now = useNow();
  const { evidence, reports, notes, accusedId, assigneeId, outcome } = detail;
  const assignee = useUser(assigneeId);
  return (
    <div className="space-y-6">
      <p className="flex flex-wrap gap-1.5">
        {detail.state === 'open' && <Badge>Nobody is at it</Badge>}
        {detail.state === 'assigned' && <Badge look="good">{assignee?.name ?? '…'} is at it</Badge>}
        {outcome !== null && <Badge look="good">Closed: {OUTCOMES[outcome].toLowerCase()}</Badge>}
        {detail.categories.map((category) => (
          <Badge key={category} look="warn">
            {CATEGORIES[category]}
          </Badge>
        ))}
      </p>

      <Part title="Evidence" note={`As it was when it was reported first, on ${exactTime(evidence.at)}.`}>
        {evidence.user && (
          <p className="flex items-center gap-3">
            <Avatar id={evidence.user.id} name={evidence.user.name} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{evidence.user.name}</span>
              <span className="block truncate text-sm text-muted">@{evidence.user.username}</span>
            </span>
          </p>
        )}
        {evidence.room && (
          <p className="mt-2 break-words">
            <span className="text-muted">Room: </span>
            {evidence.room.name ?? 'a conversation of two'}
            {evidence.room.topic !== '' && <span className="text-muted"> · {evidence.room.topic}</span>}
          </p>
        )}
        {(evidence.message !== null || evidence.around.length > 0) && (
          <Context message={evidence.message} around={evidence.around} />
        )}
        {evidence.versions && <Versions versions={evidence.versions} leftOut={evidence.versionsLeftOut ?? 0} />}
      </Part>

      <Part title="Reports">
        <ul className="space-y-2.5">
          {reports.map((report) => (
            <li key={report.id}>
              <p className="text-sm text-muted">
                <PersonLink userId={report.by} />: {CATEGORIES[report.category]}, {ago(report.createdAt, now)}
              </p>
              {report.note !== '' && <p className="break-words whitespace-pre-wrap">{report.note}</p>}
            </li>
          ))}
        </ul>
      </Part>

      {notes.length > 0 && (
        <Part title="Notes">
          <ul className="space-y-2.5">
            {notes.map((note) => (
              <li key={note.id}>
                <p className="text-sm text-muted">
                  <PersonLink userId={note.by} />, {ago(note.createdAt, now)}
                </p>
                <p className="break-words whitespace-pre-wrap">{note.text}</p>
              </li>
            ))}
          </ul>
        </Part>
      )}

      {accusedId !== null && (
        <Part title="Their history">
          <MemberHistory userId={accusedId} round={round} />
        </Part>
      )}
    </div>
  );
}

/** The reported message, in view from the start, among those around it; of a room that is reported what was said last. */
function Context({ message, around }: { message: Message | null; around: readonly Message[] }) {
  const reported = useRef<HTMLLIElement>(null);
  const reportedId = message?.id;
  useLayoutEffect(() => {
    if (reportedId !== undefined) reported.current?.scrollIntoView({ block: 'nearest' });
  }, [reportedId]);
  const others = around.filter(({ id }) => id !== message?.id);
  const all = [...others, ...(message === null ? [] : [message])].toSorted((a, b) => a.n - b.n);
  return (
    <ol
      aria-label={message === null ? 'What was said last' : 'The message and those around it'}
      className="mt-3 space-y-3 rounded-xl border p-3"
    >
      {all.map((one) => (
        <li key={one.id} ref={one.id === reportedId ? reported : null} className="scroll-my-6">
          <SaidMessage
            message={one}
            marked={one.id === reportedId}
            note={one.id === reportedId && <span className="text-sm font-semibold text-warn">Reported</span>}
          />
        </li>
      ))}
    </ol>
  );
}

/** What an edited message said, as of its latest report. */
function Versions({
  versions,
  leftOut,
}: {
  versions: NonNullable<CaseDetail['evidence']['versions']>;
  leftOut: number;
}) {
  return (
    <>
      <h4 className="mt-3 text-sm font-semibold">It was edited</h4>
      {leftOut > 0 && (
        <p className="text-sm text-muted">
          {leftOut} {leftOut === 1 ? 'version' : 'versions'} after the first not kept
        </p>
      )}
      <ol className="mt-1 space-y-1.5">
        {versions.map(({ body, until }) => (
          <li key={until}>
            <p className="text-sm text-muted">
              {until === null ? 'When it was reported last' : `Until ${exactTime(until)}`}
            </p>
            <p className="break-words whitespace-pre-wrap">{body}</p>
          </li>
        ))}
      </ol>
    </>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="font-semibold">
        {title}
      </h3>
      {note !== undefined && <p className="text-sm text-muted">{note}</p>}
      <div className="mt-2">{children}</div>
    </section>
  );
}
