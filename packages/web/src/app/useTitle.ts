import { useEffect } from 'react';
import { useClient } from '../lib/client.ts';
import { unreadText } from '../ui/UnreadBadge.tsx';

/** The page's title: how much is unread, and the open room. */
export function useTitle(roomId: string | null): void {
  const unread = useClient((client) =>
    client.rooms.reduce((sum, room) => sum + (room.isMuted || room.isArchived ? 0 : room.unread), 0),
  );
  const title = useClient((client) => client.rooms.find((room) => room.id === roomId)?.title);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unreadText(unread)}) ` : ''}${title === undefined ? '' : `${title} – `}Confab`;
    return () => {
      document.title = 'Confab';
    };
  }, [unread, title]);
}
