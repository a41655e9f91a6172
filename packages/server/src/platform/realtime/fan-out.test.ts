import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Loopback, type LoopbackClient, startLoopback } from '../../../test/loopback.ts';
import { FakeClock } from '../clock.ts';
import { FanOut } from './fan-out.ts';

/** So many that events which come fast are held back, and so few that none is. */
const MANY = 300;
const FEW = 50;

let loopback: Loopback;
let clock: FakeClock;
let fanOut: FanOut;
let all: LoopbackClient[];
/** From one round to the next where all follow, in whole milliseconds. */
let space = 0;
beforeAll(async () => {
  loopback = await startLoopback();
  clock = new FakeClock();
  fanOut = new FanOut(loopback.io, clock);
  all = [];
  while (all.length < MANY) all.push(...(await Promise.all(Array.from({ length: 20 }, () => loopback.client()))));
  for (const { writes } of all) writes.length = 0;
  join('big', all);
  for (say(1, 2, 3); rounds() === 2; space += 1) await clock.advance(1);
  leave('big', all);
  await clock.advance(60_000);
});
afterAll(() => loopback.stop());

beforeEach(async () => {
  await heard();
  for (const { writes, heard } of all) writes.length = heard.length = 0;
});
afterEach(async () => {
  leave('big', all);
  leave('small', all);
  await clock.advance(60_000);
});

function join(name: string, clients: readonly LoopbackClient[]): void {
  for (const { socket } of clients) void socket.join(name);
}
function leave(name: string, clients: readonly LoopbackClient[]): void {
  for (const { socket } of clients) void socket.leave(name);
}
function say(...payloads: readonly unknown[]): void {
  for (const payload of payloads) fanOut.emit('big', 'event', payload);
}
/** How often each was written to; one number where it is the same for all. */
function rounds(clients: readonly LoopbackClient[] = all): number | number[] {
  const counts = [...new Set(clients.map(({ writes }) => writes.length))];
  return counts.length === 1 ? (counts[0] ?? 0) : counts;
}
/** Resolves once what this turn of the event loop gathered was written. */
const turn = () => new Promise<void>((resolve) => process.nextTick(resolve));
/** What each heard; one list where it is the same for all. */
async function heard(clients: readonly LoopbackClient[] = all): Promise<unknown> {
  await Promise.all(clients.map((client) => client.received()));
  const lists = [...new Map(clients.map((client) => [JSON.stringify(client.heard), client.heard])).values()];
  return lists.length === 1 ? lists[0] : lists;
}

