import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { startWorld, type World } from '../../../test/nodes.ts';
import { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

const clock = new FakeClock();
const invalid = refusedWith('invite_invalid');
let server: World;
/** Where time is that of `clock`. */
let timed: TestServer;
beforeAll(async () => {
  [server, timed] = await Promise.all([startWorld({ MAX_ROOM_MEMBERS: '60' }), startServer({}, { clock })]);
});
afterAll(async () => {
  await Promise.all([server.stop(), timed.stop()]);
});

const make = (by: Person, roomId: string, body: { expiresAt?: number; maxUses?: number } = {}) =>
  by.call('createInvite', { params: { roomId }, body });
const accept = (by: Person, code: string) => by.call('acceptInvite', { params: { code } });
const preview = (by: Person, code: string) => by.call('invite', { params: { code } });
const list = async (by: Person, roomId: string) => (await by.call('invites', { params: { roomId } })).invites;

describe('an invitation', () => {
  test('leads who holds its code into the room; it converges for those who are there', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const invite = await make(owner, roomId);
    expect(invite).toMatchObject({ roomId, createdBy: owner.id, expiresAt: null, maxUses: null, uses: 0 });
    expect(invite.code.length).toBeGreaterThanOrEqual(22);
    expect(await preview(stranger, invite.code)).toEqual({
      room: { id: roomId, kind: 'group', name: 'Gardeners', topic: '', avatar: null, memberCount: 3 },
      joined: false,
    });
    const snapshot = await expectConverges(roomId, [owner, member], () => accept(stranger, invite.code));
    expect(snapshot.room).toMatchObject({ id: roomId, memberCount: 4 });
    expect(snapshot.me.role).toBe('member');
    expect((await preview(stranger, invite.code)).joined).toBe(true);
    expect((await list(owner, roomId))[0]?.uses).toBe(1);
  });

  test('lets in as many as it may, also when many more come at once', async () => {
    const { owner, roomId } = await room(server);
    const people = await Promise.all(Array.from({ length: 50 }, () => server.person()));
    const { code } = await make(owner, roomId, { maxUses: 5 });
    const tries = await Promise.allSettled(people.map((person) => accept(person, code)));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(5);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject(invalid);
    expect((await owner.call('room', { params: { roomId } })).room.memberCount).toBe(8);
  });

  test('is not used up by who is a member already, nor by the retry of who became one by it', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const { code } = await make(owner, roomId, { maxUses: 1 });
    await accept(member, code);
    expect((await list(owner, roomId))[0]?.uses).toBe(0);
    await accept(stranger, code);
    const { room: after } = await accept(stranger, code);
    expect(after.memberCount).toBe(4);
  });

  test('is not used up by who cannot join', async () => {
    const { owner, stranger, roomId } = await room(server);
    const { code } = await make(owner, roomId, { maxUses: 1 });
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(accept(stranger, code)).rejects.toMatchObject(refusedWith('room_archived'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    await accept(stranger, code);
  });

  test('of somebody banned from the instance or disabled leads nowhere, until they are back', async () => {
    const admin = await server.person('admin', 'owner');
    const { owner, member, other, stranger, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'admin' } });
    const ways = [
      async () => {
        const body = { userId: member.id, roomId: null, type: 'ban', reason: 'Spam' } as const;
        const { id } = await admin.call('sanction', { body });
        return () => admin.call('liftSanction', { params: { sanctionId: id }, body: { reason: 'Sorry' } });
      },
      async () => {
        await admin.call('disableAccount', { params: { userId: member.id }, body: { reason: 'Spam' } });
        return () => admin.call('enableAccount', { params: { userId: member.id } });
      },
    ];
    for (const shutOut of ways) {
      const back = await Person.signIn(member.url, `${member.signedIn.user.username}@example.com`, 'a good password');
      const { code } = await make(back, roomId);
      await accept(other, code);
      const undo = await shutOut();
      await expect(accept(stranger, code)).rejects.toMatchObject(invalid);
      await expect(preview(stranger, code)).rejects.toMatchObject(invalid);
      expect((await list(owner, roomId)).map((invite) => invite.code)).not.toContain(code);
      // Whoever is in the room by then is told so all the same.
      expect((await accept(other, code)).room.id).toBe(roomId);
      await undo();
      expect((await preview(stranger, code)).joined).toBe(false);
    }
  });

  test('unknown, revoked, expired, used up, or of a deleted room: each is told in the same words', async () => {
    const { owner, stranger, roomId } = await room(timed);
    const { owner: otherOwner, roomId: deletedId } = await room(timed);
    const [revoked, expired, usedUp, deleted] = await Promise.all([
      make(owner, roomId),
      make(owner, roomId, { expiresAt: clock.now() + 1000 }),
      make(owner, roomId, { maxUses: 1 }),
      make(otherOwner, deletedId),
    ]);
    await preview(stranger, expired.code);
    await owner.call('revokeInvite', { params: { roomId, inviteId: revoked.id } });
    await accept(await timed.person(), usedUp.code);
    await otherOwner.call('deleteRoom', { params: { roomId: deletedId } });
    await clock.advance(1000);
    for (const code of ['no-such-invitation', revoked.code, expired.code, usedUp.code, deleted.code]) {
      await expect(preview(stranger, code)).rejects.toMatchObject(invalid);
      await expect(accept(stranger, code)).rejects.toMatchObject(invalid);
    }
    expect(await list(owner, roomId)).toEqual([]);
  });

  test('brings back who was removed only while it can be used', async () => {
    const { owner, member, roomId } = await room(server);
    const invite = await make(owner, roomId);
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    expect((await accept(member, invite.code)).me.role).toBe('member');
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    await owner.call('revokeInvite', { params: { roomId, inviteId: invite.id } });
    await expect(accept(member, invite.code)).rejects.toMatchObject(invalid);
  });
});

