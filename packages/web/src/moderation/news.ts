import { useEffect, useRef } from 'react';
import { client } from '../lib/client.ts';
import { paced } from '../lib/paced.ts';

type What = 'held' | 'case' | 'appeal' | 'alert' | 'raid';

/**
 * Calls `fn` soon after the server tells that something of these waits or was decided, less often while it keeps telling, and
 * at once when the connection is back.
 */
export function useNews(what: readonly What[], fn: () => void): void {
  const latest = useRef({ what, fn });
  useEffect(() => {
    latest.current = { what, fn };
  });
  useEffect(() => {
    let wasOnline = client.status === 'online';
    const soon = paced(() => latest.current.fn());
    const stopNews = client.on('moderation', (news) => {
      if (latest.current.what.includes(news.what)) soon();
    });
    // What was told meanwhile is not told again.
    const stopStatus = client.subscribe(() => {
      const online = client.status === 'online';
      if (online && !wasOnline) latest.current.fn();
      wasOnline = online;
    });
    return () => {
      soon.stop();
      stopNews();
      stopStatus();
    };
  }, []);
}
