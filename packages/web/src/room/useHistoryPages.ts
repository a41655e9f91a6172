import type { LiveRoom } from '@confab/sdk';
import { useEffect, useState } from 'react';
import { client } from '../lib/client.ts';

interface HistoryPages {
  /** Load more where there is more, joining a load under way. After a failure they wait for `retry` or the connection. */
  loadOlder: () => void;
  loadNewer: () => void;
  retry: () => void;
  failed: boolean;
}

export function useHistoryPages(room: LiveRoom): HistoryPages {
  const [failed, setFailed] = useState(false);
  useEffect(() => client.on('status', (status) => status === 'online' && setFailed(false)), []);

  const run = (load: Promise<void>) => void load.catch(() => setFailed(true));
  return {
    failed,
    loadOlder: () => {
      if (!failed && room.state?.hasMoreBefore) run(room.loadOlder());
    },
    loadNewer: () => {
      if (!failed && room.state?.hasMoreAfter) run(room.loadNewer());
    },
    retry: () => {
      setFailed(false);
      run(room.loadOlder());
    },
  };
}
