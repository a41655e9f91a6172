import type { PublicUser, SearchRequest } from '@confab/sdk';
import { Search, SearchX, SlidersHorizontal, X } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { navigate, searchPath } from '../lib/router.ts';
import { fromLocalInput } from '../lib/time.ts';
import { usePages } from '../lib/usePages.ts';
import { PAUSE_MS } from '../lib/usePaused.ts';
import { MessageCard } from '../room/MessageCard.tsx';
import { PeopleSearch } from '../rooms/PeopleSearch.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field, SearchField } from '../ui/Field.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Select } from '../ui/Select.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { Switch } from '../ui/Switch.tsx';
import { Highlighted } from './Highlighted.tsx';
import { HAS, readRequest } from './request.ts';

/** Finding messages. The address holds what is looked for, so that it can be come back to and shared. */
export function SearchPage({ query }: { query: string }) {
  const params = new URLSearchParams(query);
  const request = readRequest(params);
  const [typed, setTyped] = useState(params.get('q') ?? '');
  const [filters, setFilters] = useState([...params.keys()].some((name) => name !== 'q'));

  const set = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    navigate(searchPath(next), { replace: true });
  };

  useEffect(() => {
    const timer = setTimeout(() => typed.trim() !== (params.get('q') ?? '') && set('q', typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [typed, query]);

  return (
    <SubPage
      title="Search"
      head={
        <search className="mx-auto block max-w-3xl">
          <div className="flex gap-2">
            <div className="flex-1">
              <SearchField
                label="Search messages"
                icon={<Search size={17} aria-hidden />}
                autoComplete="off"
                autoFocus
                maxLength={200}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </div>
            <IconButton
              label="Filters"
              aria-expanded={filters}
              className="aria-expanded:bg-hover aria-expanded:text-ink"
              onClick={() => setFilters(!filters)}
            >
              <SlidersHorizontal size={18} aria-hidden />
            </IconButton>
          </div>
          {filters && <Filters params={params} onChange={set} />}
        </search>
      }
    >
      {request ? (
        <Results key={query} request={request} query={query} />
      ) : (
        <EmptyState icon={<Search size={26} />} title="Find any message" level="h2">
          Type words or the beginnings of words, in any language.
        </EmptyState>
      )}
    </SubPage>
  );
}

function Results({ request, query }: { request: SearchRequest; query: string }) {
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (cursor?: string) => {
        const page = await client.search({ ...request, ...(cursor !== undefined && { cursor }) });
        return { items: page.hits, nextCursor: page.nextCursor };
      },
      // The request is what the query says.
      // oxlint-disable-next-line react/exhaustive-deps
      [query],
    ),
  );
  return (
    <PagedList
      label="Found messages"
      items={
        items?.map(({ message, highlights }) => (
          <MessageCard key={message.id} message={message}>
            {message.kind === 'text' && <Highlighted body={message.body} ranges={highlights} />}
          </MessageCard>
        )) ?? null
      }
      problem={problem}
      onRetry={retry}
      more={more}
      empty={
        <EmptyState icon={<SearchX size={26} />} title="Nothing found" level="h2">
          Try fewer or shorter words, or take away filters.
        </EmptyState>
      }
    />
  );
}

interface FilterProps {
  params: URLSearchParams;
  onChange: (name: string, value: string) => void;
}

function Filters({ params, onChange }: FilterProps) {
  const rooms = useClient((known) => known.rooms);
  const author = useUser(params.get('from'));
  const mayFind = useClient((known) => known.may('findUsers'));
  const [choosing, setChoosing] = useState(false);
  const value = (name: string) => params.get(name) ?? '';
  const day = (name: string) => (fromLocalInput(value(name)) === null ? '' : value(name));

  return (
    <div className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-3">
      <Select
        label="Conversation"
        value={value('room')}
        options={[['', 'Any'], ...rooms.map((view) => [view.id, view.title] as const)]}
        onChange={(event) => onChange('room', event.target.value)}
      />
      <div hidden={!mayFind}>
        <p className="mb-1.5 text-sm font-medium">From</p>
        <div className="flex h-11 items-center rounded-lg border border-edge bg-raised pl-3">
          <button type="button" className="min-w-0 flex-1 truncate text-left" onClick={() => setChoosing(true)}>
            {params.has('from') ? (author?.name ?? '…') : 'Anyone'}
          </button>
          {params.has('from') && (
            <IconButton label="From anyone" small onClick={() => onChange('from', '')}>
              <X size={16} aria-hidden />
            </IconButton>
          )}
        </div>
      </div>
      <Select
        label="With"
        value={value('has')}
        options={HAS}
        onChange={(event) => onChange('has', event.target.value)}
      />
      <Field
        label="Since"
        type="date"
        value={day('after')}
        onChange={(event) => onChange('after', event.target.value)}
      />
      <Field
        label="Before"
        type="date"
        value={day('before')}
        onChange={(event) => onChange('before', event.target.value)}
      />
      <div className="flex items-end pb-2.5">
        <Switch
          label="Mentions me"
          checked={params.has('me')}
          onChange={(event) => onChange('me', event.target.checked ? '1' : '')}
        />
      </div>
      {choosing && (
        <Dialog title="Messages from" onClose={() => setChoosing(false)}>
          <PeopleSearch
            isExcluded={() => false}
            onPick={(user: PublicUser) => {
              onChange('from', user.id);
              setChoosing(false);
            }}
          />
        </Dialog>
      )}
    </div>
  );
}
