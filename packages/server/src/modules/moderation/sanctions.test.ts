import { randomUUID } from 'node:crypto';
import type { Role, RouteInput, SanctionType } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { startWorld, type World } from '../../../test/nodes.ts';
import type { Person, Refusal } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';

let server: World;
let db: pg.Client;
beforeAll(async () => {
  server = await startWorld();
  db = new pg.Client({ connectionString: server.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

type Body = RouteInput<'sanction'>['body'];

function sanction(by: Person, whom: Person, type: SanctionType, roomId: string | null, more: Partial<Body> = {}) {
  return by.call('sanction', { body: { type, userId: whom.id, roomId, reason: 'Be kind', ...more } });
}

async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: Refusal) => error.body.code,
  );
}

/** What was done to somebody, the latest first. */
async function trail(targetId: string) {
  const { rows } = await db.query<{ action: string; actor_id: string | null; room_id: string | null; details: object }>(
    'SELECT action, actor_id, room_id, details FROM safety.log WHERE target_id = $1 ORDER BY seq DESC',
    [targetId],
  );
  return rows;
}

const inAnHour = () => Date.now() + 3_600_000;

/** A room with two of each role there, and people of each office who came in. */
async function ranks(kind: 'group' | 'public') {
  const { owner, member, roomId } = await room(server, kind);
  const add = async (name: string, role: 'member' | 'moderator' | 'admin' | 'owner', office: Role = 'user') => {
    const person = await server.person(name, office);
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [person.id] } });
    if (role !== 'member') {
      await owner.call('updateMember', { params: { roomId, userId: person.id }, body: { role } });
    }
    return person;
  };
  const people: [string, number, Person][] = [
    ['member', 0, member],
    ['other member', 0, await add('member', 'member')],
    ['moderator', 1, await add('mod', 'moderator')],
    ['other moderator', 1, await add('mod', 'moderator')],
    ['admin', 2, await add('admin', 'admin')],
    ['other admin', 2, await add('admin', 'admin')],
    ['owner', 3, owner],
    ['other owner', 3, await add('owner', 'owner')],
    ['moderator of the instance', kind === 'public' ? 1 : 0, await add('imod', 'member', 'moderator')],
    ['admin of the instance', kind === 'public' ? 3 : 0, await add('iadmin', 'member', 'admin')],
  ];
  return { roomId, people };
}