describe('who may', () => {
  test('in a group moderators and above invite, in a public room every member, elsewhere nobody', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    await expect(make(member, roomId)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(list(member, roomId)).rejects.toMatchObject(refusedWith('forbidden'));
    for (const id of [roomId, randomUUID()]) {
      await expect(make(stranger, id)).rejects.toMatchObject(refusedWith('not_found'));
      await expect(list(stranger, id)).rejects.toMatchObject(refusedWith('not_found'));
    }
    await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
    await make(member, roomId);
    const open = await room(server, 'public');
    await make(open.member, open.roomId);
    const direct = await owner.call('directRoom', { body: { userId: member.id } });
    await expect(make(owner, direct.room.id)).rejects.toMatchObject(refusedWith('forbidden'));
    const { id: messageId } = await owner.say(roomId, 'about this');
    const thread = await owner.call('openThread', { params: { roomId, messageId } });
    await expect(make(owner, thread.room.id)).rejects.toMatchObject(refusedWith('forbidden'));
  });

  test('whoever made one, and moderators, revoke it; others and other rooms do not', async () => {
    const { owner, member, other, stranger, roomId } = await room(server, 'public');
    const elsewhere = await room(server, 'public');
    const [first, second] = await Promise.all([make(member, roomId), make(member, roomId)]);
    const revoke = (by: Person, id: string, inviteId: string) =>
      by.call('revokeInvite', { params: { roomId: id, inviteId } });
    await expect(revoke(other, roomId, first.id)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(revoke(stranger, roomId, first.id)).rejects.toMatchObject(refusedWith('not_found'));
    await expect(revoke(elsewhere.owner, elsewhere.roomId, first.id)).rejects.toMatchObject(refusedWith('not_found'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(make(owner, roomId)).rejects.toMatchObject(refusedWith('room_archived'));
    await revoke(member, roomId, first.id);
    expect((await list(owner, roomId)).map((invite) => invite.id)).toEqual([second.id]);
    await revoke(owner, roomId, second.id);
    await expect(revoke(owner, roomId, second.id)).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('a room has only so many that can be used, and one that has expired already is refused by field', async () => {
    const { owner, roomId } = await room(timed);
    await make(owner, roomId, { expiresAt: clock.now() + 10 });
    await clock.advance(10);
    const tries = await Promise.allSettled(
      Array.from({ length: LIMITS.invitesPerRoom + 3 }, () => make(owner, roomId)),
    );
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(LIMITS.invitesPerRoom);
    await expect(make(owner, roomId)).rejects.toMatchObject(refusedWith('limit_reached'));
    const { owner: another, roomId: fresh } = await room(timed);
    await expect(make(another, fresh, { expiresAt: clock.now() })).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'expiresAt' }] } },
    });
  });
});

test('expired invitations of a room are not gathered without bound', async () => {
  const { owner, roomId } = await room(timed);
  const client = new pg.Client({ connectionString: timed.databaseUrl });
  await client.connect();
  try {
    for (let i = 0; i < 5; i += 1) {
      await make(owner, roomId, { expiresAt: clock.now() + 1 });
      await clock.advance(2);
    }
    const { rows } = await client.query('SELECT FROM chat.invites WHERE room_id = $1', [roomId]);
    expect(rows).toHaveLength(1);
  } finally {
    await client.end();
  }
});

test('the invitations of someone who is removed end with their membership', async () => {
  const { owner, member, stranger, roomId } = await room(server);
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
  const [own, kept] = [await make(member, roomId), await make(owner, roomId)];
  await owner.call('removeMember', { params: { roomId, userId: member.id } });
  await expect(accept(member, own.code)).rejects.toMatchObject(invalid);
  expect((await accept(stranger, kept.code)).room.id).toBe(roomId);
});

test('the invitations of someone who may no longer invite, or has left, lead nowhere', async () => {
  const { owner, member, other, stranger, roomId } = await room(server);
  for (const { id: userId } of [member, other]) {
    await owner.call('updateMember', { params: { roomId, userId }, body: { role: 'moderator' } });
  }
  const [demoted, left, kept] = [await make(member, roomId), await make(other, roomId), await make(owner, roomId)];
  expect((await preview(stranger, demoted.code)).joined).toBe(false);
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'member' } });
  await other.call('removeMember', { params: { roomId, userId: other.id } });
  for (const { code } of [demoted, left]) {
    await expect(preview(stranger, code)).rejects.toMatchObject(invalid);
    await expect(accept(stranger, code)).rejects.toMatchObject(invalid);
  }
  expect((await list(owner, roomId)).map((invite) => invite.id)).toEqual([kept.id]);
  expect((await accept(stranger, kept.code)).room.id).toBe(roomId);
});
