import { useEffect, useState } from 'react';

/**
 * The read mark under which the "new messages" separator stands, or null for none. It is taken when the room is opened
 * and whenever the page comes back into view with something unread, and stays while the reader reads.
 */
export function useUnreadMark(lastReadN: number, unread: number): number | null {
  const [mark, setMark] = useState<number | null>(unread > 0 ? lastReadN : null);
  const [hiddenAt, setHiddenAt] = useState<number | null>(null);

  useEffect(() => {
    const onVisibility = () => setHiddenAt(document.visibilityState === 'hidden' ? lastReadN : null);
    document.addEventListener('visibilitychange', onVisibility);
    return () => document.removeEventListener('visibilitychange', onVisibility);
  }, [lastReadN]);

  // Out of view, the first unread message moves the separator to where reading stopped.
  if (hiddenAt !== null && unread > 0 && mark !== hiddenAt) setMark(hiddenAt);
  return mark;
}
