import { ConfabError, isAtLeast, type LanguageRoom, type Lounge, type Role } from '@confab/sdk';
import { useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Link } from '../ui/Link.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { EnterDialog } from './EnterDialog.tsx';
import { hasNewRules } from './entering.ts';
import { isFull, LoungeList } from './LoungeList.tsx';

interface Asked {
  lounge: Lounge;
  room: LanguageRoom['room'];
  asksAge: boolean;
}

/** Whether people of this role come in at all. */
const letsIn = ({ minRole, guests }: Lounge, role: Role) =>
  isAtLeast(role, minRole) && (role !== 'guest' || guests !== 'none');

/** Lounges and their language rooms, to look around and join. */
export function LoungesPage() {
  const rooms = useClient((known) => known.rooms);
  const role = useClient((known) => known.me?.role ?? 'guest');
  const [asked, setAsked] = useState<Asked | null>(null);
  const [joining, setJoining] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  /** The room that the problem is a ban from. */
  const [banned, setBanned] = useState<string | null>(null);

  async function join(lounge: Lounge, room: LanguageRoom['room']) {
    setJoining(room.id);
    setProblem(null);
    setBanned(null);
    try {
      const asksAge = lounge.adultsOnly && (await client.call('ageConfirmation')).confirmedAt === null;
      if (asksAge || hasNewRules(lounge)) return setAsked({ lounge, room, asksAge });
      await client.joinRoom(room.id);
      navigate(roomPath(room.id));
    } catch (thrown) {
      // It was asked for a moment ago only.
      if (thrown instanceof ConfabError && thrown.code === 'age_confirmation_required')
        setAsked({ lounge, room, asksAge: true });
      else setProblem(messageOf(thrown));
      if (thrown instanceof ConfabError && thrown.code === 'banned_here') setBanned(room.id);
    } finally {
      setJoining(null);
    }
  }

  function action(lounge: Lounge, entry: LanguageRoom) {
    const { room } = entry;
    const name = `${room.name ?? ''} of ${lounge.name}`;
    if (rooms.some(({ id }) => id === room.id))
      return (
        <Button aria-label={`Open ${name}`} onClick={() => navigate(roomPath(room.id))}>
          Open
        </Button>
      );
    if (!letsIn(lounge, role)) return null;
    return (
      <Button
        look="primary"
        aria-label={`Join ${name}`}
        busy={joining === room.id}
        disabled={isFull(entry) || (room.moderation.lockedAt !== null && !isAtLeast(role, 'moderator'))}
        onClick={() => void join(lounge, room)}
      >
        Join
      </Button>
    );
  }

  return (
    <SubPage title="Lounges">
      <p className="mb-4 text-muted">
        Public places to talk with whoever is there, a room for each language. Rooms you join stay in your list
        {role === 'guest' && ' until you go away'}.
      </p>
      <Alert>{problem}</Alert>
      {banned !== null && (
        <p className="mb-5">
          <Link to={roomPath(banned)}>Look at the ban, and appeal</Link>
        </p>
      )}
      <LoungeList action={action} />
      {asked && <EnterDialog {...asked} onClose={() => setAsked(null)} />}
    </SubPage>
  );
}
