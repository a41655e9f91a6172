import { ScrollText, X } from 'lucide-react';
import { useCallback, useState } from 'react';
import { FindPersonDialog } from '../admin/FindPersonDialog.tsx';
import { attempt } from '../lib/attempt.ts';
import { client, useUser } from '../lib/client.ts';
import { saveFile } from '../lib/save-file.ts';
import { fromLocalInput } from '../lib/time.ts';
import { usePages } from '../lib/usePages.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Select } from '../ui/Select.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { ACTIONS } from './log-words.ts';
import { LogRow } from './LogRow.tsx';
import { useRoomOptions } from './places.ts';
import type { Scope } from './scope.ts';

type Who = 'actorId' | 'targetId';

/** Everything that moderators and automod did, the latest first. */
export function LogPage({ scope }: { scope: Scope }) {
  const [actor, setActor] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const [roomId, setRoomId] = useState('');
  const [action, setAction] = useState('');
  const [day, setDay] = useState('');
  const [finding, setFinding] = useState<Who | null>(null);
  const [busy, setBusy] = useState(false);
  const rooms = useRoomOptions(scope);
  const since = fromLocalInput(day);
  const filter = useCallback(
    () => ({
      ...(actor !== null && { actorId: actor }),
      ...(target !== null && { targetId: target }),
      ...(roomId !== '' && { roomId }),
      ...(action !== '' && { action }),
      ...(since !== null && { since: String(since) }),
    }),
    [actor, target, roomId, action, since],
  );
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (before?: string) => {
        const { entries, users, hasMore } = await client.call('moderationLog', {
          query: { ...filter(), ...(before !== undefined && { before }) },
        });
        client.learn(users);
        const last = entries.at(-1)?.seq;
        return { items: entries, nextCursor: hasMore && last !== undefined ? String(last) : null };
      },
      [filter],
    ),
  );

  async function exportLog() {
    setBusy(true);
    try {
      saveFile(await client.call('exportModerationLog', { query: filter() }), 'confab-moderation-log.jsonl');
    } finally {
      setBusy(false);
    }
  }

  return (
    <ConsolePage scope={scope} page="log">
      <div className="flex flex-wrap items-end gap-3">
        <Select
          label="What"
          className="min-w-0 flex-1 basis-52"
          value={action}
          options={[['', 'Everything'], ...Object.entries(ACTIONS)]}
          onChange={(event) => setAction(event.target.value)}
        />
        <Select
          label="Room"
          className="min-w-0 flex-1 basis-40"
          value={roomId}
          options={[['', 'Any'], ...rooms]}
          onChange={(event) => setRoomId(event.target.value)}
        />
        <Field
          label="Since"
          type="date"
          className="w-40"
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <PersonFilter
          label="Done by"
          userId={actor}
          onPick={() => setFinding('actorId')}
          onClear={() => setActor(null)}
        />
        <PersonFilter
          label="Done to"
          userId={target}
          onPick={() => setFinding('targetId')}
          onClear={() => setTarget(null)}
        />
        {scope.admin && (
          <Button className="ml-auto" busy={busy} onClick={() => attempt(exportLog())}>
            Export
          </Button>
        )}
      </div>
      <p className="text-sm text-muted">
        Nothing here is ever changed or removed.
        {scope.admin && (
          <>
            {' '}
            What happened to accounts is in the <Link to="/admin/audit">audit log</Link>.
          </>
        )}
      </p>
      <PagedList
        label="Moderation log"
        items={items?.map((entry) => <LogRow key={entry.seq} entry={entry} />) ?? null}
        problem={problem}
        onRetry={retry}
        more={more}
        empty={<EmptyState icon={<ScrollText size={26} />} title="Nothing of that kind happened" level="h2" />}
      />
      {finding && (
        <FindPersonDialog onFound={finding === 'actorId' ? setActor : setTarget} onClose={() => setFinding(null)} />
      )}
    </ConsolePage>
  );
}

interface FilterProps {
  label: string;
  userId: string | null;
  onPick: () => void;
  onClear: () => void;
}

function PersonFilter({ label, userId, onPick, onClear }: FilterProps) {
  const name = useUser(userId)?.name ?? '…';
  return userId === null ? (
    <Button onClick={onPick}>{label}…</Button>
  ) : (
    <Button aria-label={`${label} ${name}: show everyone again`} onClick={onClear}>
      {label} {name}
      <X size={16} aria-hidden />
    </Button>
  );
}
