import type { RoomState } from '@confab/sdk';
import { Archive, Ban, Eye, Lock, type LucideIcon, MicOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { exactTime, FOREVER } from '../lib/time.ts';
import { useNotices } from '../notices/notices.ts';
import { refusal, seatOf } from './rights.ts';

function Notice({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <div
      role="status"
      className="mx-3 mb-[max(0.75rem,env(safe-area-inset-bottom))] flex items-center justify-center gap-2.5 rounded-xl bg-surface px-4 py-3 text-muted sm:mx-6 sm:mb-5"
    >
      <Icon size={17} className="shrink-0" aria-hidden />
      <p className="min-w-0 break-words">{children}</p>
    </div>
  );
}

/** In place of the composer where I may not write: why. */
export function ClosedNotice({ state }: { state: RoomState }) {
  switch (refusal('send', seatOf(state))) {
    case 'silenced':
      return <SilencedNotice state={state} />;
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

function SilencedNotice({ state: { room, me } }: { state: RoomState }) {
  const { notices } = useNotices();
  const told = notices?.find(({ type, roomId }) => type === 'muted' && (roomId === null || roomId === room.id));
  const until = me.silencedUntil ?? FOREVER;
  return (
    <Notice icon={MicOff}>
      Moderators do not let you write here{until < FOREVER ? ` until ${exactTime(until)}` : ' until they lift it'}.
      {told && ` Reason: ${told.reason}`}
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
