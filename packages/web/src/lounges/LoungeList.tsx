import { isAtLeast, type LanguageRoom, type Lounge } from '@confab/sdk';
import { ScrollText, Sofa } from 'lucide-react';
import type { ReactNode } from 'react';
import { useClient } from '../lib/client.ts';
import { languageName } from '../lib/language-names.ts';
import { moderationPath } from '../lib/router.ts';
import { Markdown } from '../room/Markdown.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Badge } from '../ui/Badge.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Link } from '../ui/Link.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { LoungePicture } from './LoungePicture.tsx';
import { useLounges } from './lounges.ts';

interface Props {
  /** What one does about a room, such as a button to join it. */
  action: (lounge: Lounge, room: LanguageRoom) => ReactNode;
}

/** All lounges with their rooms, and how many are there now. */
export function LoungeList({ action }: Props) {
  const { lounges, problem } = useLounges();
  const opensThem = useClient((known) => known.me !== null && isAtLeast(known.me.role, 'admin'));
  return (
    <>
      <Alert>{problem}</Alert>
      {lounges === null && problem === null && (
        <div className="flex justify-center py-10 text-muted">
          <Spinner label="Loading" />
        </div>
      )}
      {lounges?.length === 0 && (
        <EmptyState icon={<Sofa size={26} />} title="No lounges yet" level="h2">
          {opensThem ? (
            <>
              Open the first one in <Link to={moderationPath('rooms')}>Moderation</Link>.
            </>
          ) : (
            'Whoever runs this place has not opened any.'
          )}
        </EmptyState>
      )}
      <ul aria-label="Lounges" className="space-y-4">
        {lounges?.map((lounge) => (
          <li key={lounge.id}>
            <LoungeCard lounge={lounge} action={action} />
          </li>
        ))}
      </ul>
    </>
  );
}

function LoungeCard({ lounge, action }: { lounge: Lounge } & Props) {
  const { id, name, topic, rules, adultsOnly, minRole, guests } = lounge;
  return (
    <section aria-labelledby={`lounge-${id}`} className="rounded-2xl border bg-surface p-4 sm:p-5">
      <header className="flex items-start gap-3.5">
        <LoungePicture lounge={lounge} />
        <div className="min-w-0 flex-1">
          <h2 id={`lounge-${id}`} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-lg font-semibold">
            <span className="min-w-0 break-words">{name}</span>
            {adultsOnly && <Badge look="warn">Adults only</Badge>}
            {minRole === 'guest' && guests !== 'none' ? (
              guests === 'read' && <Badge>Guests read</Badge>
            ) : (
              <Badge>{minRole === 'user' || minRole === 'guest' ? 'For members' : 'For moderators'}</Badge>
            )}
          </h2>
          {topic !== '' && <p className="mt-0.5 break-words text-muted">{topic}</p>}
        </div>
      </header>
      {rules !== '' && (
        <details className="mt-3">
          <summary className="inline-flex items-center gap-1.5 rounded-md text-sm font-medium text-muted hover:text-ink">
            <ScrollText size={15} aria-hidden />
            Rules of {name}
          </summary>
          <div className="mt-2 rounded-lg bg-raised px-3.5 py-3 text-sm">
            <Markdown body={rules} />
          </div>
        </details>
      )}
      <ul aria-label={`Rooms of ${name}`} className="mt-3 divide-y">
        {lounge.rooms.map((entry) => (
          <RoomLine key={entry.room.id} entry={entry} action={action(lounge, entry)} />
        ))}
      </ul>
      {lounge.rooms.length === 0 && <p className="mt-3 text-sm text-muted">No rooms yet.</p>}
    </section>
  );
}

/** Whether nobody else can come in. */
export const isFull = ({ room }: LanguageRoom) => room.lounge !== null && room.memberCount >= room.lounge.capacity;

function RoomLine({ entry, action }: { entry: LanguageRoom; action: ReactNode }) {
  const { room, present } = entry;
  const language = languageName(room.lounge?.language ?? '');
  const name = room.name ?? language;
  return (
    <li className="flex min-h-14 items-center gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium break-words" lang={room.lounge?.language}>
            {name}
          </span>
          {language !== name && <span className="text-sm text-muted">{language}</span>}
          {isFull(entry) && <Badge look="warn">Full</Badge>}
          {room.moderation.lockedAt !== null && <Badge look="bad">Locked</Badge>}
          {room.moderation.readOnly && <Badge>Read-only</Badge>}
        </p>
        <p className="flex flex-wrap items-center gap-x-1.5 text-sm text-muted">
          <span aria-hidden className={`size-2 rounded-full ${present > 0 ? 'bg-accent' : 'bg-edge'}`} />
          <span className="tabular-nums">
            {present.toLocaleString()} here · {room.memberCount.toLocaleString()} of{' '}
            {room.lounge?.capacity.toLocaleString()} places taken
          </span>
        </p>
        {room.topic !== '' && <p className="truncate text-sm text-muted">{room.topic}</p>}
      </div>
      {action}
    </li>
  );
}
