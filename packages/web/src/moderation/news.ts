import { useEffect, useRef } from 'react';
import { client } from '../lib/client.ts';

type What = 'held' | 'case' | 'appeal' | 'alert' | 'raid';

/** Calls `fn` when the server tells that something of these waits or was decided, and when the connection is back. */
export function useNews(what: readonly What[], fn: () => void): void {
  const latest = useRef({ what, fn });
  useEffect(() => {
    latest.current = { what, fn };
  });
  useEffect(() => {
    let wasOnline = client.status === 'online';
    const stopNews = client.on('moderation', (news) => {
      if (latest.current.what.includes(news.what)) latest.current.fn();
    });
    // What was told meanwhile is not told again.
    const stopStatus = client.subscribe(() => {
      const online = client.status === 'online';
      if (online && !wasOnline) latest.current.fn();
      wasOnline = online;
    });
    return () => {
      stopNews();
      stopStatus();
    };
  }, []);
}
