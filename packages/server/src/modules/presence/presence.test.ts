import { randomUUID } from 'node:crypto';
import type { Presence } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connected, Person } from '../../../test/person.ts';
import { direct, joinRoom, languageRoom, room } from '../../../test/rooms.ts';
import { sanction } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { runTask } from '../../../test/tasks.ts';
import { FakeClock } from '../../platform/clock.ts';

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

/** What a connection was told of a person, in order. */
function told(connected: Connected, person: Person): Presence[] {
  return connected.events
    .filter(({ event }) => event === 'presence')
    .flatMap(({ payload }) => (payload as { users: Presence[] }).users)
    .filter(({ userId }) => userId === person.id);
}

/** Moves time by seconds until the connection was told, last, that the person appears so. */
async function seen(connected: Connected, person: Person, expected: Partial<Presence>): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(1000);
        await connected.ask('heartbeat', {});
        return told(connected, person).at(-1);
      },
      { timeout: 20_000 },
    )
    .toMatchObject(expected);
}

async function look(by: Person, at: Person): Promise<{ connected: Connected; now: Presence | undefined }> {
  const connected = await by.connect();
  const { users } = await connected.ask('presence:watch', { userIds: [at.id] });
  return { connected, now: users[0] };
}
async function pair(): Promise<[Person, Person]> {
  const [one, other] = await Promise.all([server.person(), server.person()]);
  await direct(one, other);
  return [one, other];
}

describe('status', () => {
  test('of several devices the liveliest counts; without one a person is offline, and last seen then', async () => {
    const [viewer, person] = await pair();
    const { connected, now } = await look(viewer, person);
    expect(now).toEqual({ userId: person.id, status: 'offline', text: null, emoji: null, until: null, lastSeen: null });
    const desk = await person.connect();
    await seen(connected, person, { status: 'online', lastSeen: null });
    const phone = await person.connect();
    await desk.ask('presence:set', { idle: true });
    await phone.ask('presence:set', { idle: true });
    await seen(connected, person, { status: 'away' });
    await phone.ask('presence:set', { idle: false });
    await seen(connected, person, { status: 'online' });
    phone.socket.disconnect();
    await seen(connected, person, { status: 'away' });
    desk.socket.disconnect();
    await seen(connected, person, { status: 'offline', lastSeen: expect.any(Number) });
  });

  test('do not disturb and invisible are the person’s, on all devices, and outlast them', async () => {
    const [viewer, person] = await pair();
    const device = await person.connect();
    const { connected, now } = await look(viewer, person);
    expect(now).toMatchObject({ status: 'online' });
    expect(await device.ask('presence:set', { status: 'dnd', idle: true })).toMatchObject({ status: 'dnd' });
    await seen(connected, person, { status: 'dnd' });
    device.socket.disconnect();
    await seen(connected, person, { status: 'offline' });
    const again = await person.connect();
    await seen(connected, person, { status: 'dnd' });
    await again.ask('presence:set', { status: 'invisible' });
    await seen(connected, person, { status: 'offline' });
    await again.ask('presence:set', { status: 'auto' });
    await seen(connected, person, { status: 'online' });
  });

  test('someone invisible was last seen when they turned so: their coming and going leaves no trace', async () => {
    const [viewer, person] = await pair();
    const device = await person.connect();
    await device.ask('presence:set', { status: 'invisible' });
    const { connected, now } = await look(viewer, person);
    expect(now).toMatchObject({ status: 'offline', lastSeen: clock.now() });
    await clock.advance(60_000);
    device.socket.disconnect();
    const more = await person.connect();
    await more.ask('heartbeat', {});
    await clock.advance(60_000);
    await runTask(server, clock, 'presence.sweep');
    expect(told(connected, person)).toEqual([]);
    expect((await look(viewer, person)).now).toEqual(now);
  });

  test('when last seen is not shared, nobody is told', async () => {
    const [viewer, person] = await pair();
    const device = await person.connect();
    const { connected } = await look(viewer, person);
    await person.call('updatePreferences', { body: { shareLastSeen: false } });
    device.socket.disconnect();
    await seen(connected, person, { status: 'offline', lastSeen: null });
    await person.call('updatePreferences', { body: { shareLastSeen: true } });
    await seen(connected, person, { status: 'offline', lastSeen: expect.any(Number) });
  });
});

