/** Who is in the lounges now, counted over several nodes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nodes, SHORT_LEASE, startNodes } from '../../../test/nodes.ts';
import { call } from '../../../test/person.ts';
import { joinRoom, languageRoom } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

/** In processes of their own. */
let nodes: Nodes;
/** Nodes of the same deployment, which keep their figures for as long as the clock stands still. */
let servers: [TestServer, TestServer];
let urls: [string, string];
const clock = new FakeClock(Date.now());

beforeAll(async () => {
  nodes = await startNodes(2, SHORT_LEASE);
  // The end of a lease is told by Redis' own clock: theirs is long enough never to be renewed.
  const env = { REDIS_URL: nodes.redis.url, PRESENCE_LEASE: '300' };
  const start = () => startServer(env, { clock, databaseUrl: nodes.databaseUrl });
  servers = await Promise.all([start(), start()]);
  urls = [servers[0].url, servers[1].url];
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await nodes.stop();
});

/** By room, as a node tells it to whoever asks once it counts anew. */
async function headsAt(url: string, loungeId: string): Promise<Record<string, number>> {
  await clock.advance(5000);
  const { rooms } = await call(url, undefined, 'loungeRooms', { params: { loungeId } });
  return Object.fromEntries(rooms.map(({ room, present }): [string, number] => [room.name ?? '', present]));
}
const SOON = { timeout: 20_000, interval: 100 };

test('each member who is connected counts once in each room, on whichever node and however often; who is gone does not', async () => {
  const { admin, loungeId, roomId } = await languageRoom(nodes, { room: { name: 'English' } });
  const german = await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'de' } });
  const [both, away, guest] = [await nodes.person(), await nodes.person(), await nodes.person('guest', 'guest')];
  const left = await nodes.person();
  await left.connect();
  for (const person of [both, away, guest, left]) await joinRoom(person, roomId);
  await left.call('removeMember', { params: { roomId, userId: left.id } });
  await joinRoom(both, german.room.id);
  await both.connect(urls[0]);
  const phone = await both.connect(urls[1]);
  const visit = await guest.connect(urls[1]);
  for (const url of urls) {
    await expect.poll(() => headsAt(url, loungeId), SOON).toEqual({ English: 2, Deutsch: 1 });
  }
  phone.socket.disconnect();
  visit.socket.disconnect();
  for (const url of urls) {
    await expect.poll(() => headsAt(url, loungeId), SOON).toEqual({ English: 1, Deutsch: 1 });
  }
});

test('a change of the lounges on one node is seen on the other', async () => {
  const { admin, loungeId } = await languageRoom(nodes, { lounge: { name: 'Before' } });
  const nameAt = async (url: string) =>
    (await call(url, undefined, 'lounges', {})).lounges.find(({ id }) => id === loungeId)?.name;
  expect(await nameAt(urls[1])).toBe('Before');
  await admin.at(urls[0]).call('updateLounge', { params: { loungeId }, body: { name: 'After' } });
  expect(await nameAt(urls[0])).toBe('After');
  await expect.poll(() => nameAt(urls[1]), SOON).toBe('After');
});

test('the people of a node that died are not counted once its lease has run out; without Redis the last figures stay', async () => {
  const { loungeId, roomId } = await languageRoom(nodes, { room: { name: 'English' } });
  const [here, there] = [await nodes.person(), await nodes.person()];
  for (const person of [here, there]) await joinRoom(person, roomId);
  await here.connect(urls[0]);
  await there.connect(nodes.urls[1]);
  await expect.poll(() => headsAt(urls[0], loungeId), SOON).toEqual({ English: 2 });
  await nodes.kill(1);
  await expect.poll(() => headsAt(urls[0], loungeId), SOON).toEqual({ English: 1 });
  await nodes.redis.kill();
  expect(await headsAt(urls[0], loungeId)).toEqual({ English: 1 });
}, 60_000);
