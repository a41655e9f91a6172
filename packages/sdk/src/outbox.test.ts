import type { ErrorCode, Message } from '@confab/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { deferred } from './deferred.ts';
import { ConfabError } from './error.ts';
import { Outbox } from './outbox.ts';
import { type LocalStore, memoryStore } from './store.ts';
import type { OutboxItem } from './types.ts';

const ID = '018f2c5e-0000-7000-8000-000000000007';

/** An outbox whose attempts the test answers by hand. */
async function setup(store: LocalStore = memoryStore()) {
  const clock = new FakeClock();
  const attempts: {
    item: OutboxItem;
    ok: (n: number) => Message;
    refuse: (code: ErrorCode | 'network', retryAfter?: number) => void;
  }[] = [];
  const stored: number[] = [];
  let online = true;
  const outbox = new Outbox({
    meId: 'me',
    store,
    clock,
    random: () => 0.5,
    send(item) {
      const answer = deferred<Message>();
      attempts.push({
        item,
        ok(n) {
          const message = messageOf(item, n);
          answer.resolve(message);
          return message;
        },
        refuse: (code, retryAfter) => answer.reject(refusal(code, retryAfter)),
      });
      return answer.promise;
    },
    online: () => online,
    onChange: () => undefined,
    onStored: (message) => stored.push(message.n),
    onError: (error) => {
      throw error;
    },
  });
  await outbox.restore();
  return {
    clock,
    outbox,
    attempts,
    stored,
    bodies: (roomId = 'room') => outbox.list(roomId).map(({ body, state }) => `${body} ${state}`),
    setOnline: (is: boolean) => (online = is),
  };
}

function messageOf({ roomId, clientId, body }: OutboxItem, n: number): Message {
  return {
    id: `id-${n}`,
    roomId,
    n,
    rev: n,
    clientId,
    senderId: 'me',
    kind: 'text',
    body,
    replyTo: null,
    createdAt: 0,
    editedAt: null,
    deletedAt: null,
  };
}

function refusal(code: ErrorCode | 'network', retryAfter?: number): ConfabError {
  if (code === 'network') return ConfabError.network('cut');
  const details = retryAfter === undefined ? {} : { details: { retryAfter } };
  return ConfabError.fromBody({ code, message: code, requestId: 'r1', ...details });
}

test('a message is in the list at once, and messages of a room go out one at a time in order', async () => {
  const { outbox, attempts, bodies, clock } = await setup();
  outbox.add('room', { body: 'one' }, null);
  outbox.add('room', { body: 'two' }, null);
  expect(bodies()).toEqual(['one sending', 'two pending']);
  expect(attempts).toHaveLength(1);
  attempts[0]?.ok(1);
  await clock.advance(0);
  expect(attempts.map(({ item }) => item.body)).toEqual(['one', 'two']);
});

test('rooms do not wait for each other', async () => {
  const { outbox, attempts } = await setup();
  outbox.add('room', { body: 'one' }, null);
  outbox.add('other', { body: 'two' }, null);
  expect(attempts).toHaveLength(2);
});

test('a retryable refusal is tried again with the same clientId before anything else goes out', async () => {
  const { outbox, attempts, clock, bodies } = await setup();
  outbox.add('room', { body: 'one' }, null);
  outbox.add('room', { body: 'two' }, null);
  attempts[0]?.refuse('overloaded');
  await clock.advance(0);
  expect(bodies()).toEqual(['one pending', 'two pending']);
  await clock.advance(1000);
  expect(attempts.map(({ item }) => item.body)).toEqual(['one', 'one']);
  expect(attempts[1]?.item.clientId).toBe(attempts[0]?.item.clientId);
});

test('sent too often, messages wait as long as the server says, and then go out in order, each once', async () => {
  const { outbox, attempts, clock, bodies, stored } = await setup();
  const texts = ['one', 'two', 'three'];
  const items = texts.map((body) => outbox.add('room', { body }, null));
  const answered = async (n: number) => {
    attempts.at(-1)?.refuse('too_many_requests', 40);
    await clock.advance(39_999);
    expect(attempts).toHaveLength(2 * n - 1);
    expect(bodies().slice(-1)).toEqual(['three pending']);
    await clock.advance(1000 * 2 ** 4);
    attempts.at(-1)?.ok(n);
    await clock.advance(0);
  };
  await answered(1);
  await answered(2);
  await answered(3);
  expect(attempts.map(({ item }) => item.body)).toEqual(['one', 'one', 'two', 'two', 'three', 'three']);
  expect(attempts.map(({ item }) => item.clientId)).toEqual(items.flatMap(({ clientId }) => [clientId, clientId]));
  expect(stored).toEqual([1, 2, 3]);
});

