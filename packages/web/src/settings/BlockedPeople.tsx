import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { Section } from '../ui/Section.tsx';

/** Whom I block. */
export function BlockedPeople() {
  useClient((known) => known.version);
  const blocked = [...client.blocked];
  return (
    <Section title="Blocked people">
      {blocked.length === 0 && <p className="text-muted">You block nobody.</p>}
      <ul className="max-w-md space-y-1">
        {blocked.map((userId) => {
          const user = client.userById(userId);
          return (
            <li key={userId} className="flex items-center gap-3">
              <Avatar id={userId} name={user?.name ?? '…'} />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{user?.name ?? '…'}</p>
                <p className="truncate text-sm text-muted">@{user?.username ?? '…'}</p>
              </div>
              <Button aria-label={`Unblock ${user?.name ?? ''}`} onClick={() => attempt(client.unblock(userId))}>
                Unblock
              </Button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
