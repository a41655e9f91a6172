/** What happens among strangers, and where a room is gone: nobody moderates there but officers of the instance. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, room } from '../../../test/rooms.ts';
import { appeal, decide } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { Lobby } from '../../../test/strangers.ts';
import { FakeClock } from '../../platform/clock.ts';

const clock = new FakeClock();
let server: TestServer;
let owner: Person;
let moderator: Person;
beforeAll(async () => {
  server = await startServer({}, { clock });
  owner = await server.person('owner', 'owner');
  moderator = await server.person('moderator', 'moderator');
});
afterAll(() => server.stop());

const waiting = async (by: Person) =>
  (await by.call('appeals', { query: { limit: '100' } })).sanctions.map(({ id }) => id).toSorted();

test('what automod did among strangers is appealed against and lifted by officers, and by nobody else', async () => {
  const trigger = { type: 'words' as const, lists: [], words: ['xylophone'], spare: [] };
  const actions = [{ type: 'warn' as const }, { type: 'mute' as const, seconds: 600 }];
  const body = { roomId: null, name: 'x', trigger, actions, reason: 'No xylophones', enabled: true };
  const { id: ruleId } = await owner.call('createAutomodRule', { body });
  const [{ person: a }, { person: b }, roomId] = await new Lobby(server, clock).couple('user');
  await a.say(roomId, 'a xylophone');
  await server.runDueJobs();
  const { sanctions } = await a.call('sanctions', {});
  const id = (type: string) => sanctions.find((one) => one.type === type)?.id ?? '';
  const device = await moderator.connect();
  await appeal(a, id('mute'));
  await appeal(a, id('warn'));
  await device.until(({ event }) => event === 'moderation');
  expect(device.events).toContainEqual({ event: 'moderation', payload: { what: 'appeal', roomId: null } });
  expect(await waiting(moderator)).toEqual([id('mute'), id('warn')].toSorted());
  expect([await waiting(b), await waiting(a)]).toEqual([[], []]);
  for (const nobody of [a, b]) expect(await outcome(decide(nobody, id('mute'), true))).toBe('not_found');
  expect(await outcome(a.say(roomId, 'x'))).toBe('silenced');
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(decide(moderator, id('mute'), true))));
  expect(outcomes.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'already_decided'), 'ok']);
  expect(await outcome(a.say(roomId, 'x'))).toBe('ok');
  const params = { sanctionId: id('warn') };
  await owner.call('liftSanction', { params, body: { reason: 'Sorry' } });
  expect(await waiting(moderator)).toEqual([]);
  expect((await owner.call('moderationFigures', {})).openAppeals).toBe(0);
  expect((await a.call('notices', { query: {} })).notices.slice(0, 2).map(({ type }) => type)).toEqual([
    'lifted',
    'appeal_decided',
  ]);
  await owner.call('deleteAutomodRule', { params: { ruleId } });
});

test('what was done in a room that is gone is decided by officers who stand above the person', async () => {
  for (const kind of ['group', 'public'] as const) {
    const there = await room(server, kind);
    const { member, other, roomId } = there;
    const on = async (whom: Person, type: 'warn' | 'mute' | 'ban') =>
      there.owner.call('sanction', { body: { type, userId: whom.id, roomId, reason: 'Be kind' } });
    const [warned, muted, banned] = [await on(member, 'warn'), await on(member, 'mute'), await on(other, 'ban')];
    await appeal(member, warned.id);
    await appeal(other, banned.id);
    await there.owner.call('deleteRoom', { params: { roomId } });
    await appeal(member, muted.id);
    expect(await waiting(there.owner)).toEqual([]);
    // The warning has no effect any more.
    expect(await waiting(moderator)).toEqual([banned.id, muted.id].toSorted());
    expect(await outcome(decide(there.owner, banned.id, true))).toBe('not_found');
    expect((await decide(moderator, banned.id, false)).appeal).toMatchObject({ state: 'refused' });
    expect(await decide(moderator, muted.id, true)).toMatchObject({ liftedAt: clock.now() });
    const lifted = await moderator.call('liftSanction', { params: { sanctionId: banned.id }, body: { reason: 'x' } });
    expect(lifted.liftedAt).toBe(clock.now());
    expect(await outcome(other.call('profile', {}))).toBe('ok');
    expect(await waiting(moderator)).toEqual([]);
  }
});

test('whoever reports the room of a match reports the other one, and does not meet them again', async () => {
  const [{ person: a }, { person: b }, roomId] = await new Lobby(server, clock).couple('user');
  await b.say(roomId, 'a vile thing');
  await b.call('removeMember', { params: { roomId, userId: b.id } });
  await a.call('report', { body: { target: { type: 'room', roomId }, category: 'harassment', block: true } });
  expect((await a.call('blocks', {})).userIds).toEqual([b.id]);
  const [found] = (await moderator.call('cases', { query: {} })).cases;
  const { accusedId, evidence } = await moderator.call('case', { params: { caseId: found?.id ?? '' } });
  expect(accusedId).toBe(b.id);
  expect(evidence.around.map(({ body }) => body)).toContain('a vile thing');
});

test('an officer who is accused is not told that there is something new, nor are their equals; those above are', async () => {
  // What was told before is over.
  await clock.advance(5000);
  const [accused, reporter] = [await server.person('accused', 'moderator'), await server.person('reporter')];
  const [theirs, equal, device] = [await accused.connect(), await moderator.connect(), await owner.connect()];
  const target = { type: 'user' as const, userId: accused.id };
  await reporter.call('report', { body: { target, category: 'harassment' } });
  await device.until(({ event }) => event === 'moderation');
  const { cases } = await owner.call('cases', { query: {} });
  const found = cases.find(({ accusedId }) => accusedId === accused.id);
  const params = { caseId: found?.id ?? '' };
  await owner.call('noteCase', { params, body: { text: 'hm' } });
  await clock.advance(1000);
  await device.until(() => device.events.filter(({ event }) => event === 'moderation').length === 2);
  await heard(server, theirs, equal);
  for (const { events } of [theirs, equal]) expect(events.filter(({ event }) => event === 'moderation')).toEqual([]);
});