describe('who may', () => {
  for (const kind of ['group', 'public'] as const) {
    test(`in a ${kind} room nobody moderates upwards, their equals or themselves`, async () => {
      const { roomId, people } = await ranks(kind);
      const expected: Record<string, string> = {};
      const seen: Record<string, string> = {};
      const offices = ['moderator of the instance', 'admin of the instance'];
      for (const [by, own, actor] of people) {
        for (const [whom, theirs, target] of people) {
          const key = `${by} warns ${whom}`;
          const more = kind === 'public' ? offices.indexOf(by) - offices.indexOf(whom) : 0;
          const above = more >= 0 && (own > theirs || (own === theirs && more > 0));
          expected[key] = own >= 1 && above ? 'ok' : 'forbidden';
          seen[key] = await outcome(sanction(actor, target, 'warn', roomId));
        }
      }
      expect(seen).toEqual(expected);
    });
  }

  test('on the whole instance those with an office, over those below', async () => {
    const roles: Role[] = ['guest', 'user', 'moderator', 'admin', 'owner'];
    const actors = await Promise.all(roles.map((role) => server.person('by', role)));
    const targets = await Promise.all(roles.map((role) => server.person('whom', role)));
    const expected: Record<string, string> = {};
    const seen: Record<string, string> = {};
    for (const [i, by] of roles.entries()) {
      for (const [j, whom] of roles.entries()) {
        const [actor, target] = [actors[i], targets[j]];
        if (actor === undefined || target === undefined) throw new Error('somebody is missing');
        const refused = by === 'guest' ? 'members_only' : 'forbidden';
        for (const type of ['warn', 'mute'] as const) {
          const key = `${by} ${type}s ${whom}`;
          expected[key] = i >= 2 && i > j ? 'ok' : refused;
          seen[key] = await outcome(sanction(actor, target, type, null, type === 'mute' ? { until: inAnHour() } : {}));
        }
      }
      const self = actors[i];
      if (self === undefined) continue;
      seen[`${by} themself`] = await outcome(sanction(self, self, 'warn', null));
      expected[`${by} themself`] = by === 'guest' ? 'members_only' : 'forbidden';
    }
    expect(seen).toEqual(expected);
  });

  test('whoever is not in a room learns nothing of it, and offices are worth nothing in groups', async () => {
    const { member, stranger, roomId } = await room(server);
    const admin = await server.person('admin', 'admin');
    for (const by of [stranger, admin]) {
      await expect(sanction(by, member, 'warn', roomId)).rejects.toMatchObject(refusedWith('not_found'));
    }
    await expect(sanction(member, admin, 'warn', randomUUID())).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('nobody moderates between two', async () => {
    const { owner, member } = await room(server);
    const { room: direct } = await owner.call('directRoom', { body: { userId: member.id } });
    for (const type of ['warn', 'mute', 'kick', 'ban'] as const) {
      await expect(sanction(owner, member, type, direct.id)).rejects.toMatchObject(refusedWith('forbidden'));
    }
  });

  test('a role that is taken away is worth nothing on the connection that is open', async () => {
    const { owner, member, other, roomId } = await room(server);
    const params = { roomId, userId: member.id };
    await owner.call('updateMember', { params, body: { role: 'moderator' } });
    expect(await outcome(sanction(member, other, 'warn', roomId))).toBe('ok');
    await owner.call('updateMember', { params, body: { role: 'member' } });
    expect(await outcome(sanction(member, other, 'warn', roomId))).toBe('forbidden');
  });

  test('a time is for mutes and bans, and lies ahead; kicks are for rooms, and so is removing messages', async () => {
    const { owner, member, roomId } = await room(server);
    const admin = await server.person('admin', 'admin');
    const wrong: [() => Promise<unknown>, string][] = [
      [() => sanction(owner, member, 'warn', roomId, { until: inAnHour() }), 'until'],
      [() => sanction(owner, member, 'kick', roomId, { until: inAnHour() }), 'until'],
      [() => sanction(owner, member, 'mute', roomId, { until: 1 }), 'until'],
      [() => sanction(admin, member, 'kick', null), 'type'],
      [() => sanction(admin, member, 'warn', null, { removeMessages: 'day' }), 'removeMessages'],
    ];
    for (const [call, field] of wrong) {
      await expect(call()).rejects.toMatchObject({ body: { code: 'bad_input', details: { fields: [{ field }] } } });
    }
  });
});

test('in rooms of lounges those with an office moderate guests too, without coming in', async () => {
  const [admin, moderator, guest] = [
    await server.person('admin', 'admin'),
    await server.person('imod', 'moderator'),
    await server.person('g', 'guest'),
  ];
  const { id: loungeId } = await admin.call('createLounge', { body: { name: 'A lounge' } });
  const { room: made } = await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'en' } });
  const roomId = made.id;
  await guest.call('joinRoom', { params: { roomId } });
  expect(await outcome(sanction(guest, moderator, 'ban', roomId))).toBe('members_only');
  expect(await outcome(sanction(moderator, admin, 'ban', roomId))).toBe('forbidden');
  const muted = await sanction(moderator, guest, 'mute', roomId);
  expect(await outcome(guest.say(roomId, 'x'))).toBe('silenced');
  await guest.call('appeal', { params: { sanctionId: muted.id }, body: { text: 'I am new here' } });
  const { sanctions } = await admin.call('appeals', { query: {} });
  expect(sanctions.map(({ id }) => id)).toEqual([muted.id]);
  await admin.call('decideAppeal', { params: { sanctionId: muted.id }, body: { granted: true, note: 'Welcome' } });
  expect(await outcome(guest.say(roomId, 'x'))).toBe('ok');
  await sanction(moderator, guest, 'ban', roomId, { removeMessages: 'hour' });
  expect(await outcome(guest.call('joinRoom', { params: { roomId } }))).toBe('banned_here');
});