test('what waits says until when, and those behind it say nothing: they follow', async () => {
  const { outbox, attempts, clock } = await setup();
  const item = outbox.add('room', { body: 'one' }, null);
  outbox.add('room', { body: 'two' }, null);
  const times = () => outbox.list('room').map(({ body, retryAt }) => [body, retryAt]);
  attempts[0]?.refuse('slow_mode', 40);
  await clock.advance(0);
  // The 40 s, and half of the longest first delay.
  const at = clock.now() + 40_500;
  expect(times()).toEqual([
    ['one', at],
    ['two', undefined],
  ]);
  // What takes its place has to wait as long.
  outbox.discard('room', item.clientId);
  await item.done.catch(() => undefined);
  expect(times()).toEqual([['two', at]]);
  await clock.advance(40_499);
  expect(attempts).toHaveLength(1);
  await clock.advance(1);
  expect(attempts.at(-1)?.item.body).toBe('two');
  expect(times()).toEqual([['two', undefined]]);
});

test('what waits for a connection does not know until when', async () => {
  const { outbox, attempts, clock, setOnline } = await setup();
  outbox.add('room', { body: 'one' }, null);
  attempts[0]?.refuse('slow_mode', 40);
  await clock.advance(0);
  setOnline(false);
  expect(outbox.list('room')[0]?.retryAt).toBeGreaterThan(clock.now());
  await clock.advance(60_000);
  expect(outbox.list('room')).toMatchObject([{ state: 'pending' }]);
  expect(outbox.list('room')[0]?.retryAt).toBeUndefined();
  setOnline(true);
  outbox.flush();
  expect(attempts).toHaveLength(2);
});

test('what waits because it was sent too often survives a restart, and another room is not held up', async () => {
  const store = memoryStore();
  const first = await setup(store);
  first.outbox.add('room', { body: 'one' }, null);
  first.outbox.add('room', { body: 'two' }, null);
  first.attempts[0]?.refuse('too_many_requests', 60);
  await first.clock.advance(0);
  first.outbox.add('other', { body: 'elsewhere' }, null);
  expect(first.attempts.map(({ item }) => item.body)).toEqual(['one', 'elsewhere']);
  await first.outbox.stop(false);
  const second = await setup(store);
  expect(second.bodies()).toEqual(['one pending', 'two pending']);
});

test('no answer is as good as a cut connection: the message waits, and goes on when it is back', async () => {
  const { outbox, attempts, clock, bodies, setOnline } = await setup();
  outbox.add('room', { body: 'one' }, null);
  setOnline(false);
  attempts[0]?.refuse('network');
  await clock.advance(600_000);
  expect(attempts).toHaveLength(1);
  expect(bodies()).toEqual(['one pending']);
  setOnline(true);
  outbox.flush();
  expect(attempts).toHaveLength(2);
});

test('a final refusal fails the message with its error, lets the next ones pass, and waits for retry', async () => {
  const { outbox, attempts, clock, bodies } = await setup();
  const item = outbox.add('room', { body: 'one' }, null);
  outbox.add('room', { body: 'two' }, null);
  attempts[0]?.refuse('forbidden');
  await expect(item.done).rejects.toMatchObject({ code: 'forbidden', requestId: 'r1' });
  await clock.advance(0);
  expect(bodies()).toEqual(['one failed', 'two sending']);
  expect(outbox.list('room')[0]?.error).toMatchObject({ code: 'forbidden' });
  outbox.retry('room', item.clientId);
  expect(bodies()).toEqual(['two sending', 'one pending']);
  expect(outbox.list('room')[1]?.error).toBeUndefined();
});

test('an acknowledged message stays listed until the room shows it, so that it is never on screen zero times', async () => {
  const { outbox, attempts, clock, bodies, stored } = await setup();
  const item = outbox.add('room', { body: 'one' }, null);
  const message = attempts[0]?.ok(5);
  expect(await item.done).toBe(message);
  await clock.advance(0);
  expect(stored).toEqual([5]);
  expect(bodies()).toEqual(['one sending']);
  outbox.reconcile('room', 4, []);
  expect(bodies()).toHaveLength(1);
  outbox.reconcile('room', 5, []);
  expect(bodies()).toEqual([]);
});

