import { isAtLeast, type Role, type Scope } from '@confab/sdk';
import { Copy } from 'lucide-react';
import { useState } from 'react';
import { withStepUp } from '../auth/step-up.tsx';
import { copyText } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { dayOf } from '../lib/time.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';

const SCOPES: Record<Scope, string> = {
  'profile:read': 'Read my profile',
  'people:read': 'See people and their presence',
  'people:write': 'Block people, set my presence',
  'rooms:read': 'See my rooms',
  'rooms:write': 'Create, join and change rooms',
  'messages:read': 'Read messages',
  'messages:write': 'Write and react',
  'moderation:read': 'See reports, held messages and the moderation log',
  'moderation:write': 'Moderate where I may',
  'admin:read': 'See accounts and the audit log',
  'admin:write': 'Act upon accounts',
};

const DAYS = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
] as const;
const DAY_MS = 86_400_000;

interface Props {
  onMade: () => void;
  onClose: () => void;
}

/** Makes a token, and shows it this once. */
export function NewTokenDialog({ onMade, onClose }: Props) {
  const [token, setToken] = useState<string | null>(null);
  return token === null ? (
    <MakeDialog
      onMade={(made) => {
        setToken(made);
        onMade();
      }}
      onClose={onClose}
    />
  ) : (
    <Dialog key="made" title="Your new token" onClose={onClose}>
      <p className="text-muted">Copy it now: it is not shown again. Whoever has it speaks for you.</p>
      <code aria-label="Token" className="my-4 block rounded-lg bg-surface p-4 font-mono break-all select-all">
        {token}
      </code>
      <DialogActions>
        <Button onClick={() => copyText(token)}>
          <Copy size={17} aria-hidden />
          Copy
        </Button>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Those who administrate may let a token do so too. */
function scopesFor(role: Role): [Scope, string][] {
  const all = Object.entries(SCOPES) as [Scope, string][];
  return all.filter(([scope]) => !scope.startsWith('admin:') || isAtLeast(role, 'admin'));
}

function MakeDialog({ onMade, onClose }: { onMade: (token: string) => void; onClose: () => void }) {
  const role = useClient((known) => known.me?.role ?? 'guest');
  const [days, setDays] = useState('30');
  const now = useNow();
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const scopes = scopesFor(role).flatMap(([scope]) => (form.has(scope) ? [scope] : []));
      const body = { name: textOf(form, 'name'), scopes, expiresInDays: Number(days) };
      onMade((await withStepUp(() => client.call('createApiToken', { body }))).token);
    },
    { name: 'Use 1 to 60 characters.', scopes: 'Choose at least one.' },
  );
  const { fields } = problem;
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Field label="Name" name="name" autoComplete="off" autoFocus maxLength={60} error={fields['name']} />
          <fieldset aria-describedby="scopes-problem">
            <legend className="mb-2 text-sm font-medium">What it may do</legend>
            <div className="space-y-2">
              {scopesFor(role).map(([scope, label]) => (
                <Switch key={scope} name={scope} label={label} />
              ))}
            </div>
            <p id="scopes-problem" role="alert" className="mt-1.5 text-sm text-danger">
              {fields['scopes']}
            </p>
          </fieldset>
          <Select label="Works for" value={days} options={DAYS} onChange={(event) => setDays(event.target.value)} />
          <p className="text-sm text-muted">Until {dayOf(now + Number(days) * DAY_MS)}.</p>
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Make token
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
