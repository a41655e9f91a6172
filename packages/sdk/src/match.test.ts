import type { MatchState } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { eventually, newClient, PASSWORD } from '../test/clients.ts';
import { startProxy } from '../test/proxy.ts';
import { ConfabClient } from './index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Someone old enough, and what they are told. */
async function stranger(url = server.url) {
  const { client, id, email } = await newClient(url);
  await client.call('confirmAge', { body: { ofAge: true } });
  const told: MatchState[] = [];
  client.on('match', (state) => told.push(state));
  return { client, id, email, told };
}

test('strangers meet and part; who was cut off meanwhile is told when the connection is back', async () => {
  const proxy = await startProxy(server.url);
  const [ann, bob] = [await stranger(), await stranger(proxy.url)];
  const wishes = { languages: ['de'], interests: ['tea'] };
  expect(await ann.client.match.find(wishes)).toMatchObject({ state: 'waiting' });
  await bob.client.match.find(wishes);
  await eventually(() => bob.told.at(-1)?.state === 'matched' && ann.told.at(-1)?.state === 'matched');
  const state = await ann.client.match.state();
  await eventually(() => ann.client.rooms.length === 1);
  expect(ann.client.rooms).toMatchObject([{ title: bob.client.me?.name, peer: { id: bob.id }, isArchived: false }]);
  expect(state).toMatchObject({ state: 'matched', user: { id: bob.id }, common: ['de', 'tea'] });
  if (state.state !== 'matched') throw new Error('not in a match');
  await ann.client.room(state.roomId).send('Hello').done;

  const matched = bob.told.at(-1);
  const offline = new Promise<void>((resolve) => {
    bob.client.on('status', (status) => {
      if (status !== 'online') resolve();
    });
  });
  proxy.cut();
  await offline;
  expect(await ann.client.match.stop()).toEqual({ state: 'idle' });
  await eventually(() => bob.told.at(-1)?.state === 'ended');
  expect(bob.told.slice(-2)).toEqual([matched, { state: 'ended', roomId: state.roomId, reason: 'left' }]);
  await eventually(() => bob.client.rooms.some(({ id, isArchived }) => id === state.roomId && isArchived));
  const others = new ConfabClient({ url: server.url });
  await others.signIn({ email: bob.email, password: PASSWORD });
  await others.connect();
  for (const client of [bob.client, others]) {
    const line = client.rooms.find(({ id }) => id === state.roomId);
    expect(line).toMatchObject({ title: ann.client.me?.name, peer: { id: ann.id }, isArchived: true });
  }
  others.disconnect();
  expect(await bob.client.match.next()).toMatchObject({ state: 'waiting' });
  expect(await bob.client.match.stop()).toEqual({ state: 'idle' });
  for (const { client } of [ann, bob]) client.disconnect();
  await proxy.close();
});
