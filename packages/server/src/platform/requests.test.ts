import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { acceptRequestId, currentRequestId, runWithRequest } from './requests.ts';

describe('request ids', () => {
  it.each(['a', 'Req-1.2_3', 'x'.repeat(64)])('P-ID-2 accepts %s from the client', (id) => {
    expect(acceptRequestId(id, () => 'fresh')).toBe(id);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a\nb', 'é', '{}', undefined, 7, ['a']])(
    'P-ID-2 replaces %j by a new one',
    (id) => {
      expect(acceptRequestId(id, () => 'fresh')).toBe('fresh');
    },
  );

  it('follow what a request starts, and requests do not see each other’s', async () => {
    async function work(): Promise<string[]> {
      const seen = [String(currentRequestId())];
      await setImmediate();
      return [...seen, String(currentRequestId())];
    }
    expect(await Promise.all([runWithRequest('a', work), runWithRequest('b', work), work()])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['undefined', 'undefined'],
    ]);
  });

  it('are in every log line of a request, and in none outside of one', () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) });
    runWithRequest('req-1', () => log.info({ a: 1 }, 'inside'));
    log.info('outside');
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed).toMatchObject([{ requestId: 'req-1', a: 1, msg: 'inside' }, { msg: 'outside' }]);
    expect(parsed[1]).not.toHaveProperty('requestId');
  });
});
