/** What every limiter does, wherever it counts. */
import { randomUUID } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Limiter, LimitName, Limits } from './index.ts';

type Closable = Limiter & { close?(): Promise<void> };

/** How many of `tries` at the same time pass. */
export async function passing(limiter: Limiter, tries: number, key: string, name: LimitName = 'api'): Promise<number> {
  const settled = await Promise.allSettled(Array.from({ length: tries }, () => limiter.take(name, key)));
  return settled.filter(({ status }) => status === 'fulfilled').length;
}

/** The refusal of one use more; undefined when it passes. */
export async function refusal(limiter: Limiter, key: string, name: LimitName = 'api'): Promise<unknown> {
  return limiter.take(name, key).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/**
 * @param open a limiter that counts from nothing; what is not named has no limit
 * @param pass lets that many seconds go by
 */
export function limiterContract(
  name: string,
  open: (limits: Partial<Limits>) => Promise<Closable>,
  pass: (limiter: Limiter, seconds: number) => Promise<void>,
): void {
  describe(`a ${name} limiter`, () => {
    async function opened(limits: Partial<Limits>): Promise<Limiter> {
      const limiter = await open(limits);
      onTestFinished(() => limiter.close?.());
      return limiter;
    }

    test('lets as many pass as may, and tells the rest how long to wait', async () => {
      const limiter = await opened({ api: { count: 3, seconds: 60 } });
      for (let i = 0; i < 3; i += 1) expect(await refusal(limiter, 'ann')).toBeUndefined();
      const refused = await refusal(limiter, 'ann');
      expect(refused).toBeInstanceOf(ProtocolError);
      expect(refused).toMatchObject({
        code: 'too_many_requests',
        details: { retryAfter: expect.any(Number) as number },
      });
      const { retryAfter = 0 } = (refused as ProtocolError).details ?? {};
      expect(retryAfter).toBeGreaterThan(57);
      expect(retryAfter).toBeLessThanOrEqual(60);
    });

    test('of 50 at once exactly as many pass as may', async () => {
      const limiter = await opened({ api: { count: 5, seconds: 60 } });
      expect(await passing(limiter, 50, 'ann')).toBe(5);
    });

    test('keys and names are apart, whatever characters a key holds', async () => {
      const limiter = await opened({ api: { count: 1, seconds: 60 }, events: { count: 1, seconds: 60 } });
      for (const key of ['ann', 'Ann', '', 'a:b', '__proto__', 'ä 💬\n', 'x'.repeat(5000), '2001:db8::/64']) {
        expect(await passing(limiter, 2, key)).toBe(1);
        expect(await passing(limiter, 2, key, 'events')).toBe(1);
      }
    });

    test('what has no limit always passes', async () => {
      const limiter = await opened({});
      expect(await passing(limiter, 200, 'ann')).toBe(200);
      await limiter.giveBack('api', 'ann');
      await limiter.reset('api', 'ann');
    });

    test('a use given back may be used again, refused ones too', async () => {
      const limiter = await opened({ api: { count: 2, seconds: 60 } });
      expect(await passing(limiter, 3, 'ann')).toBe(2);
      for (let i = 0; i < 3; i += 1) await limiter.giveBack('api', 'ann');
      expect(await passing(limiter, 3, 'ann')).toBe(2);
    });

    test('after a reset it begins anew, for this key alone', async () => {
      const limiter = await opened({ api: { count: 2, seconds: 60 } });
      await passing(limiter, 3, 'ann');
      await passing(limiter, 3, 'bob');
      await limiter.reset('api', 'ann');
      await limiter.reset('api', randomUUID());
      expect(await passing(limiter, 3, 'ann')).toBe(2);
      expect(await passing(limiter, 3, 'bob')).toBe(0);
    });

    test('when the window is over it begins anew; being refused does not make it longer', async () => {
      const limiter = await opened({ api: { count: 2, seconds: 1 } });
      expect(await passing(limiter, 10, 'ann')).toBe(2);
      await pass(limiter, 1);
      expect(await passing(limiter, 10, 'ann')).toBe(2);
    });
  });
}
