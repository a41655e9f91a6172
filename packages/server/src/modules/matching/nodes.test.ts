/** Strangers over two nodes: real processes on one database and one Redis. */
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type Nodes, SHORT_LEASE, startNodes } from '../../../test/nodes.ts';
import type { Connected, Person } from '../../../test/person.ts';
import { last, match, partner, ready } from '../../../test/strangers.ts';

async function started(): Promise<Nodes> {
  const nodes = await startNodes(2, SHORT_LEASE);
  onTestFinished(() => nodes.stop());
  return nodes;
}
const guest = async (nodes: Nodes, node: 0 | 1) => ready(await nodes.person('stranger', 'guest'), nodes.urls[node]);
const meet = (a: { person: Person; at: Connected }, b: { person: Person; at: Connected }) =>
  expect.poll(() => [partner(a.at), partner(b.at)]).toEqual([b.person.id, a.person.id]);

test('people on two nodes meet, once; what one does is told to the other', async () => {
  const nodes = await started();
  const [a, b] = [await guest(nodes, 0), await guest(nodes, 1)];
  const second = await a.person.connect(nodes.urls[1]);
  await Promise.all(Array.from({ length: 25 }, () => [a.at, second].map((at) => at.ask('match:find', {}))).flat());
  await b.at.ask('match:find', {});
  await meet(a, b);
  const { roomId } = match(a.at);
  expect(match(second).roomId).toBe(roomId);
  await a.at.ask('message:send', { roomId, clientId: randomUUID(), body: 'Hello' });
  await b.at.until(({ event }) => event === 'message');
  await second.ask('match:stop', {});
  await expect.poll(() => last(b.at)).toEqual({ state: 'ended', roomId, reason: 'left' });
  await expect.poll(() => last(a.at)).toEqual({ state: 'idle' });
});

test('a node that is killed leaves nobody stuck: who waits meets, who has met stays together', async () => {
  const nodes = await started();
  const [a, b] = [await guest(nodes, 0), await guest(nodes, 1)];
  await Promise.all([a.at.ask('match:find', {}), b.at.ask('match:find', {})]);
  await meet(a, b);
  const { roomId } = match(a.at);
  const people = await Promise.all(Array.from({ length: 8 }, (_, i) => guest(nodes, i < 4 ? 0 : 1)));
  await Promise.all(people.map(({ at }) => at.ask('match:find', {})));
  // While it brings them together, perhaps.
  await nodes.kill(0);
  const back = async ({ person }: { person: Person }) => ({ person, at: await person.connect(nodes.urls[1]) });
  const again = await back(a);
  expect(await again.at.ask('match:state', {})).toMatchObject({ state: 'matched', roomId, user: { id: b.person.id } });
  await again.at.ask('message:send', { roomId, clientId: randomUUID(), body: 'Still here' });
  await b.at.until(({ event }) => event === 'message');
  const all = await Promise.all(people.map(async (one, i) => (i < 4 ? back(one) : one)));
  const states = () => Promise.all(all.map(({ at }) => at.ask('match:state', {})));
  await expect.poll(async () => (await states()).every(({ state }) => state === 'matched')).toBe(true);
  const rooms = Map.groupBy(await states(), (state) => (state.state === 'matched' ? state.roomId : ''));
  expect([...rooms.values()].map((two) => two.length)).toEqual([2, 2, 2, 2]);
});

test('while Redis is away whoever looks waits; when it is back, empty, they meet', async () => {
  const nodes = await started();
  const [a, b] = [await guest(nodes, 0), await guest(nodes, 1)];
  await a.at.ask('match:find', { languages: ['de'] });
  await nodes.redis.kill();
  expect(await b.at.ask('match:find', { languages: ['de'] })).toMatchObject({ state: 'waiting' });
  expect(await a.at.ask('match:state', {})).toMatchObject({ state: 'waiting' });
  await nodes.redis.start();
  const state = () => b.at.ask('match:state', {});
  await expect.poll(state, { timeout: 25_000 }).toMatchObject({ state: 'matched', user: { id: a.person.id } });
});
