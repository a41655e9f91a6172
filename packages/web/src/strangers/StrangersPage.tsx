import { useEffect } from 'react';
import { navigate, roomPath } from '../lib/router.ts';
import { Spinner } from '../ui/Spinner.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { useMatch } from './match.ts';
import { Searching } from './Searching.tsx';
import { WishesForm } from './WishesForm.tsx';

/** Meet somebody one does not know, in a room of two. */
export function StrangersPage() {
  const { match } = useMatch();
  const roomId = match?.state === 'matched' ? match.roomId : null;
  useEffect(() => {
    if (roomId !== null) navigate(roomPath(roomId), { replace: true });
  }, [roomId]);
  return (
    <SubPage title="Strangers">
      {match === null || match.state === 'matched' ? (
        <div className="flex justify-center py-16 text-muted">
          <Spinner label="Loading" />
        </div>
      ) : match.state === 'waiting' ? (
        <Searching since={match.since} />
      ) : (
        <WishesForm />
      )}
    </SubPage>
  );
}
