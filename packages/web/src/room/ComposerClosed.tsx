import type { RoomState, Sanction } from '@confab/sdk';
import { Archive, Ban, Eye, Lock, type LucideIcon, MicOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { exactTime, FOREVER } from '../lib/time.ts';
import { AppealButton } from '../notices/AppealButton.tsx';
import type { refusal } from './rights.ts';

function Notice({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <div
      role="status"
      className="mx-3 mb-[max(0.75rem,env(safe-area-inset-bottom))] flex items-center justify-center gap-2.5 rounded-xl bg-surface px-4 py-3 text-muted sm:mx-6 sm:mb-5"
    >
      <Icon size={17} className="shrink-0" aria-hidden />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}

interface Props {
  why: ReturnType<typeof refusal>;
  state: RoomState;
  /** By what I am silenced, where it is known. */
  mute: Sanction | undefined;
}

/** In place of the composer where I may not write. */
export function ClosedNotice({ why, state, mute }: Props) {
  switch (why) {
    case 'silenced':
      return <SilencedNotice until={mute ? mute.until : state.me.silencedUntil} mute={mute} />;
    case 'room_locked':
      return <Notice icon={Lock}>Moderators have locked this room: nobody but them writes in it for now.</Notice>;
    case 'room_read_only':
      return <Notice icon={Eye}>Only moderators write in this room. You can react to what they say.</Notice>;
    case 'members_only':
      return <Notice icon={Eye}>Guests only read here. Create an account to write.</Notice>;
    default:
      return state.room.kind === 'match' ? (
        <Notice icon={Archive}>This conversation is over.</Notice>
      ) : (
        <Notice icon={Archive}>This room is archived. Nothing is written in it any more.</Notice>
      );
  }
}

function SilencedNotice({ until, mute }: { until: number | null; mute: Sanction | undefined }) {
  const end = until === null || until >= FOREVER ? ' until they lift it' : ` until ${exactTime(until)}`;
  const what = `Moderators do not let you write ${mute?.roomId === null ? 'anywhere' : 'here'}${end}.`;
  return (
    <Notice icon={MicOff}>
      <span className="block">
        {what}
        {mute && ` Reason: ${mute.reason}`}
      </span>
      {mute && <AppealButton sanction={mute} about={what} />}
    </Notice>
  );
}

/** In place of the composer towards someone I block. */
export function BlockedNotice({ userId }: { userId: string }) {
  return (
    <Notice icon={Ban}>
      You have blocked this person.{' '}
      <button
        type="button"
        className="font-medium text-accent underline-offset-2 hover:underline"
        onClick={() => attempt(client.unblock(userId))}
      >
        Unblock
      </button>
    </Notice>
  );
}
