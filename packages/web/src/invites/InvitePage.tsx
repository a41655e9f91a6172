import { MailQuestionMark } from 'lucide-react';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { count } from '../lib/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Spinner } from '../ui/Spinner.tsx';

/** Where an invitation link leads. */
export function InvitePage({ code }: { code: string }) {
  const { data: invite, problem } = useLoaded(useCallback(() => client.invite(code), [code]));
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  async function accept() {
    setBusy(true);
    try {
      const room = await client.acceptInvite(code);
      navigate(roomPath(room.id), { replace: true });
    } catch (thrown) {
      setRefusal(messageOf(thrown));
      setBusy(false);
    }
  }

  return (
    <div className="flex min-w-0 flex-1 items-center justify-center overflow-y-auto p-6">
      {problem !== null ? (
        <EmptyState
          icon={<MailQuestionMark size={26} />}
          title="This invitation doesn’t work"
          actions={<Button onClick={() => navigate('/', { replace: true })}>Go to your conversations</Button>}
        >
          {problem}
        </EmptyState>
      ) : invite === null ? (
        <Spinner label="Loading the invitation" />
      ) : (
        <div className="flex w-full max-w-sm animate-appear flex-col items-center rounded-2xl border bg-raised p-8 text-center shadow-pop">
          <Avatar id={invite.room.id} name={invite.room.name ?? '…'} size="xl" shape="room" />
          <p className="mt-4 text-muted">You are invited to</p>
          <h1 className="max-w-full text-xl font-semibold break-words">{invite.room.name}</h1>
          {invite.room.topic !== '' && <p className="mt-1 max-w-full break-words text-muted">{invite.room.topic}</p>}
          <p className="mt-1 mb-6 text-sm text-muted">{count(invite.room.memberCount, 'member')}</p>
          <Alert>{refusal}</Alert>
          {invite.joined ? (
            <Button
              look="primary"
              className="w-full"
              onClick={() => navigate(roomPath(invite.room.id), { replace: true })}
            >
              Open the room
            </Button>
          ) : (
            <Button look="primary" className="w-full" busy={busy} onClick={() => void accept()}>
              Join
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
