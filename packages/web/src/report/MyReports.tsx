import type { MyReport, ReportTarget } from '@confab/sdk';
import { Flag } from 'lucide-react';
import { useCallback } from 'react';
import { client, useClient } from '../lib/client.ts';
import { exactTime } from '../lib/time.ts';
import { usePages } from '../lib/usePages.ts';
import { Badge } from '../ui/Badge.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';
import { categoryName, outcomeWords } from './words.ts';

/** What I reported, and what became of it. */
export function MyReports() {
  const { items, problem, retry, more } = usePages(
    useCallback(async (before?: string) => {
      const { reports, hasMore } = await client.call('reports', { query: before === undefined ? {} : { before } });
      return { items: reports, nextCursor: hasMore ? (reports.at(-1)?.id ?? null) : null };
    }, []),
  );
  return (
    <Section title="My reports">
      <PagedList
        label="My reports"
        items={items?.map((report) => <ReportRow key={report.id} report={report} />) ?? null}
        problem={problem}
        onRetry={retry}
        more={more}
        empty={<p className="text-muted">You have reported nothing.</p>}
      />
    </Section>
  );
}

function ReportRow({ report }: { report: MyReport }) {
  const { target, category, note, createdAt, outcome } = report;
  const subject = useClient(() => subjectOf(target));
  return (
    <Row
      icon={<Flag size={17} />}
      title={
        <>
          {subject}
          <Badge look={outcome === 'action_taken' ? 'good' : 'plain'}>{outcome === null ? 'Open' : 'Decided'}</Badge>
        </>
      }
      note={
        <>
          {categoryName(category)} · {exactTime(createdAt)}
          {note !== '' && <> · “{note}”</>}
          <br />
          {outcomeWords(outcome)}
        </>
      }
    />
  );
}

function subjectOf(target: ReportTarget): string {
  if (target.type === 'user') return client.userById(target.userId)?.name ?? 'A person';
  const room = client.rooms.find(({ id }) => id === target.roomId)?.title;
  const kind = target.type === 'room' ? 'A conversation' : 'A message';
  return room === undefined ? kind : target.type === 'room' ? room : `A message in ${room}`;
}
