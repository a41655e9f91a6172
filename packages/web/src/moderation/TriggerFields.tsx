import type { AutomodTrigger, CallOutput } from '@confab/sdk';
import { useState } from 'react';
import { Field, TextArea } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { LINK_MODES } from './rule-words.ts';

interface Props {
  trigger: AutomodTrigger;
  lists: CallOutput<'automodRules'>['lists'];
  problems: Readonly<Record<string, string>>;
  onChange: (trigger: AutomodTrigger) => void;
}

/** What belongs to one kind of trigger. */
export function TriggerFields({ trigger, lists, problems, onChange }: Props) {
  switch (trigger.type) {
    case 'words':
      return (
        <>
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">Built-in lists</legend>
            <div className="grid max-h-52 grid-cols-2 gap-x-4 gap-y-1 overflow-y-auto rounded-lg border p-3 sm:grid-cols-3">
              {lists
                .toSorted((a, b) => a.name.localeCompare(b.name))
                .map(({ id, name, words }) => (
                  <label key={id} className="flex items-start gap-2">
                    <input
                      type="checkbox"
                      className="mt-0.5 size-4 shrink-0"
                      checked={trigger.lists.includes(id)}
                      onChange={(event) =>
                        onChange({
                          ...trigger,
                          lists: event.target.checked
                            ? [...trigger.lists, id]
                            : trigger.lists.filter((other) => other !== id),
                        })
                      }
                    />
                    <span className="min-w-0 break-words">
                      {name} <span className="text-sm text-muted">({words})</span>
                    </span>
                  </label>
                ))}
            </div>
          </fieldset>
          <Lines
            label="Words"
            hint="One on each line. Found also with sep-a-r-a-t-o-r-s, l00k-alikes and repeated letters."
            lines={trigger.words}
            onChange={(words) => onChange({ ...trigger, words })}
          />
          <Lines
            label="Spared words"
            hint="Fine although one of the others is in them, such as Scunthorpe."
            lines={trigger.spare}
            onChange={(spare) => onChange({ ...trigger, spare })}
          />
        </>
      );
    case 'links':
      return (
        <>
          <Select
            label="Which links"
            value={trigger.mode}
            options={LINK_MODES}
            onChange={(event) => {
              const mode = LINK_MODES.find(([value]) => value === event.target.value)?.[0] ?? trigger.mode;
              onChange({ ...trigger, mode });
            }}
          />
          {trigger.mode !== 'any' && (
            <Lines
              label={trigger.mode === 'first' ? 'Hosts that never count' : 'Hosts'}
              hint="One on each line, such as example.org: its subdomains are meant as well."
              lines={trigger.hosts}
              onChange={(hosts) => onChange({ ...trigger, hosts })}
            />
          )}
        </>
      );
    case 'mentions':
      return <Numbers rows={[['More mentions than', trigger.more, (more) => onChange({ ...trigger, more })]]} />;
    case 'flood':
      return (
        <Numbers
          rows={[
            ['Messages', trigger.messages, (messages) => onChange({ ...trigger, messages })],
            ['Within seconds', trigger.seconds, (seconds) => onChange({ ...trigger, seconds })],
          ]}
        />
      );
    case 'repeats':
      return (
        <Numbers
          rows={[
            ['Times', trigger.times, (times) => onChange({ ...trigger, times })],
            ['Within seconds', trigger.seconds, (seconds) => onChange({ ...trigger, seconds })],
          ]}
        />
      );
    case 'capitals':
      return (
        <Numbers
          rows={[
            ['Percent of the letters', trigger.percent, (percent) => onChange({ ...trigger, percent })],
            ['In texts of so many letters', trigger.letters, (letters) => onChange({ ...trigger, letters })],
          ]}
        />
      );
    case 'newcomers':
      return (
        <Numbers
          rows={[['Minutes since they came', trigger.minutes, (minutes) => onChange({ ...trigger, minutes })]]}
        />
      );
    case 'pattern':
      return (
        <Field
          label="Pattern"
          className="font-mono"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={500}
          hint="A regular expression (RE2: no look-around, no back-references)."
          value={trigger.pattern}
          error={problems['trigger.pattern']}
          onChange={(event) => onChange({ ...trigger, pattern: event.target.value })}
        />
      );
    case 'raid':
      return (
        <Numbers
          rows={[
            ['Joins of one room', trigger.joins, (joins) => onChange({ ...trigger, joins })],
            ['Within seconds', trigger.seconds, (seconds) => onChange({ ...trigger, seconds })],
            ['Lasts seconds', trigger.lasts, (lasts) => onChange({ ...trigger, lasts })],
          ]}
        />
      );
    case 'invites':
      return <p className="text-muted">Links that invite to other places to chat, and to rooms here.</p>;
  }
}

interface LinesProps {
  label: string;
  hint: string;
  lines: readonly string[];
  onChange: (lines: string[]) => void;
}

/** Several short texts, one on each line; what is typed stays as it is typed. */
function Lines({ label, hint, lines, onChange }: LinesProps) {
  const [text, setText] = useState(lines.join('\n'));
  return (
    <TextArea
      label={label}
      hint={hint}
      rows={4}
      autoCapitalize="none"
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange([...new Set(event.target.value.split('\n').map((line) => line.trim()))].filter(Boolean));
      }}
    />
  );
}

function Numbers({ rows }: { rows: readonly (readonly [string, number, (value: number) => void])[] }) {
  return (
    <div className="flex flex-wrap gap-3">
      {rows.map(([label, value, onChange]) => (
        <Field
          key={label}
          label={label}
          className="min-w-0 flex-1 basis-40"
          type="number"
          inputMode="numeric"
          value={Number.isNaN(value) ? '' : value}
          onChange={(event) => onChange(event.target.valueAsNumber)}
        />
      ))}
    </div>
  );
}
