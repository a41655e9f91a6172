import type { SanctionType } from '@confab/sdk';
import { useEffect, useRef, useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { textOf } from '../lib/problems.ts';
import { roleName } from '../admin/labels.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { TextArea } from '../ui/Field.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { MemberHistory } from './MemberHistory.tsx';
import { useSanctionPlaces } from './places.ts';
import { SanctionDialog } from './SanctionDialog.tsx';
import type { Scope } from './scope.ts';
import { SANCTION_TYPES, SANCTIONS } from './words.ts';

interface Props {
  userId: string;
  scope: Scope;
  onClose: () => void;
}

/** One person, for moderators. */
export function MemberPanel({ userId, scope, onClose }: Props) {
  const user = useUser(userId);
  const [asking, setAsking] = useState<SanctionType | 'note' | null>(null);
  const [round, setRound] = useState(0);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => body.current?.focus(), []);
  const again = () => setRound((before) => before + 1);
  const close = () => setAsking(null);
  const name = user?.name ?? '…';
  const places = useSanctionPlaces(scope, userId);
  const types = SANCTION_TYPES.filter((type) => places.some(([id]) => type !== 'kick' || id !== ''));
  return (
    <SidePanel label="Member" title={name} note={user && `@${user.username}`} wide onClose={onClose}>
      <div
        ref={body}
        tabIndex={-1}
        role="group"
        aria-label={`What is known of ${name}`}
        className="min-h-0 flex-1 space-y-6 overflow-y-auto p-5 outline-none"
      >
        <div className="flex items-center gap-4">
          <Avatar id={userId} name={name} size="xl" />
          {user && <Badge look={user.role === 'user' ? 'plain' : 'good'}>{roleName(user.role)}</Badge>}
        </div>
        {userId === scope.me.id ? (
          <p className="text-muted">This is you.</p>
        ) : (
          <div role="group" aria-label="What to do with them" className="flex flex-wrap gap-2">
            {user && types.length === 0 && (
              <p className="w-full text-muted">
                They stand as high as you, or above: nobody warns, mutes or bans their equals.
              </p>
            )}
            {types.map((type) => (
              <Button key={type} look={type === 'ban' ? 'danger' : 'plain'} small onClick={() => setAsking(type)}>
                {SANCTIONS[type].verb}…
              </Button>
            ))}
            {scope.instance && (
              <Button small onClick={() => setAsking('note')}>
                Note…
              </Button>
            )}
          </div>
        )}
        <section aria-label="History">
          <h3 className="mb-2 font-semibold">History</h3>
          <MemberHistory userId={userId} round={round} />
        </section>
      </div>
      {asking !== null && asking !== 'note' && (
        <SanctionDialog
          userId={userId}
          type={asking}
          places={places}
          admin={scope.admin}
          onDone={again}
          onClose={close}
        />
      )}
      {asking === 'note' && (
        <FormDialog
          title={`Note about ${name}`}
          verb="Add note"
          advice={{ text: 'Use 1 to 2000 characters.' }}
          onSubmit={async (form) => {
            await client.call('noteUser', { params: { userId }, body: { text: textOf(form, 'text') } });
            toast('The note is kept.');
            again();
          }}
          onClose={close}
        >
          {(problems) => (
            <TextArea
              label="For moderators"
              name="text"
              rows={5}
              maxLength={2000}
              data-autofocus
              hint="Only moderators of the whole place read this."
              error={problems['text']}
            />
          )}
        </FormDialog>
      )}
    </SidePanel>
  );
}
