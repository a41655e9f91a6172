import { ScrollText, X } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { moderationPath } from '../lib/router.ts';
import { usePages } from '../lib/usePages.ts';
import { usePaused } from '../lib/usePaused.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Select } from '../ui/Select.tsx';
import { AuditRow } from './AuditRow.tsx';
import { FindPersonDialog } from './FindPersonDialog.tsx';

/** Few, as each of the people named is asked for on its own. */
const PAGE = 25;
const PARTS = [
  ['target', 'What was done to them'],
  ['actor', 'What they did'],
] as const;
type Part = (typeof PARTS)[number][0];

interface Props {
  /** Only what concerns this person. */
  person: string | null;
  onPerson: (userId: string | null) => void;
  onOpen: (userId: string) => void;
}

/** What happened to accounts, the latest first. */
export function AuditPage({ person, onPerson, onOpen }: Props) {
  const [typed, setTyped] = useState('');
  const [part, setPart] = useState<Part>('target');
  const [finding, setFinding] = useState(false);
  const name = useUser(person)?.name ?? '…';
  const action = usePaused(typed.trim());
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (before?: string) => {
        const { entries, hasMore } = await client.call('audit', {
          query: {
            limit: String(PAGE),
            // A kind alone means all of it.
            ...(action !== '' && { action: action.includes('.') ? action : `${action}.*` }),
            ...(person !== null && { [part === 'actor' ? 'actorId' : 'targetId']: person }),
            ...(before !== undefined && { before }),
          },
        });
        return { items: entries, nextCursor: hasMore ? (entries.at(-1)?.id ?? null) : null };
      },
      [action, person, part],
    ),
  );

  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label="Action"
          type="search"
          className="min-w-0 flex-1 basis-56"
          placeholder="sign_in, or sign_in.failed"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {person === null ? (
          <Button className="h-11" onClick={() => setFinding(true)}>
            Of one person…
          </Button>
        ) : (
          <>
            <Select
              label={`Of ${name}`}
              className="min-w-0 basis-56"
              value={part}
              options={PARTS}
              onChange={(event) => setPart(event.target.value === 'actor' ? 'actor' : 'target')}
            />
            <Button className="h-11" onClick={() => onPerson(null)}>
              <X size={17} aria-hidden />
              Of everyone
            </Button>
          </>
        )}
      </div>
      <p className="text-sm text-muted">
        What happened to accounts. What moderators did is in the <Link to={moderationPath('log')}>moderation log</Link>.
      </p>
      <PagedList
        label="Audit log"
        items={items?.map((entry) => <AuditRow key={entry.id} entry={entry} onOpen={onOpen} />) ?? null}
        problem={problem}
        onRetry={retry}
        more={more}
        empty={<EmptyState icon={<ScrollText size={26} />} title="Nothing of that kind happened" level="h2" />}
      />
      {finding && <FindPersonDialog onFound={onPerson} onClose={() => setFinding(false)} />}
    </>
  );
}
