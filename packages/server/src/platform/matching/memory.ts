import type { MatchQueue, Waiting } from './index.ts';

/** The queue of a single process, which leads. */
export function memoryMatchQueue(): MatchQueue {
  const waiting = new Map<string, Waiting>();
  const changed = new Set<string>();
  let anew = true;

  // Async, as over a network.
  return {
    async put(one) {
      waiting.set(one.userId, one);
      changed.add(one.userId);
    },
    async remove(userId, ticket) {
      if (waiting.get(userId)?.ticket !== ticket) return;
      waiting.delete(userId);
      changed.add(userId);
    },
    async poll() {
      const put: Waiting[] = [];
      const gone: string[] = [];
      for (const userId of changed) {
        const one = waiting.get(userId);
        if (one !== undefined) put.push(one);
        else if (!anew) gone.push(userId);
      }
      changed.clear();
      const changes = { anew, put, gone };
      anew = false;
      return changes;
    },
    async close() {},
  };
}