test('P-PRES-3 whoever is invisible does not count among those who are in a lounge', async () => {
  const { loungeId, roomId } = await languageRoom(server);
  const [person, other] = await pair();
  for (const one of [person, other]) await joinRoom(one, roomId);
  const [device, more] = [await person.connect(), await other.connect()];
  await more.ask('heartbeat', {});
  const heads = async () => {
    // Figures are kept for some seconds.
    await clock.advance(5000);
    const { rooms } = await person.call('loungeRooms', { params: { loungeId } });
    return rooms.map(({ present }) => present);
  };
  expect(await heads()).toEqual([2]);
  await device.ask('presence:set', { status: 'invisible' });
  expect(await heads()).toEqual([1]);
  await device.ask('presence:set', { status: 'auto' });
  expect(await heads()).toEqual([2]);
});

describe('custom status', () => {
  test('is kept, ends when it says, and of what is not given nothing changes', async () => {
    const [viewer, person] = await pair();
    const device = await person.connect();
    const until = clock.now() + 60_000;
    expect(await device.ask('presence:set', { text: 'Lunch', emoji: '🍜', until })).toMatchObject({
      status: 'online',
      text: 'Lunch',
      emoji: '🍜',
      until,
    });
    device.socket.disconnect();
    const { connected, now } = await look(viewer, person);
    expect(now).toMatchObject({ text: 'Lunch', emoji: '🍜', until });
    const again = await person.connect();
    expect(await again.ask('presence:set', { status: 'dnd' })).toMatchObject({ text: 'Lunch', until });
    await clock.advance(60_000);
    await seen(connected, person, { status: 'dnd', text: null, emoji: null, until: null });
  });

  test('another text does not end when the one before would have; null and nothing clear it', async () => {
    const person = await server.person();
    const device = await person.connect();
    await device.ask('presence:set', { text: 'Lunch', until: clock.now() + 1000 });
    expect(await device.ask('presence:set', { text: 'Holiday' })).toMatchObject({ text: 'Holiday', until: null });
    expect(await device.ask('presence:set', { text: '' })).toMatchObject({ text: null });
    await device.ask('presence:set', { emoji: '🎉' });
    expect(await device.ask('presence:set', { emoji: null })).toMatchObject({ emoji: null });
  });
});

