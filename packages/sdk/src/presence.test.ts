import { LIMITS, type Presence } from '@confab/protocol';
import { expect, test } from 'vitest';
import { ConfabError } from './error.ts';
import { PresenceWatch } from './presence.ts';

function presenceOf(userId: string, status: Presence['status'] = 'online'): Presence {
  return { userId, status, text: null, emoji: null, until: null, lastSeen: null };
}

function setup() {
  const asked: unknown[][] = [];
  const server = { online: true, answers: true };
  const watch = new PresenceWatch({
    request(event, input) {
      asked.push([event, input]);
      if (!server.answers) return Promise.reject(ConfabError.network('cut'));
      const { userIds = [] } = input as { userIds?: string[] };
      return Promise.resolve({ users: userIds.map((id) => presenceOf(id)) } as never);
    },
    online: () => server.online,
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  /** What was asked since the last look, once all microtasks have run. */
  const look = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return asked.splice(0);
  };
  return { watch, server, look };
}

test('all who look in one go are told to the server at once, each person once', async () => {
  const { watch, look } = setup();
  watch.watch(['bob', 'ann']);
  watch.watch(['ann', 'eve']);
  expect(await look()).toEqual([['presence:watch', { userIds: ['ann', 'bob', 'eve'] }]]);
  expect(watch.get('eve')).toMatchObject({ status: 'online' });
});

test('a person is let go of with the last who looks', async () => {
  const { watch, look } = setup();
  const [first, second] = [watch.watch(['ann']), watch.watch(['ann', 'bob'])];
  await look();
  first();
  first();
  expect(await look()).toEqual([]);
  second();
  expect(await look()).toEqual([['presence:watch', { userIds: [] }]]);
  expect(watch.get('ann')).toBeUndefined();
});

test('a new connection is told all of it again, and that the device is left alone', async () => {
  const { watch, server, look } = setup();
  watch.watch(['ann']);
  await look();
  server.online = false;
  watch.watch(['bob']);
  watch.setIdle(true);
  expect(await look()).toEqual([]);
  server.online = true;
  watch.resume();
  expect(await look()).toEqual([
    ['presence:set', { idle: true }],
    ['presence:watch', { userIds: ['ann', 'bob'] }],
  ]);
});

test('what could not be told is told on the next connection', async () => {
  const { watch, server, look } = setup();
  server.answers = false;
  watch.watch(['ann']);
  expect(await look()).toHaveLength(1);
  server.answers = true;
  watch.resume();
  expect(await look()).toEqual([['presence:watch', { userIds: ['ann'] }]]);
});

test('changes of people nobody looks at are dropped, and others replace what is known', async () => {
  const { watch, look } = setup();
  watch.watch(['ann']);
  await look();
  watch.receive([presenceOf('ann', 'away'), presenceOf('bob')]);
  expect(watch.get('ann')).toMatchObject({ status: 'away' });
  expect(watch.get('bob')).toBeUndefined();
});

test('no more people are watched than the server takes', async () => {
  const { watch, look } = setup();
  watch.watch(Array.from({ length: LIMITS.watched + 5 }, (_, i) => `user-${i}`));
  expect(await look()).toMatchObject([['presence:watch', { userIds: { length: LIMITS.watched } }]]);
});
