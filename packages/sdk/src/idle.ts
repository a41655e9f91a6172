/** Tells whether a device is left alone, from what happens on a page. */
import { type Clock, systemClock } from './clock.ts';

type Signs = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

interface IdleOptions {
  /** ms without a sign of life after which the device counts as left alone. */
  after?: number;
  /** Where signs of life come from: the window unless told. */
  target?: Signs;
  clock?: Clock;
}

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'] as const;

/**
 * Calls `tell(true)` once nothing has happened for five minutes (unless told), and `tell(false)` at the next sign of
 * life: `trackIdle((idle) => client.presence.setIdle(idle))`. Answers the way to stop.
 */
export function trackIdle(tell: (idle: boolean) => void, options: IdleOptions = {}): () => void {
  const { after = 300_000, target = globalThis as unknown as Signs, clock = systemClock } = options;
  let idle = false;
  let lastAt = clock.now();
  let timer = clock.setTimeout(check, after);
  // Signs come many a second: the one timer looks back instead of being set anew by each.
  function check(): void {
    const left = lastAt + after - clock.now();
    if (left > 0) timer = clock.setTimeout(check, left);
    else tell((idle = true));
  }
  function alive(): void {
    lastAt = clock.now();
    if (!idle) return;
    tell((idle = false));
    timer = clock.setTimeout(check, after);
  }
  for (const sign of SIGNS) target.addEventListener(sign, alive, { passive: true, capture: true });
  return () => {
    timer.cancel();
    for (const sign of SIGNS) target.removeEventListener(sign, alive, { capture: true });
  };
}
