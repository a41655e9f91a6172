import type { LiveRoom, Message } from '@confab/sdk';
import { useEffect, useState, useSyncExternalStore } from 'react';

/** A message that is referred to, fetched where it is not loaded; null until it is here, undefined when there is none. */
export function useQuoted(room: LiveRoom, messageId: string): Message | null | undefined {
  const [missing, setMissing] = useState(false);
  const message = useSyncExternalStore(
    (changed) => room.subscribe(changed),
    () => room.messageById(messageId),
  );
  const lacks = message === undefined;
  useEffect(() => {
    if (!lacks) return;
    let current = true;
    room.loadMessage(messageId).catch(() => current && setMissing(true));
    return () => {
      current = false;
    };
  }, [room, messageId, lacks]);
  return message ?? (missing ? undefined : null);
}
