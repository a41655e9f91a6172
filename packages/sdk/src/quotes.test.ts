import type { Message } from '@confab/protocol';
import { expect, test } from 'vitest';
import { ModelRoom } from '../test/model-room.ts';
import { type Deferred, deferred } from './deferred.ts';
import { Quotes } from './quotes.ts';

function setup() {
  const asked: Deferred<Message>[] = [];
  const quotes = new Quotes({
    fetch() {
      const answer = deferred<Message>();
      asked.push(answer);
      return answer.promise;
    },
    onChange: () => undefined,
  });
  const room = new ModelRoom();
  const old = room.send('ann');
  room.edit(1);
  const [now] = room.messages;
  if (!now) throw new Error('a message');
  return { quotes, asked, old, now };
}

test('a message is asked for once, however many wait for it', async () => {
  const { quotes, asked, now } = setup();
  const both = Promise.all([quotes.load(now.id), quotes.load(now.id)]);
  asked[0]?.resolve(now);
  expect(await both).toEqual([now, now]);
  expect(asked).toHaveLength(1);
  expect(quotes.get(now.id)).toBe(now);
});

test('an answer that is older than what was told meanwhile does not win', async () => {
  const { quotes, asked, old, now } = setup();
  const loading = quotes.load(old.id);
  quotes.tell([now]);
  asked[0]?.resolve(old);
  expect(await loading).toBe(now);
  quotes.tell([old]);
  expect(quotes.get(old.id)).toBe(now);
});

test('refreshed, it is asked for again; an answer from before is not kept', async () => {
  const { quotes, asked, old, now } = setup();
  const first = quotes.load(old.id);
  asked[0]?.resolve(old);
  await first;
  const late = quotes.load(old.id);
  quotes.refresh();
  asked[2]?.resolve(now);
  await quotes.load(old.id);
  asked[1]?.resolve(old);
  await late;
  expect(quotes.get(old.id)).toBe(now);
});

test('what cannot be had is asked for again the next time', async () => {
  const { quotes, asked, now } = setup();
  const failing = quotes.load(now.id);
  asked[0]?.reject(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  expect(quotes.get(now.id)).toBeUndefined();
  void quotes.load(now.id);
  expect(asked).toHaveLength(2);
});