describe('a warning', () => {
  test('is told live on all devices, kept, and says neither who nor more than that', async () => {
    const { owner, member, roomId } = await room(server);
    const devices = [await member.connect(), await member.connect()];
    const warned = await sanction(owner, member, 'warn', roomId);
    await heard(server, ...devices);
    for (const { events } of devices) {
      expect(events.filter(({ event }) => event === 'notice')).toMatchObject([
        { payload: { notice: { type: 'warned', roomId, sanctionId: warned.id, reason: 'Be kind' }, unseen: 1 } },
      ]);
    }
    const { sanctions } = await member.call('sanctions', {});
    expect(sanctions).toEqual([{ ...warned, by: null }]);
    expect(JSON.stringify([sanctions, devices[0]?.events])).not.toContain(owner.id);
    expect(await trail(member.id)).toMatchObject([{ action: 'member.warned', actor_id: owner.id, room_id: roomId }]);
  });

  test('reaches nobody who never was in the room: rooms are no way to write to strangers', async () => {
    const { owner, stranger, roomId } = await room(server);
    for (const type of ['warn', 'mute', 'kick'] as const) {
      await expect(sanction(owner, stranger, type, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    }
    await sanction(owner, stranger, 'ban', roomId);
    expect((await stranger.call('notices', { query: {} })).notices).toEqual([]);
  });
});

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
    const lift = () =>
      owner.call('liftSanction', { params: { sanctionId: muted.id }, body: { reason: 'That will do' } });
    const [lifted] = [await lift(), await lift()];
    expect(lifted.liftedAt).toEqual(expect.any(Number));
    expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
    expect((await trail(member.id)).map(({ action }) => action)).toEqual(['sanction.lifted', 'member.muted']);
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
    await owner.call('liftSanction', { params: { sanctionId: first.id }, body: { reason: 'x' } });
    expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
    await owner.call('liftSanction', { params: { sanctionId: second.id }, body: { reason: 'x' } });
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
    await expectConverges(roomId, [owner, member], () =>
      owner.call('liftSanction', { params: { sanctionId: muted.id }, body: { reason: 'x' } }),
    );
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
    await moderator.call('liftSanction', { params: { sanctionId: muted.id }, body: { reason: 'x' } });
    await server.settle();
    expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  });
});

describe('out of a room', () => {
  test('who is kicked is out of it and its threads at once, on every connection, and may come back', async () => {
    const { owner, member, other, roomId } = await room(server, 'public');
    const { id } = await owner.say(roomId, 'begin');
    const { room: thread } = await member.call('openThread', { params: { roomId, messageId: id } });
    const devices = [await member.connect(), await member.connect()];
    for (const device of devices) await device.ask('sync', { rooms: [] });
    await sanction(owner, member, 'kick', roomId);
    await heard(server, ...devices);
    for (const device of devices) device.events.length = 0;
    await other.say(roomId, 'unheard');
    await other.say(thread.id, 'unheard');
    await heard(server, ...devices);
    expect(devices.flatMap(({ events }) => events)).toEqual([]);
    expect(await outcome(member.say(roomId, 'x'))).toBe('not_found');
    expect(await outcome(sanction(owner, member, 'kick', roomId))).toBe('not_found');
    expect(await outcome(member.call('joinRoom', { params: { roomId } }))).toBe('ok');
    expect((await member.call('notices', { query: {} })).notices.map(({ type }) => type)).toEqual(['kicked']);
  });

  test('who is banned does not come back by any way, is told why and until when, and their invitations are gone', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const { code } = await member.call('createInvite', { params: { roomId }, body: {} });
    const { code: ours } = await owner.call('createInvite', { params: { roomId }, body: {} });
    const until = inAnHour();
    const banned = await sanction(owner, member, 'ban', roomId, { until });
    const refused = { body: { code: 'banned_here', details: { until, reason: 'Be kind' } } };
    await expect(member.call('joinRoom', { params: { roomId } })).rejects.toMatchObject(refused);
    await expect(member.call('acceptInvite', { params: { code: ours } })).rejects.toMatchObject(refused);
    await expect(
      owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } }),
    ).rejects.toMatchObject(refused);
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
    await owner.call('liftSanction', { params: { sanctionId: banned.id }, body: { reason: 'Sorry' } });
    expect(await outcome(member.call('joinRoom', { params: { roomId } }))).toBe('ok');
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
  });

  test('invitations of whoever was kicked stay gone when they are back', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const { code } = await member.call('createInvite', { params: { roomId }, body: {} });
    await sanction(owner, member, 'kick', roomId);
    await member.call('joinRoom', { params: { roomId } });
    await expect(owner.call('invite', { params: { code } })).rejects.toMatchObject(refusedWith('invite_invalid'));
  });

  test('somebody who never was there is banned in advance', async () => {
    const { owner, stranger, roomId } = await room(server, 'public');
    await sanction(owner, stranger, 'ban', roomId);
    await expect(stranger.call('joinRoom', { params: { roomId } })).rejects.toMatchObject({
      body: { code: 'banned_here', details: { until: null } },
    });
  });

  test('converges for those who stay and for those who go', async () => {
    const { owner, member, other, roomId } = await room(server);
    await expectConverges(roomId, [owner, other, member], () => sanction(owner, member, 'ban', roomId));
  });
});

