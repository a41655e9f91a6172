import type { AutomodRule } from '@confab/sdk';
import { Bot, Plus } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Select } from '../ui/Select.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { useRoomOptions } from './places.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { actionsWords, triggerWords } from './rule-words.ts';
import { mayConfigure, type Scope } from './scope.ts';
import { useKeptFocus } from './useKeptFocus.ts';

/** The rules that texts are held against before they are stored, of the whole place and of rooms. */
export function AutomodPage({ scope }: { scope: Scope }) {
  const mine = scope.rooms
    .filter(({ room }) => mayConfigure(room, scope.me))
    .map((view) => [view.id, view.title] as const);
  const all = useRoomOptions(scope);
  const places = [...(scope.instance ? [['', 'The whole place'] as const] : []), ...(scope.admin ? all : mine)];
  const [wanted, setWanted] = useState('');
  const place = places.some(([id]) => id === wanted) ? wanted : (places[0]?.[0] ?? null);
  const [editing, setEditing] = useState<AutomodRule | 'new' | null>(null);
  if (place === null)
    return (
      <ConsolePage scope={scope} page="automod">
        <EmptyState icon={<Bot size={26} />} title="Rules are for admins of rooms" level="h2" />
      </ConsolePage>
    );
  return (
    <ConsolePage scope={scope} page="automod">
      {editing === null && (
        <Select
          label="Rules of"
          className="max-w-sm"
          value={place}
          options={places}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <Rules
        key={place}
        roomId={place === '' ? null : place}
        // Moderators read the rules of the whole place; its admins change them.
        mayChange={place !== '' || scope.admin}
        editing={editing}
        onEdit={setEditing}
      />
    </ConsolePage>
  );
}

interface RulesProps {
  roomId: string | null;
  mayChange: boolean;
  editing: AutomodRule | 'new' | null;
  onEdit: (rule: AutomodRule | 'new' | null) => void;
}

function Rules({ roomId, mayChange, editing, onEdit }: RulesProps) {
  const { data, problem, reload } = useLoaded(
    useCallback(() => client.call('automodRules', { query: roomId === null ? {} : { roomId } }), [roomId]),
  );
  const [removing, setRemoving] = useState<AutomodRule | null>(null);
  const list = useRef<HTMLDivElement>(null);
  useKeptFocus(() => list.current?.focus(), list);
  // Back from the editor, which had the focus.
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && editing === null) list.current?.focus();
    wasEditing.current = editing !== null;
  }, [editing]);

  /** What was switched here: shown at once, and taken back where it fails. */
  const [switched, setSwitched] = useState<Readonly<Record<string, boolean>>>({});
  async function toggle(rule: AutomodRule, enabled: boolean) {
    setSwitched((before) => ({ ...before, [rule.id]: enabled }));
    try {
      await client.call('updateAutomodRule', { params: { ruleId: rule.id }, body: { enabled } });
      toast(enabled ? `“${rule.name}” is on.` : `“${rule.name}” is off.`);
    } catch (thrown) {
      setSwitched((before) => ({ ...before, [rule.id]: !enabled }));
      throw thrown;
    }
  }

  if (data === null)
    return problem === null ? (
      <div className="flex justify-center py-10 text-muted">
        <Spinner label="Loading" />
      </div>
    ) : (
      <Alert onRetry={reload}>{problem}</Alert>
    );
  if (editing !== null)
    return (
      <RuleEditor
        rule={editing === 'new' ? null : editing}
        roomId={roomId}
        lists={data.lists}
        readOnly={!mayChange}
        onSaved={() => {
          onEdit(null);
          setSwitched({});
          reload();
        }}
        onCancel={() => onEdit(null)}
      />
    );
  return (
    <div ref={list} tabIndex={-1} className="space-y-4 outline-none">
      {mayChange && (
        <Button look="primary" onClick={() => onEdit('new')}>
          <Plus size={17} aria-hidden />
          New rule
        </Button>
      )}
      <ul aria-label="Rules" className="space-y-2">
        {data.rules.map((rule) => (
          <li key={rule.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl border px-4 py-3">
            <div className="min-w-0 flex-1 basis-52">
              <p className="font-medium break-words">{rule.name}</p>
              <p className="text-sm break-words text-muted">
                {triggerWords(rule.trigger)} → {actionsWords(rule.trigger, rule.actions)}
              </p>
            </div>
            <div className="flex flex-wrap items-center gap-2">
              <Switch
                label="On"
                aria-label={`${rule.name} is on`}
                checked={switched[rule.id] ?? rule.enabled}
                disabled={!mayChange}
                onChange={(event) => attempt(toggle(rule, event.target.checked))}
              />
              <Button
                small
                className="ml-2"
                aria-label={`${mayChange ? 'Edit' : 'Look at'} ${rule.name}`}
                onClick={() => onEdit({ ...rule, enabled: switched[rule.id] ?? rule.enabled })}
              >
                {mayChange ? 'Edit' : 'Look'}
              </Button>
              {mayChange && (
                <Button look="danger" small aria-label={`Remove ${rule.name}…`} onClick={() => setRemoving(rule)}>
                  Remove…
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {data.rules.length === 0 && (
        <EmptyState icon={<Bot size={26} />} title="No rules yet" level="h2">
          A rule looks at every message before it is stored: it may hold it, reject it, or tell you.
        </EmptyState>
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove “${removing.name}”?`}
          verb="Remove"
          onConfirm={async () => {
            await client.call('deleteAutomodRule', { params: { ruleId: removing.id } });
            toast('The rule is removed.');
            reload();
          }}
          onClose={() => setRemoving(null)}
        >
          Messages that it held still wait.
        </ConfirmDialog>
      )}
    </div>
  );
}
