import type { AutomodRule, AutomodTrigger, CallOutput } from '@confab/sdk';
import { useEffect, useRef, useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { ActionFields } from './ActionFields.tsx';
import { RuleTrial } from './RuleTrial.tsx';
import { NEW_TRIGGERS, TRIGGER_NAMES } from './rule-words.ts';
import { TriggerFields } from './TriggerFields.tsx';

interface Props {
  /** null: a new one. */
  rule: AutomodRule | null;
  roomId: string | null;
  lists: CallOutput<'automodRules'>['lists'];
  /** To look at and try. */
  readOnly: boolean;
  onSaved: () => void;
  onCancel: () => void;
}

/** What a rule looks for, what follows, and what it would have done. */
export function RuleEditor({ rule, roomId, lists, readOnly, onSaved, onCancel }: Props) {
  const [trigger, setTrigger] = useState<AutomodTrigger>(rule?.trigger ?? NEW_TRIGGERS.words);
  const [actions, setActions] = useState<AutomodRule['actions']>(rule?.actions ?? [{ type: 'hold' }]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const submit = useSubmit(
    async (form) => {
      const body = {
        name: textOf(form, 'name'),
        trigger,
        // During a raid newcomers' messages are held, whatever else is said.
        actions: trigger.type === 'raid' ? [{ type: 'hold' as const }] : actions,
        reason: textOf(form, 'reason'),
        enabled: form.get('enabled') === 'on',
      };
      if (rule === null) await client.call('createAutomodRule', { body: { ...body, roomId } });
      else await client.call('updateAutomodRule', { params: { ruleId: rule.id }, body });
      toast('The rule is saved.');
      onSaved();
    },
    {
      name: 'Use 1 to 80 characters.',
      reason: 'Use 1 to 300 characters.',
      actions: 'Choose what follows.',
      'trigger.pattern': 'This is no regular expression, or one that could take too long.',
    },
  );
  const { fields } = submit.problem;
  return (
    <section aria-labelledby="rule-title" className="space-y-6">
      <h2 id="rule-title" ref={heading} tabIndex={-1} className="text-lg font-semibold outline-none">
        {rule === null ? 'New rule' : rule.name}
      </h2>
      <form onSubmit={submit.onSubmit} noValidate>
        <Alert>{submit.problem.message ?? aboutAll(fields)}</Alert>
        <fieldset disabled={readOnly} className="space-y-5">
          <legend className="sr-only">The rule</legend>
          <Field
            label="Name"
            name="name"
            autoComplete="off"
            maxLength={80}
            defaultValue={rule?.name}
            hint="For moderators."
            error={fields['name']}
          />
          <Select
            label="Looks for"
            value={trigger.type}
            options={TRIGGER_NAMES}
            onChange={(event) => {
              const type = TRIGGER_NAMES.find(([value]) => value === event.target.value)?.[0];
              if (type !== undefined) setTrigger(rule?.trigger.type === type ? rule.trigger : NEW_TRIGGERS[type]);
            }}
          />
          <TriggerFields key={trigger.type} trigger={trigger} lists={lists} problems={fields} onChange={setTrigger} />
          {trigger.type === 'raid' ? (
            <p className="text-muted">While a raid lasts, what newcomers write waits for approval.</p>
          ) : (
            <ActionFields actions={actions} onChange={setActions} />
          )}
          <Field
            label="Reason"
            name="reason"
            autoComplete="off"
            maxLength={300}
            defaultValue={rule?.reason}
            hint="Whoever wrote the message reads this."
            error={fields['reason']}
          />
          <Switch label="On" name="enabled" defaultChecked={rule?.enabled ?? true} hint="It holds within seconds." />
        </fieldset>
        <RuleTrial trigger={trigger} roomId={roomId} />
        <div className="mt-6 flex flex-wrap gap-3">
          {!readOnly && (
            <Button type="submit" look="primary" busy={submit.busy}>
              Save rule
            </Button>
          )}
          <Button onClick={onCancel}>{readOnly ? 'Back' : 'Cancel'}</Button>
        </div>
      </form>
    </section>
  );
}

/** What is wrong with a part of the rule that has no field of its own to say it. */
function aboutAll(fields: Readonly<Record<string, string>>): string | null {
  const told = Object.entries(fields).filter(
    ([field]) => field !== 'name' && field !== 'reason' && field !== 'trigger.pattern',
  );
  return told[0]?.[1] ?? null;
}
