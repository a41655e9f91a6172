import { ProtocolError } from '@confab/protocol';

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs what it is given: `running` at once, and `waiting` wait, in order of arrival. @throws what `refusal` makes, for the rest */
export function createGate(running: number, waiting: number, refusal: () => ProtocolError = overloaded): Gate {
  const queue: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active < running) {
      active++;
    } else {
      if (queue.length >= waiting) throw refusal();
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      // A place is handed on, so that nobody overtakes those who wait.
      const next = queue.shift();
      if (next === undefined) active--;
      else next();
    }
  };
}

function overloaded(): ProtocolError {
  return new ProtocolError('overloaded', { retryAfter: 1 });
}
