/** Who is muted reads and does not write: in a room, or anywhere. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, room } from '../../../test/rooms.ts';
import { actionsOn, inAnHour, lift, sanction } from '../../../test/sanctions.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

describe('a mute', () => {
  /** Everything that counts as writing. */
  async function writing(member: Person, roomId: string, message: { id: string }) {
    const params = { roomId };
    const on = { roomId, messageId: message.id };
    const device = await member.connect();
    const calls = [
      member.say(roomId, 'x'),
      device.ask('message:send', { ...params, clientId: randomUUID(), body: 'x' }),
      device.ask('message:edit', { ...on, body: 'y' }),
      member.call('react', { params: on, body: { emoji: '👍', on: true } }),
      device.ask('typing', params),
      member.call('openThread', { params: on }),
    ];
    const seen = new Set(await Promise.all(calls.map(outcome)));
    device.socket.disconnect();
    return [...seen];
  }

  test('lets them read and not write, at once on live connections, in threads too; the others are not told', async () => {
    const { owner, member, other, roomId } = await room(server);
    const said = await member.say(roomId, 'mine');
    const begin = await owner.say(roomId, 'begin');
    const { room: thread } = await member.call('openThread', { params: { roomId, messageId: begin.id } });
    const [device, theirs] = [await member.connect(), await other.connect()];
    await device.ask('room:join', { roomId });
    await theirs.ask('room:join', { roomId });
    const until = inAnHour();
    const muted = await sanction(owner, member, 'mute', roomId, { until });
    expect(muted).toMatchObject({ type: 'mute', until, by: owner.id, liftedAt: null });
    await heard(server, device, theirs);
    expect(device.events.filter(({ event }) => event === 'me')).toMatchObject([
      { payload: { roomId, me: { silencedUntil: until } } },
    ]);
    expect(theirs.events).toEqual([]);
    expect(await writing(member, roomId, said)).toEqual(['silenced']);
    expect(await outcome(member.say(thread.id, 'x'))).toBe('silenced');
    expect(await outcome(member.call('messages', { params: { roomId }, query: {} }))).toBe('ok');
    expect(await outcome(member.call('deleteMessage', { params: { roomId, messageId: said.id } }))).toBe('ok');
    expect((await owner.say(roomId, 'goes on')).n).toBe(3);
  });

  test('in a thread is one in the room it hangs on', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'begin');
    const { room: thread } = await member.call('openThread', { params: { roomId, messageId: id } });
    expect(await sanction(owner, member, 'mute', thread.id, { until: inAnHour() })).toMatchObject({ roomId });
    expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  });

  test('without a time lasts until it is lifted, also over leaving and coming back', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const muted = await sanction(owner, member, 'mute', roomId);
    expect(muted.until).toBe(null);
    await member.call('removeMember', { params: { roomId, userId: member.id } });
    await member.call('joinRoom', { params: { roomId } });
    expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
    const { me } = await member.call('room', { params: { roomId } });
    expect(me.silencedUntil).toBeGreaterThan(Date.now() + 1e13);
    const [lifted] = [await lift(owner, muted.id), await lift(owner, muted.id)];
    expect(lifted.liftedAt).toEqual(expect.any(Number));
    expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
    expect(await actionsOn(server, member.id)).toEqual(['member.muted', 'sanction.lifted']);
    expect((await member.call('notices', { query: {} })).notices.map(({ type }) => type)).toEqual(['lifted', 'muted']);
  });

  test('of somebody who has left holds when they come back', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    await member.call('removeMember', { params: { roomId, userId: member.id } });
    await sanction(owner, member, 'mute', roomId, { until: inAnHour() });
    await member.call('joinRoom', { params: { roomId } });
    expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  });

  test('takes the place of the one before: lifting that one changes nothing', async () => {
    const { owner, member, roomId } = await room(server);
    const first = await sanction(owner, member, 'mute', roomId);
    const second = await sanction(owner, member, 'mute', roomId, { until: inAnHour() });
    await lift(owner, first.id);
    expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
    await lift(owner, second.id);
    expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  });

  test('is told by every refusal: why, and until when, of what lasts longest', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const moderator = await server.person('imod', 'moderator');
    const said = await member.say(roomId, 'mine');
    const params = { roomId, messageId: said.id };
    const { room: thread } = await member.call('openThread', { params });
    const device = await member.connect();
    const here = [
      () => member.say(roomId, 'x'),
      () => member.say(thread.id, 'x'),
      () => member.call('editMessage', { params, body: { body: 'x' } }),
      () => member.call('react', { params, body: { emoji: '👍', on: true } }),
      () => device.ask('message:send', { roomId, clientId: randomUUID(), body: 'x' }),
      () => device.ask('typing', { roomId }),
      () => device.ask('typing', { roomId: thread.id }),
    ];
    const everywhere = [() => member.call('createRoom', { body: { name: 'New' } }), ...here];
    const expectTold = async (ways: (() => Promise<unknown>)[], details: { until: number | null; reason: string }) => {
      for (const way of ways) await expect(way()).rejects.toMatchObject({ body: { code: 'silenced', details } });
    };
    const until = inAnHour();
    await sanction(owner, member, 'mute', roomId, { until, reason: 'Loud' });
    await expectTold(here, { until, reason: 'Loud' });
    await sanction(moderator, member, 'mute', null, { until: until - 1000, reason: 'Everywhere' });
    await server.settle();
    await expectTold(here, { until, reason: 'Loud' });
    await expectTold(everywhere.slice(0, 1), { until: until - 1000, reason: 'Everywhere' });
    await sanction(moderator, member, 'mute', null, { reason: 'For good' });
    await server.settle();
    await expectTold(everywhere, { until: null, reason: 'For good' });
  });

  test('converges for everyone who looks on', async () => {
    const { owner, member, roomId } = await room(server);
    const muted = await expectConverges(roomId, [owner, member], () => sanction(owner, member, 'mute', roomId));
    await expectConverges(roomId, [owner, member], () => lift(owner, muted.id));
  });

  test('on the whole instance holds in every room, and for new ones, until it is lifted', async () => {
    const { owner, member, roomId } = await room(server);
    const said = await member.say(roomId, 'mine');
    const { room: direct } = await member.call('directRoom', { body: { userId: owner.id } });
    const moderator = await server.person('imod', 'moderator');
    const muted = await sanction(moderator, member, 'mute', null, { until: inAnHour() });
    await server.settle();
    expect(await writing(member, roomId, said)).toEqual(['silenced']);
    expect(await outcome(member.say(direct.id, 'x'))).toBe('silenced');
    expect(await outcome(member.call('createRoom', { body: { name: 'New' } }))).toBe('silenced');
    expect(await outcome(member.call('directRoom', { body: { userId: owner.id } }))).toBe('silenced');
    await lift(moderator, muted.id);
    await server.settle();
    expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  });
});

describe('of 50 at the same time', () => {
  test('mutes and what they send: after the first answer nothing of theirs is stored', async () => {
    const { owner, member, roomId } = await room(server);
    const sending = Array.from({ length: 40 }, (_, i) => outcome(member.say(roomId, `${i}`)));
    await Promise.any(Array.from({ length: 10 }, () => sanction(owner, member, 'mute', roomId)));
    const { room: at } = await owner.call('room', { params: { roomId } });
    const outcomes = await Promise.all([...sending, outcome(member.say(roomId, 'late'))]);
    expect(new Set([...outcomes, 'ok'])).toEqual(new Set(['ok', 'silenced']));
    expect(outcomes.filter((each) => each === 'ok')).toHaveLength(at.n);
    expect((await owner.call('room', { params: { roomId } })).room.n).toBe(at.n);
  });
});

test('nodes hear of a mute of the whole instance', async () => {
  const { member, roomId } = await room(server);
  const moderator = await server.person('imod', 'moderator');
  expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  await sanction(moderator, member, 'mute', null);
  await server.settle();
  expect([await outcome(member.say(roomId, 'x')), await outcome(member.say(roomId, 'x'))]).toEqual([
    'silenced',
    'silenced',
  ]);
});