describe('of 50 at the same time', () => {
  test('a ban and what they send: after its answer nothing of theirs is stored', async () => {
    const { owner, member, roomId } = await room(server);
    const sending = Array.from({ length: 50 }, (_, i) => outcome(member.say(roomId, `${i}`)));
    await sanction(owner, member, 'ban', roomId);
    const stored = async () =>
      (await owner.call('messages', { params: { roomId }, query: { limit: '100' } })).messages.filter(
        (m) => m.senderId === member.id && m.kind === 'text',
      ).length;
    const then = await stored();
    const late = Array.from({ length: 10 }, () => outcome(member.say(roomId, 'late')));
    const outcomes = await Promise.all(sending);
    expect(await Promise.all(late)).toEqual(Array.from({ length: 10 }, () => 'not_found'));
    expect(await stored()).toBe(then);
    expect(outcomes.filter((each) => each === 'ok')).toHaveLength(then);
  });

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

  test('kicks take one person out once', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => outcome(sanction(owner, member, 'kick', roomId))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'not_found'), 'ok']);
    expect((await trail(member.id)).map(({ action }) => action)).toEqual(['member.kicked']);
    expect((await owner.call('room', { params: { roomId } })).room.memberCount).toBe(2);
  });

  test('a ban and those who come in: nobody who is banned is in the room', async () => {
    const { owner, stranger, roomId } = await room(server, 'public');
    const joining = Array.from({ length: 49 }, () => outcome(stranger.call('joinRoom', { params: { roomId } })));
    await sanction(owner, stranger, 'ban', roomId);
    // Whoever came in and was out again before the answer is told that there is no such room for them.
    for (const each of await Promise.all(joining)) expect(['ok', 'not_found', 'banned_here']).toContain(each);
    expect(await outcome(stranger.call('joinRoom', { params: { roomId } }))).toBe('banned_here');
    const { members } = await owner.call('members', { params: { roomId }, query: {} });
    expect(members.map(({ userId }) => userId)).not.toContain(stranger.id);
  });

  test('bans of one person: one is in force, and all are in the trail', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const bans = await Promise.all(Array.from({ length: 50 }, () => sanction(owner, member, 'ban', roomId)));
    const { sanctions } = await member.call('sanctions', {});
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toHaveLength(1);
    expect(await trail(member.id)).toHaveLength(50);
    expect(new Set(bans.map(({ id }) => id)).size).toBe(50);
  });
});

test('whoever is removed by those who moderate stands in the trail, as after a kick; whoever leaves does not', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  const remove = (by: Person, whom: Person) => by.call('removeMember', { params: { roomId, userId: whom.id } });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(remove(owner, member))));
  expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'not_found'), 'ok']);
  const entry = { action: 'member.removed', actor_id: owner.id, room_id: roomId };
  expect(await trail(member.id)).toMatchObject([entry]);
  expect(await outcome(remove(other, owner))).toBe('forbidden');
  await remove(other, other);
  expect([...(await trail(other.id)), ...(await trail(owner.id))]).toEqual([]);
});

