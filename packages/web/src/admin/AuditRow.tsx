import type { AuditEntry } from '@confab/sdk';
import { useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';

/** One thing that happened: what, who, to whom, when, and the rest on demand. */
export function AuditRow({ entry, onOpen }: { entry: AuditEntry; onOpen: (userId: string) => void }) {
  const now = useNow();
  const { actorId, targetId } = entry;
  const more = [
    ...Object.entries(entry.details).map(([key, value]) => [key, textOf(value)] as const),
    ['Address', entry.ip ?? 'None'] as const,
    ['Request', entry.requestId ?? 'None'] as const,
    ['Time', exactTime(entry.at)] as const,
  ];
  return (
    <li className="border-b py-2.5 last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <code className="font-mono font-medium break-all">{entry.action}</code>
        <time
          dateTime={new Date(entry.at).toISOString()}
          title={exactTime(entry.at)}
          className="ml-auto text-sm text-muted"
        >
          {ago(entry.at, now)}
        </time>
      </div>
      <p className="text-sm text-muted">
        {actorId === null ? 'Nobody signed in' : <Person userId={actorId} onOpen={onOpen} />}
        {targetId !== null && targetId !== actorId && (
          <>
            {' → '}
            <Person userId={targetId} onOpen={onOpen} />
          </>
        )}
      </p>
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

function Person({ userId, onOpen }: { userId: string; onOpen: (userId: string) => void }) {
  const user = useUser(userId);
  return (
    <button
      type="button"
      className="rounded font-medium text-accent underline-offset-2 hover:underline"
      onClick={() => onOpen(userId)}
    >
      {user?.name ?? userId}
    </button>
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // Times are in ms, and nothing else is as large.
  return typeof value === 'number' && value > 1e12 ? exactTime(value) : JSON.stringify(value);
}
