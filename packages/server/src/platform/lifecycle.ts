import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** Why Confab could not start, as one line for the person who started it. Shown without a stack trace. */
export class StartupError extends Error {
  override name = 'StartupError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), options);
  }
}

/** What has to happen before the process may end. */
export interface Lifecycle {
  /** True from the moment a stop was asked for. */
  readonly stopping: boolean;
  /**
   * Registers something to stop. Steps run one after another, the last registered first, each at most once. A step
   * that fails or takes longer than `timeoutMs` is logged and left behind; the next one runs. A step registered
   * while stopping runs too: whatever starts late is still stopped.
   */
  onStop(name: string, timeoutMs: number, run: () => void | Promise<void>): void;
  /** Runs all steps and resolves when they are through; never rejects. Further calls return the same promise. */
  stop(reason: string): Promise<void>;
  /** Like `stop`, because the program cannot go on. */
  fail(reason: string): Promise<void>;
  /** Resolves when a stop that was asked for is through: whether it was asked for by `fail`. */
  readonly stopped: Promise<{ failed: boolean }>;
}

interface Step {
  name: string;
  timeoutMs: number;
  run: () => void | Promise<void>;
}

export function createLifecycle(log: Logger, clock: Clock = systemClock): Lifecycle {
  const steps: Step[] = [];
  const through = Promise.withResolvers<{ failed: boolean }>();
  let stopped: Promise<void> | undefined;
  let running = false;
  let failed = false;

  async function runSteps(): Promise<void> {
    running = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await bounded(step, clock);
      } catch (error) {
        log.error({ err: error, step: step.name }, 'a stop step failed');
      }
    }
    running = false;
    through.resolve({ failed });
  }

  function stop(reason: string): Promise<void> {
    if (stopped === undefined) {
      log.info({ reason }, 'stopping');
      stopped = runSteps();
    }
    return stopped;
  }

  return {
    get stopping() {
      return stopped !== undefined;
    },
    onStop(name, timeoutMs, run) {
      steps.push({ name, timeoutMs, run });
      if (stopped !== undefined && !running) void runSteps();
    },
    stop,
    fail(reason) {
      failed = true;
      return stop(reason);
    },
    stopped: through.promise,
  };
}

async function bounded(step: Step, clock: Clock): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = clock.setTimeout(
      () => reject(new Error(`${step.name} did not stop within ${step.timeoutMs} ms`)),
      step.timeoutMs,
    );
    const run = async (): Promise<void> => step.run();
    run()
      .finally(() => timer.cancel())
      .then(resolve, reject);
  });
}
