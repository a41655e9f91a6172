import { type Case, type CaseDetail, ConfabError } from '@confab/sdk';
import { Flag } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { moderationPath, navigate } from '../lib/router.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { toast } from '../ui/toasts.tsx';
import type { CaseDialog } from './CaseActions.tsx';
import { CasePanel } from './CasePanel.tsx';
import { CaseRow } from './CaseRow.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { CASE_LISTS, type CaseList, learnCase, loadCase, loadCases } from './load.ts';
import { QueueList } from './QueueList.tsx';
import type { Scope } from './scope.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { Tabs } from './Tabs.tsx';
import { useNews } from './news.ts';
import { useQueue } from './useQueue.ts';
import { type Shortcut, useTriage } from './useTriage.ts';
import { lookAgain } from './waiting.ts';

const NAMES: Readonly<Record<CaseList, string>> = { open: 'Open', mine: 'Mine', taken: 'Taken', closed: 'Closed' };
const EMPTY: Readonly<Record<CaseList, readonly [string, string]>> = {
  open: ['Nothing is reported', 'What people report comes here, those with most reports first.'],
  mine: ['You have taken no report', 'Take one from the open ones: then others know that you are at it.'],
  taken: ['Nobody has taken a report', 'Those that somebody is at come here until they are decided.'],
  closed: ['No report has been decided yet', ''],
};

