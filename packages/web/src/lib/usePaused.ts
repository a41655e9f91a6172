import { useEffect, useState } from 'react';

/** What is typed, once typing pauses: each key would be a call, and calls are limited. */
export function usePaused(typed: string): string {
  const [paused, setPaused] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return paused;
}

export const PAUSE_MS = 300;
