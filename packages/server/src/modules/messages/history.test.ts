import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

let server: TestServer;
const clock = new FakeClock();
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

async function pair() {
  const [owner, other] = await Promise.all([server.person(), server.person()]);
  const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [other.id] } });
  return { owner, other, roomId: room.id };
}

async function ns(who: Person, roomId: string, query: Record<string, string>) {
  return (await who.call('messages', { params: { roomId }, query })).messages.map((message) => message.n);
}

test('a jump to a date shows the first message sent then or later, with what surrounds it', async () => {
  const { owner, roomId } = await pair();
  const sentAt: number[] = [];
  for (let i = 1; i <= 9; i += 1) {
    // Three messages a minute.
    if (i % 3 === 1) await clock.advance(60_000);
    sentAt.push((await owner.say(roomId, `${i}`)).createdAt);
  }
  const at = (date: number) => ns(owner, roomId, { limit: '4', date: String(date) });
  const [first = 0] = sentAt;
  const fourth = sentAt[3] ?? 0;
  expect(await at(fourth)).toEqual([3, 4, 5, 6]);
  expect(await at(fourth - 1)).toEqual([3, 4, 5, 6]);
  expect(await at(fourth + 1)).toEqual([6, 7, 8, 9]);
  expect(await at(first - 86_400_000)).toEqual([1, 2, 3]);
  expect(await at(clock.now() + 1)).toEqual([6, 7, 8, 9]);
  const page = await owner.call('messages', { params: { roomId }, query: { limit: '4', date: String(fourth) } });
  expect([page.hasMoreBefore, page.hasMoreAfter]).toEqual([true, true]);
});

test('a jump to the first unread shows it and what was read before it', async () => {
  const { owner, other, roomId } = await pair();
  for (let i = 1; i <= 10; i += 1) await owner.say(roomId, `${i}`);
  await other.call('markRead', { params: { roomId }, body: { n: 6 } });
  const [summary] = (await other.call('rooms', { query: {} })).rooms;
  expect(summary?.unread).toBe(4);
  const firstUnread = (summary?.me.lastReadN ?? 0) + 1;
  expect(await ns(other, roomId, { limit: '6', around: String(firstUnread) })).toEqual([5, 6, 7, 8, 9, 10]);
});

test('paging back and forth meets every message once, while others arrive all the time', async () => {
  const { owner, other, roomId } = await pair();
  for (let i = 1; i <= 40; i += 1) await owner.say(roomId, `${i}`);
  const expected = Array.from({ length: 40 }, (_, i) => i + 1);
  const meanwhile = () => Promise.all([other.say(roomId, 'new'), owner.say(roomId, 'newer')]);

  let page = await ns(owner, roomId, { limit: '7', before: '41' });
  const back: number[] = [];
  while (page.length > 0) {
    back.unshift(...page);
    [page] = await Promise.all([ns(owner, roomId, { limit: '7', before: String(page[0]) }), meanwhile()]);
  }
  expect(back).toEqual(expected);

  const forth: number[] = [];
  while (forth.length < 40) {
    const after = String(forth.at(-1) ?? 0);
    const [next] = await Promise.all([ns(owner, roomId, { limit: '8', after }), meanwhile()]);
    forth.push(...next);
  }
  expect(forth).toEqual(expected);
});
