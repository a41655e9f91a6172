/** What messages cost the room they are sent to when they are not said at once. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Connected } from '../../../test/person.ts';
import { room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { watchDatabase } from '../../../test/statements.ts';
import { FakeClock } from '../../platform/clock.ts';

const AUTHORS = 24;
let server: TestServer;
beforeAll(async () => {
  // Time stands still: nothing asks the database but those who write.
  server = await startServer({}, { clock: new FakeClock() });
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => server.stop());

/** Sends one message of each of them, all while the room is busy with the first. */
async function sendAtOnce(people: readonly Connected[], roomId: string, body: string) {
  const free = Promise.withResolvers<void>();
  const asked = watchDatabase((name) => (name === 'rooms.lock' ? free.promise : undefined));
  const answers = people.map((person) => person.ask('message:send', { roomId, clientId: randomUUID(), body }));
  await Promise.all(people.map((person) => person.ask('heartbeat', {})));
  free.resolve();
  return { answers: await Promise.allSettled(answers), asked };
}

/** A room open to everyone, where a word is rejected. */
async function withRule() {
  const { owner, member, roomId } = await room(server, 'public');
  const trigger = { type: 'words' as const, lists: [], words: ['zounds'], spare: [] };
  await owner.call('createAutomodRule', {
    body: { roomId, name: 'slurs', trigger, actions: [{ type: 'reject' }], reason: 'Not here', enabled: true },
  });
  return { owner, member, roomId };
}

test('what is refused waits for no disk: where all is, nothing is committed', async () => {
  const { owner, member, roomId } = await withRule();
  const devices = await Promise.all([member, member, member].map((person) => person.connect()));
  const refused = await sendAtOnce(devices, roomId, 'zounds');
  expect(refused.answers.map(({ status }) => status)).toEqual(devices.map(() => 'rejected'));
  expect(refused.asked).toContain('ROLLBACK');
  expect(refused.asked).not.toContain('COMMIT');
  vi.restoreAllMocks();
  await owner.say(roomId, 'after that');
  const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
  expect(messages.filter(({ kind }) => kind === 'text').map(({ n, body }) => [n, body])).toEqual([[1, 'after that']]);
});

test('what waits for approval takes as many statements of many authors as of one', async () => {
  const { owner, roomId } = await room(server);
  const people = await Promise.all(Array.from({ length: AUTHORS }, () => server.person()));
  await owner.call('addMembers', { params: { roomId }, body: { userIds: people.map(({ id }) => id) } });
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['all'], slowMode: 5 } });
  const devices = await Promise.all(people.map((person) => person.connect()));
  await owner.say(roomId, 'something unread');
  const { answers, asked } = await sendAtOnce(devices, roomId, 'please');
  expect(answers.map(({ status }) => status)).toEqual(people.map(() => 'fulfilled'));
  const commits = asked.filter((name) => name === 'COMMIT').length;
  expect(commits).toBeLessThan(AUTHORS / 4);
  for (const name of ['messages.hold', 'rooms.upsert_members', 'messages.count_unread', 'rooms.members_of']) {
    expect(
      asked.filter((one) => one === name),
      name,
    ).toHaveLength(commits);
  }
  // Slow mode is written with the rest; nobody has to be asked whether it is a retry of what waits.
  for (const name of ['messages.pace', 'messages.held_before']) expect(asked).not.toContain(name);
  const again = people[0]?.say(roomId, 'once more');
  await expect(again).rejects.toMatchObject({ body: { code: 'slow_mode' } });
  for (const [i, device] of devices.entries()) {
    await device.ask('heartbeat', {});
    expect(device.events).toContainEqual({
      event: 'me',
      payload: expect.objectContaining({
        unread: 1,
        me: expect.objectContaining({ held: [expect.objectContaining({ senderId: people[i]?.id, body: 'please' })] }),
      }),
    });
  }
});
