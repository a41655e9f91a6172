const SHORTEST_MS = 1000;
const LONGEST_MS = 15_000;

export interface Paced {
  /** Asks for another run; asking while one is waited for changes nothing. */
  (): void;
  stop: () => void;
}

/**
 * Runs `fn` a second after it is asked for. The longer it keeps being asked for, the longer it waits, up to 15 s: news of a
 * storm must not use up what one may ask the server in a minute.
 */
export function paced(fn: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = SHORTEST_MS;
  let last = -Infinity;
  const run = () => {
    timer = undefined;
    last = performance.now();
    fn();
  };
  const ask = () => {
    if (timer !== undefined) return;
    const calm = performance.now() - last > 2 * pause;
    pause = calm ? SHORTEST_MS : Math.min(LONGEST_MS, 2 * pause);
    timer = setTimeout(run, pause);
  };
  return Object.assign(ask, { stop: () => clearTimeout(timer) });
}
