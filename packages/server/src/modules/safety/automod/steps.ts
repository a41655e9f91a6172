/** Work that takes long with large rules, as a generator: it yields after each piece, with the letters of it. */
import { setImmediate } from 'node:timers/promises';

export type Steps<T> = Generator<number, T>;

/** Letters in one turn of the event loop: some 10 ms, of words that take longest. */
const SLICE = 2000;

/** Everything else gets its turn of the event loop in between. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  let letters = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    letters += step.value;
    if (letters < SLICE) continue;
    letters = 0;
    await setImmediate();
  }
}

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
