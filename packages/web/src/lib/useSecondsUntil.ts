import { useEffect, useState } from 'react';

/** Seconds until `end`, epoch ms, counted down; 0: it has passed. Clocks differ: never more than `atMost`. */
export function useSecondsUntil(end: number, atMost = Infinity): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const until = Math.min(end, Date.now() + atMost * 1000);
    let timer = setTimeout(tick);
    function tick() {
      const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds > 0) timer = setTimeout(tick, 1000);
    }
    return () => clearTimeout(timer);
  }, [end, atMost]);
  return left;
}
