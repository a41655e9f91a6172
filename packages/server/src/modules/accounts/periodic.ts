import type { Clock } from '../../platform/clock.ts';

export interface Periodic {
  /** Resolves once it no longer runs. */
  stop(): Promise<void>;
}

/** Does `work` every so often, never twice at once: what falls due meanwhile is done once, right afterwards. */
export function startPeriodic(
  clock: Clock,
  everyMs: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): Periodic {
  let running: Promise<void> | undefined;
  let due = false;
  async function run(): Promise<void> {
    while (due) {
      due = false;
      await work().catch(failed);
    }
    running = undefined;
  }
  const timer = clock.setInterval(() => {
    due = true;
    running ??= run();
  }, everyMs);
  return {
    async stop() {
      timer.cancel();
      await running;
    },
  };
}
