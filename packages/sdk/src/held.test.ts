/** My messages that wait for approval, as the SDK shows them. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { Clients, until } from '../test/clients.ts';

let server: TestServer;
const clients = new Clients();
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(() => clients.disconnect());

/** A room of Ann's in which everyone's messages wait, and Bob on two devices. */
async function guarded() {
  const [ann, bob] = [await clients.person(server.url), await clients.person(server.url)];
  const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
  await ann.client.call('moderateRoom', { params: { roomId: room.id }, body: { hold: ['all'] } });
  const phone = await clients.device(server.url, bob.email);
  const [theirs, onPhone] = [bob.client.room(room.id), phone.room(room.id)];
  await until(bob.client, () => theirs.state !== null);
  await until(phone, () => onPhone.state !== null);
  await Promise.all([room.open(), theirs.open()]);
  const decide = (messageId: string, body: { approve: true } | { approve: false; reason: string }) =>
    ann.client.call('decideHeld', { params: { roomId: room.id, messageId }, body });
  return { ann, bob, room, theirs, phone, onPhone, decide };
}

test('what waits leaves the outbox for `held`, on all my devices and nowhere else; approved, it is a message', async () => {
  const { ann, bob, room, theirs, phone, onPhone, decide } = await guarded();
  const announced: string[] = [];
  bob.client.on('message', ({ body }) => announced.push(body));
  const item = theirs.send('please');
  const held = await item.done;
  expect(held).toMatchObject({ status: 'pending', body: 'please', clientId: item.clientId });
  await until(bob.client, () => theirs.pending.length === 0 && theirs.held.length === 1);
  await until(phone, () => onPhone.held.length === 1);
  expect(theirs.held).toEqual([held]);
  expect(theirs.state?.messages).toEqual([]);
  expect([room.held, room.state?.messages, announced]).toEqual([[], [], []]);
  await decide(held.id, { approve: true });
  await until(bob.client, () => theirs.held.length === 0);
  await until(phone, () => onPhone.held.length === 0);
  await until(ann.client, () => room.state?.messages.length === 1);
  expect(theirs.state?.messages).toMatchObject([{ id: held.id, n: 1 }]);
  expect(announced).toEqual(['please']);
});

test('what is rejected stays in `held` with the reason until I put it away; what is sent meanwhile is in order', async () => {
  const { bob, theirs, phone, onPhone, decide } = await guarded();
  const items = ['one', 'two', 'three'].map((body) => theirs.send(body));
  const [one, two] = await Promise.all(items.map(({ done }) => done));
  await until(bob.client, () => theirs.pending.length === 0);
  expect(theirs.held.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
  if (one === undefined || two === undefined) throw new Error('they were sent');
  await decide(one.id, { approve: false, reason: 'Not here' });
  await until(bob.client, () => theirs.held[0]?.status === 'rejected');
  expect(theirs.held[0]).toMatchObject({ id: one.id, reason: 'Not here' });
  const params = { roomId: theirs.id, messageId: one.id };
  await bob.client.call('dropHeld', { params });
  await until(phone, () => onPhone.held.length === 2);
  // A device that was away finds it as it is.
  phone.disconnect();
  await decide(two.id, { approve: true });
  await phone.connect();
  await until(phone, () => onPhone.held.length === 1);
  expect(onPhone.state?.lastMessage).toMatchObject({ id: two.id, n: 1 });
});

test('what automod or slow mode refuses is told with the reason, or sent again by itself', async () => {
  const { ann, bob, room, theirs } = await guarded();
  const roomId = room.id;
  await ann.client.call('moderateRoom', { params: { roomId }, body: { hold: [], slowMode: 1 } });
  const [first, second] = [theirs.send('first'), theirs.send('second')];
  expect((await first.done).n).toBe(1);
  expect((await second.done).n).toBe(2);
  await until(bob.client, () => theirs.pending.length === 0);
  await ann.client.call('moderateRoom', { params: { roomId }, body: { slowMode: 0 } });
  await ann.client.call('createAutomodRule', {
    body: {
      roomId,
      name: 'No blasphemy',
      trigger: { type: 'words', lists: [], words: ['coffee'], spare: [] },
      actions: [{ type: 'reject' }],
      reason: 'This is about tea',
      enabled: true,
    },
  });
  await expect(theirs.send('coffee!').done).rejects.toMatchObject({
    code: 'message_rejected',
    reason: 'This is about tea',
  });
  expect(theirs.pending).toMatchObject([{ state: 'failed' }]);
});
