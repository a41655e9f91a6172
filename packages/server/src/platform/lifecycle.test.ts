import { expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { createLifecycle, StartupError } from './lifecycle.ts';
import { createLogger } from './log.ts';

const log = createLogger({ level: 'silent', format: 'json' });

test('steps stop in reverse order of registration, one after another, once', async () => {
  const lifecycle = createLifecycle(log);
  const order: string[] = [];
  for (const name of ['database', 'http', 'sockets']) {
    lifecycle.onStop(name, 1000, async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    });
  }
  expect(lifecycle.stopping).toBe(false);
  const first = lifecycle.stop('test');
  expect(lifecycle.stopping).toBe(true);
  await Promise.all([first, lifecycle.stop('again')]);
  expect(order).toEqual(['sockets', 'http', 'database'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('a step that fails or hangs does not keep the others from stopping', async () => {
  const clock = new FakeClock();
  const lifecycle = createLifecycle(log, clock);
  const order: string[] = [];
  lifecycle.onStop('last', 1000, () => void order.push('last'));
  lifecycle.onStop('hangs', 500, () => new Promise(() => order.push('hangs')));
  lifecycle.onStop('fails', 1000, () => {
    throw new Error('broken');
  });
  const stopped = lifecycle.stop('test');
  await clock.advance(499);
  expect(order).toEqual(['hangs']);
  await clock.advance(1);
  await stopped;
  expect(order).toEqual(['hangs', 'last']);
});

test('what is registered while or after stopping is stopped too', async () => {
  const lifecycle = createLifecycle(log);
  const order: string[] = [];
  lifecycle.onStop('first', 1000, () => lifecycle.onStop('during', 1000, () => void order.push('during')));
  await lifecycle.stop('test');
  expect(order).toEqual(['during']);
  lifecycle.onStop('after', 1000, () => void order.push('after'));
  expect(order).toEqual(['during', 'after']);
});

test.each(['stop', 'fail'] as const)('who waits for the end of %s learns whether something broke', async (how) => {
  const lifecycle = createLifecycle(log);
  const order: string[] = [];
  lifecycle.onStop('step', 1000, () => void order.push('step'));
  void lifecycle.stopped.then(({ failed }) => order.push(failed ? 'failed' : 'stopped'));
  await lifecycle[how]('test');
  await lifecycle.stopped;
  expect(order).toEqual(['step', how === 'fail' ? 'failed' : 'stopped']);
});

test('a startup error is one line', () => {
  expect(new StartupError('no\n  good').message).toBe('no good');
});
