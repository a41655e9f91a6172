import { Ban, Flag, MessageSquare } from 'lucide-react';
import { lazy, Suspense, useCallback, useState } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { PersonAvatar } from '../presence/PersonAvatar.tsx';
import { PresenceText } from '../presence/PresenceText.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { PersonAbout } from './PersonAbout.tsx';

const ReportDialog = lazy(async () => ({ default: (await import('../report/ReportDialog.tsx')).ReportDialog }));

/** A person's card: who they are, and what there is to do with them. */
export function PersonDialog({ userId, onClose }: { userId: string; onClose: () => void }) {
  const user = useUser(userId);
  const isMe = useClient((known) => known.me?.id === userId);
  const mayWrite = useClient((known) => known.may('directRoom'));
  const blocked = useClient((known) => known.blocked.has(userId));
  const [reporting, setReporting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { data: profile } = useLoaded(useCallback(() => client.call('user', { params: { userId } }), [userId]));
  // What was just asked for is newer than what is remembered.
  const known = profile ?? user;
  const name = known?.name ?? '…';
  // Usernames like that stand for people who are gone; nobody can have one.
  const isDeleted = known?.username.startsWith('deleted.') === true;

  async function attempt(action: () => Promise<void>) {
    try {
      await action();
    } catch (thrown) {
      setProblem(messageOf(thrown));
    }
  }

  if (reporting)
    return (
      <Suspense fallback={null}>
        <ReportDialog target={{ type: 'user', userId }} accusedId={userId} onClose={() => setReporting(false)} />
      </Suspense>
    );
  return (
    <Dialog title={name} onClose={onClose}>
      <Alert>{problem}</Alert>
      <div className="flex items-center gap-4">
        <PersonAvatar id={userId} name={name} size="xl" />
        <div className="min-w-0">
          {!isDeleted && <p className="truncate font-medium">@{known?.username ?? '…'}</p>}
          <p className="break-words text-muted">
            {isDeleted ? (
              'Whoever this was has left. What they wrote stays.'
            ) : blocked ? (
              'You have blocked this person.'
            ) : (
              <PresenceText userId={userId} fallback="" />
            )}
          </p>
        </div>
      </div>
      {profile && !isDeleted && <PersonAbout profile={profile} />}
      {!isMe && !isDeleted && (
        <DialogActions>
          <Button
            look={blocked ? 'plain' : 'danger'}
            onClick={() => void attempt(() => (blocked ? client.unblock(userId) : client.block(userId)))}
          >
            <Ban size={17} aria-hidden />
            {blocked ? 'Unblock' : 'Block'}
          </Button>
          <IconButton label="Report…" className="mr-auto" onClick={() => setReporting(true)}>
            <Flag size={18} aria-hidden />
          </IconButton>
          <Button
            look="primary"
            disabled={blocked || !mayWrite}
            title={mayWrite ? undefined : 'Guests may not begin direct messages: create an account first.'}
            onClick={() =>
              void attempt(async () => {
                const room = await client.directRoom(userId);
                onClose();
                navigate(roomPath(room.id));
              })
            }
          >
            <MessageSquare size={17} aria-hidden />
            Message
          </Button>
        </DialogActions>
      )}
    </Dialog>
  );
}