describe('removing messages', () => {
  test('erases all of one person, in threads too, for everyone and for search; others stay; all of it is recorded', async () => {
    const { owner, member, other, roomId } = await room(server);
    const first = await member.say(roomId, 'spamword one');
    const { room: thread } = await other.call('openThread', { params: { roomId, messageId: first.id } });
    for (let i = 0; i < 60; i++) await member.say(roomId, `spamword ${i}`);
    await member.say(thread.id, 'spamword in the thread');
    const theirs = await other.say(roomId, 'spamword is a word');
    await other.call('react', { params: { roomId, messageId: first.id }, body: { emoji: '👍', on: true } });
    const remove = () =>
      owner.call('removeMessages', { params: { roomId, userId: member.id }, body: { since: 'hour', reason: 'Spam' } });
    const { removed } = await expectConverges(roomId, [owner, other], remove);
    expect(removed).toBe(62);
    const { hits } = await owner.call('search', { query: { q: 'spamword', roomId } });
    expect(hits.map((hit) => hit.message.id)).toEqual([theirs.id]);
    const { message } = await other.call('message', { params: { roomId, messageId: first.id } });
    expect([message.body, message.reactions]).toEqual(['', undefined]);
    expect(message.deletedAt).not.toBe(null);
    expect(await remove()).toEqual({ removed: 0 });
    const entries = await trail(member.id);
    expect(entries.map(({ action, room_id }) => [action, room_id])).toEqual(
      Array.from({ length: 3 }, () => ['messages.removed', roomId]),
    );
    const counts = entries.map(({ details }) => details as { count: number; threadId?: string });
    expect(counts.filter(({ threadId }) => threadId === undefined).map(({ count }) => count)).toEqual([11, 50]);
    expect(counts.filter(({ threadId }) => threadId === thread.id).map(({ count }) => count)).toEqual([1]);
    expect((await member.call('notices', { query: {} })).notices.map(({ type }) => type)).toEqual(['messages_removed']);
  });

  test('that breaks off has told and recorded what it deleted; again, it goes on', async () => {
    const { owner, member, roomId } = await room(server);
    for (let i = 0; i < 60; i++) await member.say(roomId, `spam ${i}`);
    await db.query(`
      CREATE FUNCTION chat.break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken off'; END $$;
      CREATE TRIGGER break_off BEFORE UPDATE ON chat.messages FOR EACH ROW
        WHEN (NEW.room_id = '${roomId}' AND NEW.n = 55) EXECUTE FUNCTION chat.break_off()`);
    const remove = () =>
      owner.call('removeMessages', { params: { roomId, userId: member.id }, body: { since: 'hour', reason: 'Spam' } });
    expect(await outcome(remove())).toBe('internal');
    await db.query('DROP FUNCTION chat.break_off CASCADE');
    const { messages } = await owner.call('messages', { params: { roomId }, query: { limit: '60' } });
    expect(messages.filter(({ deletedAt }) => deletedAt !== null)).toHaveLength(50);
    expect(await trail(member.id)).toMatchObject([{ action: 'messages.removed', details: { count: 50 } }]);
    const told = async () => (await member.call('notices', { query: {} })).notices.map(({ type }) => type);
    expect(await told()).toEqual(['messages_removed']);
    expect(await remove()).toEqual({ removed: 10 });
    expect((await trail(member.id)).map(({ details }) => details)).toMatchObject([{ count: 10 }, { count: 50 }]);
  });

  test('at the same time removes each once', async () => {
    const { owner, member, roomId } = await room(server);
    await Promise.all(Array.from({ length: 60 }, (_, i) => member.say(roomId, `${i}`)));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        owner.call('removeMessages', { params: { roomId, userId: member.id }, body: { since: 'day', reason: 'Spam' } }),
      ),
    );
    expect(answers.reduce((sum, { removed }) => sum + removed, 0)).toBe(60);
  });

  test('goes with a ban, and is for those above alone', async () => {
    const { owner, member, other, roomId } = await room(server);
    await member.say(roomId, 'spam');
    const params = { roomId, userId: owner.id };
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    const body = { since: 'hour', reason: 'x' } as const;
    expect(await outcome(other.call('removeMessages', { params, body }))).toBe('forbidden');
    expect(await outcome(member.call('removeMessages', { params, body }))).toBe('forbidden');
    await sanction(other, member, 'ban', roomId, { removeMessages: 'hour' });
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    expect(
      messages.filter((each) => each.senderId === member.id && each.kind === 'text').map((each) => each.body),
    ).toEqual(['']);
  });
});

describe('what is known of somebody', () => {
  test('is told to those who moderate: of the instance all of it, of a room what happened there', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const moderator = await server.person('imod', 'moderator');
    const here = await sanction(owner, member, 'warn', roomId);
    const everywhere = await sanction(moderator, member, 'warn', null);
    const params = { userId: member.id };
    const note = await moderator.call('noteUser', { params, body: { text: 'Talked to them' } });
    const all = await moderator.call('moderatedUser', { params });
    expect(all.sanctions.map(({ id }) => id)).toEqual([everywhere.id, here.id]);
    expect(all.notes).toMatchObject([{ id: note.id, by: moderator.id, text: 'Talked to them' }]);
    expect(all.users.map(({ id }) => id).toSorted()).toEqual([moderator.id, owner.id].toSorted());
    const some = await owner.call('moderatedUser', { params });
    expect([some.sanctions.map(({ id }) => id), some.notes]).toEqual([[here.id], []]);
    expect(await outcome(stranger.call('moderatedUser', { params }))).toBe('forbidden');
    expect(await outcome(owner.call('noteUser', { params, body: { text: 'x' } }))).toBe('forbidden');
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
