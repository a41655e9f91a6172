import type { ModerationLogEntry } from '@confab/sdk';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { actionWords } from './log-words.ts';
import { PersonLink } from './PersonLink.tsx';
import { RoomName } from './RoomName.tsx';

/** One entry of the trail: what, who, to whom, where, why, and the rest on demand. */
export function LogRow({ entry }: { entry: ModerationLogEntry }) {
  const now = useNow();
  const { actorId, targetId, roomId, reason } = entry;
  const more: [string, string][] = [
    ...Object.entries(entry.details).map(([key, value]): [string, string] => [key, textOf(value)]),
    ['action', entry.action],
    ...(entry.messageId === null ? [] : [['message', entry.messageId] as [string, string]]),
    ['number', String(entry.seq)],
    ['time', exactTime(entry.at)],
    ['hash', entry.hash],
  ];
  return (
    <li className="border-b py-2.5 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{actionWords(entry)}</span>
        <time
          dateTime={new Date(entry.at).toISOString()}
          title={exactTime(entry.at)}
          className="ml-auto text-sm text-muted"
        >
          {ago(entry.at, now)}
        </time>
      </p>
      <p className="text-sm text-muted">
        <PersonLink userId={actorId} />
        {targetId !== null && targetId !== actorId && (
          <>
            {' → '}
            <PersonLink userId={targetId} />
          </>
        )}
        {roomId !== null && (
          <>
            {' · '}
            <RoomName roomId={roomId} />
          </>
        )}
      </p>
      {reason !== null && reason !== '' && <p className="mt-0.5 break-words">{reason}</p>}
      <details className="mt-0.5 text-sm">
        <summary className="w-fit rounded text-muted hover:text-ink">Details</summary>
        <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-lg bg-surface p-3">
          {more.map(([term, value]) => (
            <div key={term} className="contents">
              <dt className="text-muted">{term}</dt>
              <dd className="min-w-0 break-all">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // Times are in ms, and nothing else is as large.
  return typeof value === 'number' && value > 1e12 ? exactTime(value) : JSON.stringify(value);
}
