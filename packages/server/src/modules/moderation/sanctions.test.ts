/** Who may sanction whom, what a warning is, and what those who moderate know of somebody. */
import { randomUUID } from 'node:crypto';
import type { Role } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../../test/nodes.ts';
import { outcome, type Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { inAnHour, sanction, trail } from '../../../test/sanctions.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
beforeAll(async () => {
  server = await startWorld();
});
afterAll(() => server.stop());

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
    expect(await trail(server, member.id)).toMatchObject([
      { action: 'member.warned', actor_id: owner.id, room_id: roomId },
    ]);
  });

  test('reaches nobody who never was in the room: rooms are no way to write to strangers', async () => {
    const { owner, stranger, roomId } = await room(server);
    for (const type of ['warn', 'mute', 'kick'] as const) {
      await expect(sanction(owner, stranger, type, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    }
    const banned = await sanction(owner, stranger, 'ban', roomId);
    expect((await stranger.call('notices', { query: {} })).notices).toEqual([]);
    // What it does they may appeal against; the words are for whoever tries to come in.
    expect((await stranger.call('sanctions', {})).sanctions).toEqual([{ ...banned, by: null, reason: '' }]);
    // What is over, and they never heard of, is nothing to them.
    await sanction(owner, stranger, 'ban', roomId);
    expect((await stranger.call('sanctions', {})).sanctions.map(({ id }) => id)).not.toContain(banned.id);
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

  test('is not pushed out of sight by what people do in rooms of their own', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const moderator = await server.person('imod', 'moderator');
    const real = await sanction(moderator, member, 'warn', null);
    await sql(
      server,
      `INSERT INTO safety.sanctions (sanction_id, type, user_id, room_id, reason, imposed_by, created_at)
       SELECT gen_random_uuid(), 'warn', $1, $2, 'Noise', $3, now() + i * interval '1 second' FROM generate_series(1, 600) AS i`,
      [member.id, roomId, owner.id],
    );
    const { sanctions } = await moderator.call('moderatedUser', { params: { userId: member.id } });
    expect(sanctions.map(({ id }) => id)).toContain(real.id);
    expect(sanctions).toHaveLength(501);
    const mine = await member.call('sanctions', {});
    expect(mine.sanctions).toEqual([{ ...real, by: null }]);
  });
});