/** What people reported, and what is done about it. */
export function ReportsPage({ scope, openId }: { scope: Scope; openId: string | null }) {
  const [list, setList] = useState<CaseList>('open');
  const [dialog, setDialog] = useState<CaseDialog | 'help' | null>(null);
  const queue = useQueue(useCallback((cursor?: string) => loadCases(list, cursor), [list]));
  /** The open one as it was last answered. */
  const [detail, setDetail] = useState<CaseDetail | null>(null);
  const ids = queue.items?.map(({ id }) => id) ?? [];
  const opened = detail?.id === openId ? detail : null;

  const show = (id: string | null) => navigate(moderationPath('reports', id));
  const { change, refresh } = queue;
  useNews(['case'], refresh);

  /** Takes in what an answer says of a case: it stays in the list that it belongs to. */
  function took(next: CaseDetail) {
    setDetail(learnCase(next));
    change((items) =>
      items.flatMap((item) => (item.id !== next.id ? item : belongs(next, list, scope.me.id) ? next : [])),
    );
    lookAgain('reports');
  }

  /** Goes on to the one after this, in the panel if that is open. */
  function moveOn(id: string) {
    const at = ids.indexOf(id);
    // One that was taken has left the list of the open ones.
    const next = (at === -1 ? triage.current : (ids[at + 1] ?? ids[at - 1])) ?? null;
    setDialog(null);
    if (openId !== null) show(next);
  }

  async function decide(id: string, action: (version: number) => Promise<CaseDetail>, done: string, goOn: boolean) {
    const known = opened?.id === id ? opened : queue.items?.find((item) => item.id === id);
    if (known === undefined) return;
    try {
      const next = await action(known.version);
      if (goOn) moveOn(id);
      took(next);
      toast(done);
    } catch (thrown) {
      if (!(thrown instanceof ConfabError && thrown.code === 'already_decided')) throw thrown;
      const next = await loadCase(id);
      if (next.state === 'closed') moveOn(id);
      took(next);
      toast(
        next.state === 'closed'
          ? 'Somebody else has decided this one already.'
          : 'Somebody else has changed this one meanwhile: look at it again.',
      );
    }
  }

  const params = (caseId: string) => ({ caseId });
  const close = (id: string, outcome: 'action_taken' | 'no_action') =>
    decide(
      id,
      (version) => client.call('closeCase', { params: params(id), body: { outcome, version } }),
      outcome === 'no_action' ? 'Closed: no action.' : 'Closed: action taken.',
      true,
    );
  const assign = (id: string, assigneeId: string | null) =>
    decide(
      id,
      (version) => client.call('assignCase', { params: params(id), body: { assigneeId, version } }),
      assigneeId === null
        ? 'It is back among the open ones.'
        : assigneeId === scope.me.id
          ? 'It is yours.'
          : `Handed over to ${client.userById(assigneeId)?.name ?? '…'}.`,
      assigneeId !== null && assigneeId !== scope.me.id,
    );

  /** Opens it if it is not, and a dialog over it. */
  function ask(wanted: CaseDialog) {
    const id = openId ?? triage.current;
    if (id === null) return;
    if (openId === null) show(id);
    setDialog(wanted);
  }
  const withCurrent = (run: (id: string) => Promise<void>) => () => {
    const id = openId ?? triage.current;
    if (id !== null) run(id).catch((thrown: unknown) => toast(messageOf(thrown)));
  };

  function showPerson() {
    const id = openId ?? triage.current;
    const accusedId = queue.items?.find((item) => item.id === id)?.accusedId ?? opened?.accusedId;
    if (typeof accusedId === 'string') navigate(moderationPath('members', accusedId));
  }

  const shortcuts: Shortcut[] = [
    { key: 'Enter', does: 'Open', run: () => triage.current !== null && show(triage.current) },
    { key: 'a', does: 'Take it', run: withCurrent((id) => assign(id, scope.me.id)) },
    { key: 'h', does: 'Hand it over', run: () => ask('assign') },
    { key: 'u', does: 'Give it back', run: withCurrent((id) => assign(id, null)) },
    { key: 'n', does: 'Write a note', run: () => ask('note') },
    { key: 'w', does: 'Warn', run: () => ask('warn') },
    { key: 'm', does: 'Mute', run: () => ask('mute') },
    { key: 'e', does: 'Kick', run: () => ask('kick') },
    { key: 'b', does: 'Ban', run: () => ask('ban') },
    { key: 'd', does: 'Delete messages', run: () => ask('remove') },
    { key: 'c', does: 'Close: action taken', run: () => ask('action_taken') },
    { key: 'x', does: 'Close: no action', run: () => ask('no_action') },
    { key: 'p', does: 'Look at the person', run: showPerson },
    ...CASE_LISTS.map((one, index) => ({ key: `${index + 1}`, does: `List: ${NAMES[one]}`, run: () => setList(one) })),
    { key: 'Escape', does: 'Back to the list', run: () => closePanel() },
    { key: '?', does: 'These keys', run: () => setDialog('help') },
  ];
  const triage = useTriage(ids, shortcuts, openId === null ? null : { id: openId, show });
  function closePanel() {
    if (openId === null) return;
    show(null);
    triage.focusRow();
  }

  return (
    <ConsolePage
      scope={scope}
      page="reports"
      aside={
        openId !== null && (
          <CasePanel
            key={openId}
            caseId={openId}
            known={opened}
            scope={scope}
            dialog={dialog === 'help' ? null : dialog}
            onDialog={setDialog}
            onLoaded={setDetail}
            onChanged={took}
            onAssign={(assigneeId) => assign(openId, assigneeId)}
            onCloseCase={(outcome) => close(openId, outcome)}
            onClose={closePanel}
          />
        )
      }
    >
      <QueueList
        label={`${NAMES[list]} reports`}
        head={
          <Tabs
            label="Which reports"
            tabs={CASE_LISTS.map((one) => [one, NAMES[one]] as const)}
            current={list}
            onChange={setList}
          />
        }
        onHelp={() => setDialog('help')}
        problem={queue.problem}
        onRetry={queue.refresh}
        more={queue.more}
        rows={
          queue.items?.map((item) => (
            <CaseRow
              key={item.id}
              item={item}
              opened={item.id === openId}
              rowProps={triage.rowProps(item.id)}
              onOpen={() => show(item.id)}
            />
          )) ?? null
        }
        empty={
          <EmptyState icon={<Flag size={26} />} title={EMPTY[list][0]} level="h2">
            {EMPTY[list][1]}
          </EmptyState>
        }
      />
      {dialog === 'help' && <ShortcutsDialog shortcuts={shortcuts} onClose={() => setDialog(null)} />}
    </ConsolePage>
  );
}

function belongs({ state, assigneeId }: Case, list: CaseList, myId: string): boolean {
  if (list === 'closed') return state === 'closed';
  if (list === 'open') return state === 'open';
  return state === 'assigned' && (list === 'taken' || assigneeId === myId);
}
