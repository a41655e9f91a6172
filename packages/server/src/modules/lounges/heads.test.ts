/** Who is in the lounges now, counted over two real nodes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nodes, startNodes } from '../../../test/nodes.ts';
import { call } from '../../../test/person.ts';
import { joinRoom, languageRoom } from '../../../test/rooms.ts';

let nodes: Nodes;
beforeAll(async () => {
  nodes = await startNodes(2, { PRESENCE_LEASE: '2' });
});
afterAll(() => nodes.stop());

/** By room, as a node tells it to whoever asks. */
async function headsAt(url: string, loungeId: string): Promise<Record<string, number>> {
  const { rooms } = await call(url, undefined, 'loungeRooms', { params: { loungeId } });
  return Object.fromEntries(rooms.map(({ room, present }): [string, number] => [room.name ?? '', present]));
}
const SOON = { timeout: 20_000, interval: 200 };

test('each member who is connected counts once in each room, on whichever node and however often; who is gone does not', async () => {
  const { admin, loungeId, roomId } = await languageRoom(nodes, { room: { name: 'English' } });
  const german = await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'de' } });
  const [both, away, guest] = [await nodes.person(), await nodes.person(), await nodes.person('guest', 'guest')];
  const left = await nodes.person();
  await left.connect();
  for (const person of [both, away, guest, left]) await joinRoom(person, roomId);
  await left.call('removeMember', { params: { roomId, userId: left.id } });
  await joinRoom(both, german.room.id);
  await both.connect(nodes.urls[0]);
  const phone = await both.connect(nodes.urls[1]);
  const visit = await guest.connect(nodes.urls[1]);
  for (const url of nodes.urls) {
    await expect.poll(() => headsAt(url, loungeId), SOON).toEqual({ English: 2, Deutsch: 1 });
  }
  phone.socket.disconnect();
  visit.socket.disconnect();
  for (const url of nodes.urls) {
    await expect.poll(() => headsAt(url, loungeId), SOON).toEqual({ English: 1, Deutsch: 1 });
  }
});

test('a change of the lounges on one node is seen on the other', async () => {
  const { admin, loungeId } = await languageRoom(nodes, { lounge: { name: 'Before' } });
  const nameAt = async (url: string) =>
    (await call(url, undefined, 'lounges', {})).lounges.find(({ id }) => id === loungeId)?.name;
  expect(await nameAt(nodes.urls[1])).toBe('Before');
  await admin.at(nodes.urls[0]).call('updateLounge', { params: { loungeId }, body: { name: 'After' } });
  expect(await nameAt(nodes.urls[0])).toBe('After');
  await expect.poll(() => nameAt(nodes.urls[1]), SOON).toBe('After');
});

test('the people of a node that died are not counted once its lease has run out; without Redis the last figures stay', async () => {
  const { loungeId, roomId } = await languageRoom(nodes, { room: { name: 'English' } });
  const [here, there] = [await nodes.person(), await nodes.person()];
  for (const person of [here, there]) await joinRoom(person, roomId);
  await here.connect(nodes.urls[0]);
  await there.connect(nodes.urls[1]);
  await expect.poll(() => headsAt(nodes.urls[0], loungeId), SOON).toEqual({ English: 2 });
  await nodes.kill(1);
  await expect.poll(() => headsAt(nodes.urls[0], loungeId), SOON).toEqual({ English: 1 });
  await nodes.redis.kill();
  expect(await headsAt(nodes.urls[0], loungeId)).toEqual({ English: 1 });
}, 60_000);
