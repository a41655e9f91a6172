import type { Clock } from '../../platform/clock.ts';

export interface Periodic {
  /** Resolves once it no longer runs. */
  stop(): Promise<void>;
}

/** Does `work` every so often, never twice at once: what falls due meanwhile is left out. */
export function startPeriodic(
  clock: Clock,
  everyMs: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): Periodic {
  let running: Promise<void> | undefined;
  const timer = clock.setInterval(() => {
    running ??= work()
      .catch(failed)
      .finally(() => (running = undefined));
  }, everyMs);
  return {
    async stop() {
      timer.cancel();
      await running;
    },
  };
}
