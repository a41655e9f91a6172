import { ConfabError, type LiveRoom } from '@confab/sdk';
import { useEffect, useState } from 'react';

/** Keeps the room open while mounted. It opens with message `n` loaded, or else the first unread one. */
export function useOpenRoom(room: LiveRoom, n: number | null): 'opening' | 'opened' | 'missing' {
  const [phase, setPhase] = useState<'opening' | 'opened' | 'missing'>('opening');

  const [opensAt] = useState(n);

  useEffect(() => {
    let mounted = true;
    async function open() {
      await room.open();
      if (opensAt !== null) {
        // One that is not there is nothing to fail for.
        if (mounted) await room.jumpTo(opensAt).catch(() => undefined);
        return;
      }
      const state = room.state;
      const firstUnread = (state?.me.lastReadN ?? 0) + 1;
      const firstLoaded = state?.messages[0]?.n ?? 0;
      if (mounted && state && state.unread > 0 && firstLoaded > firstUnread) await room.jumpTo(firstUnread);
    }
    open()
      .then(() => mounted && setPhase('opened'))
      .catch((thrown: unknown) => {
        if (!mounted) return;
        const missing = thrown instanceof ConfabError && thrown.code === 'not_found';
        setPhase(missing || room.state === null ? 'missing' : 'opened');
      });
    return () => {
      mounted = false;
      room.close();
    };
  }, [room, opensAt]);
  return phase;
}
