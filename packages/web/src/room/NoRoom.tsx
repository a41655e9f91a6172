import type { Sanction } from '@confab/sdk';
import { Ban, SearchX } from 'lucide-react';
import { useNow } from '../lib/now.ts';
import { navigate } from '../lib/router.ts';
import { exactTime, FOREVER } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { AppealButton } from '../notices/AppealButton.tsx';
import { loadSanctions, useNotices } from '../notices/notices.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { RoomSkeleton } from './RoomSkeleton.tsx';

/** In place of a room that one may not see, or that is not there; who was taken out of it reads why. */
export function NoRoom({ roomId }: { roomId: string }) {
  const now = useNow();
  const { sanctions } = useNotices();
  // The room may be gone before it is known here why.
  const { data, problem } = useLoaded(loadSanctions);
  const ban = sanctions.find((one) => one.roomId === roomId && takesOut(one, now));
  if (!ban && data === null && problem === null) return <RoomSkeleton />;
  const back = <Button onClick={() => navigate('/', { replace: true })}>Go to your conversations</Button>;
  return (
    <div className="flex min-w-0 flex-1 items-center justify-center">
      {ban ? (
        <EmptyState icon={<Ban size={26} />} title={TITLES[ban.type]} actions={back}>
          {ban.type === 'ban' && (
            <span className="block">
              {ban.until === null || ban.until >= FOREVER
                ? 'Until moderators lift it.'
                : `Until ${exactTime(ban.until)}.`}
            </span>
          )}
          <span className="block wrap-anywhere">Reason: {ban.reason}</span>
          <AppealButton sanction={ban} about={`${TITLES[ban.type]}.`} />
        </EmptyState>
      ) : (
        <EmptyState icon={<SearchX size={26} />} title="This room isn’t here" actions={back}>
          It was deleted, or you are no longer a member of it.
        </EmptyState>
      )}
    </div>
  );
}

const TITLES: Readonly<Record<Sanction['type'], string>> = {
  ban: 'You are banned from this room',
  kick: 'Moderators took you out of this room',
  mute: '',
  warn: '',
};

const DAY_MS = 24 * 3600 * 1000;

/** A kick does not tell whether one has been back since: it is said for a day. */
function takesOut({ type, liftedAt, until, createdAt }: Sanction, now: number): boolean {
  if (liftedAt !== null) return false;
  return type === 'kick' ? now - createdAt < DAY_MS : type === 'ban' && (until === null || until > now);
}
