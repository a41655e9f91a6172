import { type Account, ranksAbove, type Role } from '@confab/sdk';
import { useState } from 'react';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Select } from '../ui/Select.tsx';
import { toast } from '../ui/toasts.tsx';
import { BanDialog } from './BanDialog.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';
import { roleName, ROLES } from './labels.ts';

type GivenRole = Exclude<Role, 'guest'>;
type Asking = 'role' | 'ban' | 'unban' | 'disable' | 'enable' | 'sign-out';

interface Props {
  account: Account;
  myRole: Role;
  onChanged: (account: Account) => void;
}

/** What someone with `myRole` may do to the account, which is below them; or an owner’s, for another owner. */
export function AccountActions({ account, myRole, onChanged }: Props) {
  const [role, setRole] = useState<Role>(account.role);
  const [asking, setAsking] = useState<Asking | null>(null);
  const params = { userId: account.id };
  const close = () => setAsking(null);
  const given = ROLES.filter((row): row is readonly [GivenRole, string] => row[0] !== 'guest').filter(([to]) =>
    ranksAbove(myRole, to),
  );
  const newRole = given.find(([value]) => value === role && value !== account.role)?.[0];

  async function act(action: () => Promise<Account>, done: string) {
    onChanged(await withStepUp(action));
    toast(done);
  }

  return (
    <>
      {account.role !== 'guest' && (
        <div className="flex items-end gap-2">
          <Select
            label="Role"
            className="min-w-0 flex-1"
            value={role}
            options={given}
            onChange={(event) => setRole(given.find(([value]) => value === event.target.value)?.[0] ?? role)}
          />
          <Button className="h-11" disabled={newRole === undefined} onClick={() => setAsking('role')}>
            Change
          </Button>
        </div>
      )}
      {account.role === myRole ? (
        <p className="text-muted">Nobody keeps out their equals: take the role away first.</p>
      ) : (
        <div className="flex flex-wrap gap-3">
          {account.ban ? (
            <Button onClick={() => setAsking('unban')}>End the ban</Button>
          ) : (
            <Button look="danger" onClick={() => setAsking('ban')}>
              Ban…
            </Button>
          )}
          {account.state === 'disabled' ? (
            <Button onClick={() => setAsking('enable')}>Enable</Button>
          ) : (
            <Button look="danger" onClick={() => setAsking('disable')}>
              Disable…
            </Button>
          )}
          <Button look="danger" onClick={() => setAsking('sign-out')}>
            Sign out everywhere
          </Button>
        </div>
      )}

      {asking === 'role' && newRole !== undefined && (
        <ConfirmDialog
          title={`Make ${account.name} ${roleName(newRole).toLowerCase()}?`}
          verb="Change role"
          onConfirm={() =>
            act(() => client.call('setRole', { params, body: { role: newRole } }), 'The role is changed.')
          }
          onClose={close}
        >
          It holds at once, everywhere.
        </ConfirmDialog>
      )}
      {asking === 'ban' && (
        <BanDialog
          name={account.name}
          onSubmit={(body) => act(() => client.call('ban', { params, body }), `${account.name} is banned.`)}
          onClose={close}
        />
      )}
      {asking === 'disable' && (
        <ReasonDialog
          title={`Disable ${account.name}?`}
          verb="Disable"
          onSubmit={(reason) =>
            act(
              () => client.call('disableAccount', { params, body: { reason } }),
              `${account.name} can no longer sign in.`,
            )
          }
          onClose={close}
        >
          The account is closed until it is enabled again. All its sessions end at once.
        </ReasonDialog>
      )}
      {asking === 'unban' && (
        <ConfirmDialog
          title="End the ban?"
          verb="End the ban"
          onConfirm={() => act(() => client.call('unban', { params }), 'The ban has ended.')}
          onClose={close}
        >
          {account.name} can sign in again.
        </ConfirmDialog>
      )}
      {asking === 'enable' && (
        <ConfirmDialog
          title={`Enable ${account.name}?`}
          verb="Enable"
          onConfirm={() => act(() => client.call('enableAccount', { params }), 'The account is open again.')}
          onClose={close}
        >
          {account.name} can sign in again.
        </ConfirmDialog>
      )}
      {asking === 'sign-out' && (
        <ConfirmDialog
          title={`Sign ${account.name} out everywhere?`}
          verb="Sign out"
          onConfirm={() =>
            act(() => client.call('signOutAccount', { params }), `${account.name} is signed out everywhere.`)
          }
          onClose={close}
        >
          All sessions end, and all API tokens.
        </ConfirmDialog>
      )}
    </>
  );
}