test('a message that arrives before its acknowledgement leaves the list: it is never on screen twice', async () => {
  const { outbox, attempts, clock, bodies } = await setup();
  const item = outbox.add('room', { body: 'one' }, null);
  const attempt = attempts[0];
  if (!attempt) throw new Error('no attempt');
  outbox.reconcile('room', 5, [messageOf(attempt.item, 5)]);
  expect(bodies()).toEqual([]);
  expect((await item.done).n).toBe(5);
  // The acknowledgement was lost.
  attempt.refuse('network');
  await clock.advance(60_000);
  expect(attempts).toHaveLength(1);
});

test('a message of someone else with the same clientId is not mine', async () => {
  const { outbox, attempts, bodies } = await setup();
  outbox.add('room', { body: 'one' }, null);
  const attempt = attempts[0];
  if (!attempt) throw new Error('no attempt');
  outbox.reconcile('room', 5, [{ ...messageOf(attempt.item, 5), senderId: 'ann' }]);
  expect(bodies()).toEqual(['one sending']);
});

test('what was not acknowledged survives a restart, in order, with its clientIds and failures', async () => {
  const store = memoryStore();
  const first = await setup(store);
  first.outbox.add('room', { body: 'one' }, null);
  first.outbox.add('room', { body: 'two' }, ID);
  first.outbox.add('room', { body: 'three' }, null);
  first.attempts[0]?.refuse('forbidden');
  await first.clock.advance(0);
  first.attempts[1]?.ok(1);
  await first.clock.advance(0);
  await first.outbox.stop(false);

  const second = await setup(store);
  expect(second.bodies()).toEqual(['one failed', 'three pending']);
  second.outbox.flush();
  expect(second.attempts.map(({ item }) => item.clientId)).toEqual([first.attempts[2]?.item.clientId]);
});

test('people who share a store do not see each other’s messages, and signing out deletes one’s own', async () => {
  const store = memoryStore();
  await store.set('outbox/someone-else/000000000000001-abc', '{}');
  const { outbox } = await setup(store);
  const { done } = outbox.add('room', { body: 'one' }, null);
  await outbox.stop(true);
  await expect(done).rejects.toBeInstanceOf(ConfabError);
  expect((await store.list('')).map(([key]) => key)).toEqual(['outbox/someone-else/000000000000001-abc']);
});

test('a discarded message is not sent, nor kept', async () => {
  const store = memoryStore();
  const { outbox, bodies, setOnline } = await setup(store);
  setOnline(false);
  const item = outbox.add('room', { body: 'one' }, null);
  outbox.discard('room', item.clientId);
  expect(bodies()).toEqual([]);
  await expect(item.done).rejects.toMatchObject({ code: 'not_found' });
  expect(await store.list('')).toEqual([]);
});

test('a body that the server would refuse is refused at once, by field', async () => {
  const { outbox } = await setup();
  expect(() => outbox.add('room', { body: '  ' }, null)).toThrow(
    expect.objectContaining({ code: 'bad_input', fields: [expect.objectContaining({ field: 'body' })] }),
  );
});

test('polls, messages passed on and replies survive a restart as they were', async () => {
  const store = memoryStore();
  const first = await setup(store);
  first.setOnline(false);
  const forward = { roomId: ID, messageId: ID };
  first.outbox.add('room', { poll: { question: ' Tea? ', options: ['yes', 'no'] } }, null);
  first.outbox.add('room', { forward, body: 'what was said' }, null);
  first.outbox.add('room', { body: 'indeed' }, ID);
  const clientIds = first.outbox.list('room').map(({ clientId }) => clientId);
  await first.outbox.stop(false);

  const second = await setup(store);
  expect(second.outbox.list('room').map(({ clientId }) => clientId)).toEqual(clientIds);
  expect(second.outbox.list('room')).toMatchObject([
    { body: 'Tea?', poll: { question: 'Tea?', options: ['yes', 'no'], multiple: false, closesAt: null } },
    { body: 'what was said', forward },
    { body: 'indeed', replyTo: ID },
  ]);
});

test('a poll that the server would refuse is refused at once, by field', async () => {
  const { outbox } = await setup();
  expect(() => outbox.add('room', { poll: { question: 'Tea?', options: ['yes', 'yes'] } }, null)).toThrow(
    expect.objectContaining({ code: 'bad_input', fields: [expect.objectContaining({ field: 'poll.options' })] }),
  );
});
