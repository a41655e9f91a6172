import { useCallback, useEffect, useState } from 'react';
import { messageOf } from './problems.ts';

type Loaded<T> = { data: T; problem: null } | { data: null; problem: string | null };

/** What `load` brings: asked for when it changes, and again by `reload`. Keep `load` the same with useCallback. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> & { reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded<T>>({ data: null, problem: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (data) => current && setLoaded({ data, problem: null }),
      (thrown: unknown) => current && setLoaded({ data: null, problem: messageOf(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [load, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...loaded, reload };
}