describe('watching', () => {
  test('P-PRES-3 people who block each other see each other as not there, for as long as it lasts', async () => {
    const [a, b] = await pair();
    const [deviceA, deviceB] = [await a.connect(), await b.connect()];
    await deviceB.ask('presence:set', { text: 'Hello' });
    const [ofB, ofA] = [await look(a, b), await look(b, a)];
    expect([ofB.now?.status, ofA.now?.status]).toEqual(['online', 'online']);
    await b.call('block', { body: { userId: a.id } });
    const nothing: Partial<Presence> = { status: 'offline', text: null, emoji: null, until: null, lastSeen: null };
    await seen(ofB.connected, b, nothing);
    await seen(ofA.connected, a, nothing);
    expect((await look(a, b)).now).toMatchObject(nothing);
    const before = told(ofB.connected, b).length;
    await deviceB.ask('presence:set', { status: 'dnd' });
    await clock.advance(5000);
    await ofB.connected.ask('heartbeat', {});
    expect(told(ofB.connected, b)).toHaveLength(before);
    await b.call('unblock', { params: { userId: a.id } });
    await seen(ofB.connected, b, { status: 'dnd', text: 'Hello' });
    await deviceA.ask('presence:set', { status: 'dnd' });
    await seen(ofA.connected, a, { status: 'dnd' });
  });

  test('P-PRES-3 a stranger looks like nobody, until a room of any kind is shared, and again once none is', async () => {
    const [viewer, person] = await Promise.all([server.person(), server.person()]);
    const device = await person.connect();
    await device.ask('presence:set', { status: 'dnd', text: 'Hello' });
    const { connected, now } = await look(viewer, person);
    expect(now).toEqual({ userId: person.id, status: 'offline', text: null, emoji: null, until: null, lastSeen: null });
    const { roomId } = await languageRoom(server);
    await joinRoom(person, roomId);
    await joinRoom(viewer, roomId);
    await seen(connected, person, { status: 'dnd', text: 'Hello' });
    expect((await look(viewer, viewer)).now).toMatchObject({ status: 'online' });
    await person.call('removeMember', { params: { roomId, userId: person.id } });
    await seen(connected, person, { status: 'offline', text: null });
    const before = told(connected, person).length;
    await device.ask('presence:set', { status: 'auto' });
    await clock.advance(5000);
    await connected.ask('heartbeat', {});
    expect(told(connected, person)).toHaveLength(before);
    expect((await look(viewer, person)).now).toEqual(now);
  });

  test.each(['kick', 'ban', 'leave', 'delete'] as const)(
    'P-PRES-3 two of whom the one is out of the last shared room by %s are told nothing more of each other',
    async (way) => {
      const { owner, member, other, roomId } = await room(server);
      const [device, ofOther] = [await member.connect(), await look(other, member)];
      const { users } = await device.ask('presence:watch', { userIds: [other.id] });
      expect([ofOther.now?.status, users[0]?.status]).toEqual(['online', 'online']);
      if (way === 'leave') await member.call('removeMember', { params: { roomId, userId: member.id } });
      else if (way === 'delete') await owner.call('deleteRoom', { params: { roomId } });
      else await sanction(owner, member, way, roomId);
      await seen(ofOther.connected, member, { status: 'offline', lastSeen: null });
      await seen(device, other, { status: 'offline', lastSeen: null });
    },
  );

  test('P-PRES-2 changes are gathered: at most one event a second, with the last state of each', async () => {
    const viewer = await server.person();
    const people = await Promise.all(Array.from({ length: 5 }, () => server.person()));
    await viewer.call('createRoom', { body: { name: 'Room', memberIds: people.map(({ id }) => id) } });
    const connected = await viewer.connect();
    await connected.ask('presence:watch', { userIds: people.map(({ id }) => id) });
    await clock.advance(5000);
    await connected.ask('heartbeat', {});
    connected.events.length = 0;
    const devices = await Promise.all(people.map((person) => person.connect()));
    for (const device of devices) {
      for (const status of ['dnd', 'auto', 'dnd'] as const) await device.ask('presence:set', { status });
    }
    expect(connected.events).toEqual([]);
    await expect
      .poll(async () => {
        await clock.advance(1000);
        await connected.ask('heartbeat', {});
        return connected.events.length;
      })
      .toBe(1);
    expect(people.map((person) => told(connected, person).map(({ status }) => status))).toEqual(
      people.map(() => ['dnd']),
    );
  });

  test('P-PRES-1 a new list replaces the old one, and a connection that is gone watches nobody', async () => {
    const [viewer, person] = await pair();
    const other = await server.person();
    await direct(other, viewer);
    const { connected } = await look(viewer, person);
    const control = await look(viewer, person);
    await connected.ask('presence:watch', { userIds: [other.id] });
    await person.connect();
    await seen(control.connected, person, { status: 'online' });
    await connected.ask('heartbeat', {});
    expect(told(connected, person)).toEqual([]);
    await other.connect();
    await seen(connected, other, { status: 'online' });
  });

  test('nobody is named who does not exist: they appear offline, and too many are refused', async () => {
    const viewer = await server.person();
    const connected = await viewer.connect();
    const userIds = Array.from({ length: 501 }, () => randomUUID());
    const { users } = await connected.ask('presence:watch', { userIds: userIds.slice(1) });
    expect(users.map(({ userId }) => userId)).toEqual(userIds.slice(1));
    expect(users.every(({ status, lastSeen }) => status === 'offline' && lastSeen === null)).toBe(true);
    await expect(connected.ask('presence:watch', { userIds })).rejects.toMatchObject({ body: { code: 'bad_input' } });
  });
});