describe('where many follow', () => {
  test('two events go out at once, and what comes faster goes out together in one write each, in order', async () => {
    expect(space).toBeGreaterThan(1);
    expect(space).toBeLessThanOrEqual(100);
    join('big', all);
    say(1);
    expect(rounds()).toBe(1);
    say(2);
    expect(rounds()).toBe(2);
    say(3, 4, 5);
    await clock.advance(space - 1);
    expect(rounds()).toBe(2);
    await clock.advance(1);
    expect(rounds()).toBe(3);
    say(6);
    expect(rounds()).toBe(3);
    await clock.advance(space);
    expect(rounds()).toBe(4);
    await clock.advance(1000);
    expect(rounds()).toBe(4);
    say(7);
    expect(rounds()).toBe(5);
    say(8);
    expect(rounds()).toBe(6);
    expect(await heard()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('events that come no faster than they can be written are never held back', async () => {
    join('big', all);
    for (let n = 1; n <= 20; n += 1) {
      say(n);
      expect(rounds()).toBe(n);
      await clock.advance(space);
    }
    // The pace of one room is not that of another.
    say(21, 22, 23);
    const few = all.slice(0, 3);
    join('small', few);
    fanOut.emit('small', 'event', 'elsewhere');
    await turn();
    expect(rounds(few)).toBe(23);
  });

  test('who joins hears nothing said before, and all said after', async () => {
    const [late, ...others] = all as [LoopbackClient, ...LoopbackClient[]];
    join('big', others);
    say(1, 2, 3);
    join('big', [late]);
    say(4);
    await clock.advance(space * 2);
    expect(await heard(others)).toEqual([1, 2, 3, 4]);
    expect(await heard([late])).toEqual([4]);
  });

  test('who leaves hears all said before, and nothing said after', async () => {
    join('big', all);
    const [gone, ...others] = all as [LoopbackClient, ...LoopbackClient[]];
    say(1, 2, 3);
    leave('big', [gone]);
    say(4);
    await clock.advance(space * 2);
    expect(await heard([gone])).toEqual([1, 2, 3]);
    expect(await heard(others)).toEqual([1, 2, 3, 4]);
  });

  test('many who come and go while events wait do not hold up later ones longer than a round', async () => {
    join('big', all);
    const [restless, ...others] = all as [LoopbackClient, ...LoopbackClient[]];
    for (let n = 1; n <= 50; n += 1) {
      say(n);
      leave('big', [restless]);
      join('big', [restless]);
    }
    const before = rounds(others) as number;
    say('after');
    await clock.advance(space);
    expect(rounds(others)).toBe(before + 1);
    expect(await heard(others)).toEqual([...Array.from({ length: 50 }, (_, i) => i + 1), 'after']);
  });

  test('who is excepted is spared that event alone, and order is kept', async () => {
    const [first, second, ...others] = all as [LoopbackClient, LoopbackClient, ...LoopbackClient[]];
    join('big', all);
    join('user:1', [first]);
    join('user:2', [second]);
    say(1, 2, 3);
    fanOut.emitExcept('big', ['user:1', 'user:nobody'], 'event', 4);
    fanOut.emitExcept('big', ['user:1', 'user:2'], 'event', 5);
    fanOut.emitExcept('big', [], 'event', 6);
    say(7);
    await clock.advance(space * 2);
    expect(await heard([first])).toEqual([1, 2, 3, 6, 7]);
    expect(await heard([second])).toEqual([1, 2, 3, 4, 6, 7]);
    expect(await heard(others)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('what is volatile waits for nothing, and spares who is excepted', async () => {
    const [spared, ...others] = all as [LoopbackClient, ...LoopbackClient[]];
    join('big', all);
    join('user:1', [spared]);
    say(1, 2, 3);
    fanOut.emitVolatile('big', ['user:1'], 'event', 'now');
    expect(rounds(others)).toBe(3);
    await clock.advance(space);
    expect(await heard(others)).toEqual([1, 2, 'now', 3]);
    expect(await heard([spared])).toEqual([1, 2, 3]);
  });

  describe('what is patient', () => {
    const patient = (payload: unknown, except: readonly string[] = []) =>
      fanOut.emitPatient('big', except, 'event', payload);

    test('goes out with the next event, before it, or after a quarter of a second', async () => {
      join('big', all);
      patient(1);
      patient(2);
      await clock.advance(249);
      expect(rounds()).toBe(0);
      await clock.advance(1);
      expect(rounds()).toBe(1);
      patient(3);
      say(4);
      expect(rounds()).toBe(2);
      patient(5);
      fanOut.emitExcept('big', [], 'event', 6);
      await turn();
      patient(7);
      fanOut.flush('big');
      await clock.advance(1000);
      expect(await heard()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    test('does not bring forward or hold up what is said', async () => {
      join('big', all);
      say(1, 2, 3);
      expect(rounds()).toBe(2);
      patient(4);
      await clock.advance(space - 1);
      expect(rounds()).toBe(2);
      await clock.advance(1);
      expect(rounds()).toBe(3);
      await clock.advance(60_000);
      patient(5);
      say(6);
      expect(rounds()).toBe(4);
      say(7);
      expect(rounds()).toBe(5);
      expect(await heard()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    test('spares who is excepted, and waits on while others come and go', async () => {
      const [spared, late, gone, ...others] = all as [
        LoopbackClient,
        LoopbackClient,
        LoopbackClient,
        ...LoopbackClient[],
      ];
      join('big', [spared, gone, ...others]);
      join('user:1', [spared]);
      patient(1, ['user:1', 'user:nobody']);
      patient(2);
      join('big', [late]);
      leave('big', [gone]);
      expect(rounds(others)).toBe(0);
      await clock.advance(250);
      expect(rounds(others)).toBe(1);
      expect(await heard([spared])).toEqual([2]);
      expect(await heard([late])).toEqual([1, 2]);
      expect(await heard([gone])).toEqual([]);
      expect(await heard(others)).toEqual([1, 2]);
    });

    test('is forgotten with a channel that all have left', async () => {
      join('big', all);
      patient(1);
      leave('big', all);
      join('big', all);
      await clock.advance(1000);
      expect(await heard()).toEqual([]);
    });
  });

  test('what waits goes out once when it is flushed', async () => {
    join('big', all);
    say(1, 2, 3);
    fanOut.flush('big');
    expect(rounds()).toBe(3);
    await clock.advance(1000);
    fanOut.flush('big');
    expect(rounds()).toBe(3);
    expect(await heard()).toEqual([1, 2, 3]);
  });

  test('a channel that all have left is forgotten, with what it owes', async () => {
    join('big', all);
    say(1, 2, 3);
    leave('big', all);
    expect(rounds()).toBe(3);
    join('big', all);
    say(4);
    say(5);
    expect(rounds()).toBe(5);
    leave('big', all);
    say(6);
    fanOut.emitExcept('big', ['user:1'], 'event', 7);
    fanOut.emitVolatile('big', [], 'event', 8);
    await clock.advance(1000);
    expect(rounds()).toBe(5);
    expect(await heard()).toEqual([1, 2, 3, 4, 5]);
  });
});

test('where few follow, nothing waits beyond the turn of the event loop', async () => {
  const few = all.slice(0, FEW);
  join('small', few);
  for (let n = 1; n <= 100; n += 1) {
    fanOut.emit('small', 'event', n);
    await turn();
    expect(rounds(few)).toBe(n);
  }
  expect(await heard(few)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(await heard(all.slice(FEW))).toEqual([]);
});

test('a connection that is cut is forgotten, and the others go on', async () => {
  const gone = await loopback.client();
  const others = all.slice(0, 5);
  join('small', [...others, gone]);
  gone.socket.conn.close(true);
  fanOut.emit('small', 'event', 1);
  expect(await heard(others)).toEqual([1]);
  expect(gone.heard).toEqual([]);
});
