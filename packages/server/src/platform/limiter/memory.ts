/** Counts in this process alone, in fixed windows that begin with the first use. */
import { ProtocolError } from '@confab/protocol';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limiter, LimitName, Limits } from './index.ts';

export function memoryLimiter(limits: Limits): Limiter {
  const counters = new Map<LimitName, RateLimiterMemory>();
  for (const [name, limit] of Object.entries(limits) as [LimitName, Limits[LimitName]][]) {
    if (limit !== null) counters.set(name, new RateLimiterMemory({ points: limit.count, duration: limit.seconds }));
  }
  return {
    async take(name, key) {
      try {
        await counters.get(name)?.consume(key);
      } catch (result) {
        throw result instanceof RateLimiterRes ? refusal(result.msBeforeNext) : result;
      }
    },
    async giveBack(name, key) {
      await counters.get(name)?.reward(key);
    },
    async reset(name, key) {
      await counters.get(name)?.delete(key);
    },
  };
}

function refusal(ms: number): ProtocolError {
  return new ProtocolError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(ms / 1000)) });
}
