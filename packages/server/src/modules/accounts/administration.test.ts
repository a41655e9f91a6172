import { randomUUID } from 'node:crypto';
import { type Account, isAtLeast, ranksAbove, type Role } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../../test/accounts.ts';
import { type Administered, DEEDS, startAdministered } from '../../../test/administration.ts';
import { readLog, verifyLog } from '../safety/index.ts';

const ROLES: readonly Role[] = ['owner', 'admin', 'moderator', 'user', 'guest'];

let on: Administered;
beforeAll(async () => {
  on = await startAdministered();
});
afterAll(() => on.world.close());
// Each test begins without an owner.
beforeEach(async () => {
  await on.world.db.query(`update accounts.users set role = 'user' where role = 'owner'`);
  on.frames.length = 0;
});

describe('who may act on whom', () => {
  test.each(ROLES)('%s: on those below; owners give roles to owners too; on nobody else', async (role) => {
    // The second owner is there so that this is not about the last one.
    const [by] = [await on.someone(role), await on.someone('owner')];
    for (const other of ROLES) {
      const whom = await on.someone(other);
      for (const deed of DEEDS) {
        const { code } = await on.act(by, deed, whom);
        const reaches = deed === 'setRole' ? ranksAbove(role, other) : !isAtLeast(other, role);
        const may = ['owner', 'admin'].includes(role) && reaches;
        const expected = role === 'guest' ? 'members_only' : may ? undefined : 'forbidden';
        // Guests become members by their own doing.
        expect
          .soft(code, `${deed} of ${other}`)
          .toBe(deed === 'setRole' && may && other === 'guest' ? 'forbidden' : expected);
      }
    }
  });

  test('nobody gives a role that is not below their own, but owners', async () => {
    const admin = await on.someone('admin');
    for (const role of ['owner', 'admin'] as const) {
      expect((await on.act(admin, 'setRole', await on.someone(), { role })).code).toBe('forbidden');
    }
    expect((await on.act(admin, 'setRole', await on.someone(), { role: 'moderator' })).body).toMatchObject({
      role: 'moderator',
    });
    const owner = await on.someone('owner');
    for (const role of ['owner', 'admin'] as const) {
      expect((await on.act(owner, 'setRole', await on.someone(), { role })).body).toMatchObject({ role });
    }
  });

  test('nobody keeps themself out, or signs themself out, in this way', async () => {
    await on.someone('owner');
    const owner = await on.someone('owner');
    for (const deed of DEEDS.filter((one) => one !== 'setRole')) {
      expect((await on.act(owner, deed, owner)).code, deed).toBe('forbidden');
    }
    expect(await on.isSignedIn(owner)).toBe('yes');
  });

  test('the last owner stays owner; of two who give it up at once one stays', async () => {
    const first = await on.someone('owner');
    expect((await on.act(first, 'setRole', first, { role: 'admin' })).code).toBe('last_owner');
    const second = await on.someone('owner');
    const answers = await Promise.all([first, second].map((one) => on.act(one, 'setRole', one, { role: 'admin' })));
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual(['last_owner', 'ok']);
    const { rows } = await on.world.db.query(`select id from accounts.users where role = 'owner'`);
    expect(rows).toHaveLength(1);
  });

  test('an owner who cannot come in does not count', async () => {
    const [first, second] = [await on.someone('owner'), await on.someone('owner')];
    const setState = (state: string) =>
      on.world.db.query('update accounts.users set state = $2 where id = $1', [second.id, state]);
    await setState('disabled');
    expect((await on.act(first, 'setRole', first, { role: 'user' })).code).toBe('last_owner');
    await setState('active');
    expect((await on.act(first, 'setRole', first, { role: 'user' })).status).toBe(200);
  });

  test('two owners who take each other’s role at once: one does, the other is refused', async () => {
    const [one, two] = [await on.someone('owner'), await on.someone('owner')];
    const answers = await Promise.all([
      on.act(one, 'setRole', two, { role: 'user' }),
      on.act(two, 'setRole', one, { role: 'user' }),
    ]);
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual(['forbidden', 'ok']);
  });

  test('what somebody above has closed is not opened from below, nor by closing it again', async () => {
    const [owner, admin, whom] = [await on.someone('owner'), await on.someone('admin'), await on.someone()];
    await on.act(owner, 'disableAccount', whom);
    expect((await on.act(admin, 'disableAccount', whom)).status).toBe(200);
    expect((await on.act(admin, 'enableAccount', whom)).code).toBe('forbidden');
    expect((await on.signIn(whom)).code).toBe('account_disabled');
    expect((await on.act(owner, 'enableAccount', whom)).status).toBe(200);
    await on.act(admin, 'disableAccount', whom);
    expect((await on.act(await on.someone('admin'), 'enableAccount', whom)).status).toBe(200);
  });

  test('who is nobody, or deleted, is not found', async () => {
    const [owner, left] = [await on.someone('owner'), await on.someone()];
    await on.caller.call('deleteAccount', { token: left.token, body: { username: left.username } });
    for (const deed of DEEDS) {
      expect((await on.act(owner, deed, { id: randomUUID() })).code, deed).toBe('not_found');
      expect((await on.act(owner, deed, left)).code, deed).toBe('not_found');
    }
  });
});

describe('a role', () => {
  test('holds at once for tokens that are out, on every node that hears of it; profiles show it; it is audited', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    const other = await on.world.node({ clock: on.world.clock, bus: on.world.bus });
    const may = async (by: Caller) => (await by.call('accounts', { token: whom.token })).code ?? 'yes';
    const role = async (by: Caller) =>
      ((await by.call('user', { token: owner.token, params: { userId: whom.id } })).body as Account).role;
    expect([await may(on.caller), await may(other.caller())]).toEqual(['forbidden', 'forbidden']);
    on.frames.length = 0;
    await on.act(owner, 'setRole', whom, { role: 'admin' });
    expect([await may(on.caller), await may(other.caller())]).toEqual(['yes', 'yes']);
    expect([await role(on.caller), await role(other.caller())]).toEqual(['admin', 'admin']);
    expect(await other.accounts.publicUsers([whom.id])).toEqual([expect.objectContaining({ role: 'admin' })]);
    expect(on.frames).toEqual([
      { event: 'sessions:changed', payload: { userIds: [whom.id] } },
      { event: 'caches:stale', payload: { profiles: [whom.id] } },
    ]);
    await on.act(owner, 'setRole', whom, { role: 'user' });
    expect([await may(on.caller), await may(other.caller())]).toEqual(['forbidden', 'forbidden']);
    expect(await on.audited(owner, whom)).toEqual([
      expect.objectContaining({ action: 'role.changed', details: { from: 'admin', to: 'user' } }),
      expect.objectContaining({ action: 'role.changed', details: { from: 'user', to: 'admin' } }),
    ]);
  });

  test('given again changes nothing, and is not audited', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    expect((await on.act(owner, 'setRole', whom, { role: 'user' })).status).toBe(200);
    expect(await on.audited(owner, whom)).toEqual([]);
    expect(on.frames).toEqual([]);
  });

  test('is given only shortly after one proved who one is', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    await on.world.clock.advance(10 * 60_000);
    expect((await on.act(owner, 'setRole', whom, { role: 'admin' })).code).toBe('step_up_required');
  });

  test('taken from whoever uses it at that moment holds for what comes after', async () => {
    const [owner, admin, whom] = [await on.someone('owner'), await on.someone('admin'), await on.someone()];
    await on.act(owner, 'setRole', admin, { role: 'user' });
    expect((await on.act(admin, 'ban', whom)).code).toBe('forbidden');
    expect(await on.isSignedIn(whom)).toBe('yes');
  });
});

test('what is done to accounts stands in the trail of moderation, with who, to whom and why, once', async () => {
  const [owner, whom] = [await on.someone('owner'), await on.someone()];
  for (const deed of ['disableAccount', 'enableAccount', 'signOutAccount'] as const) {
    await on.act(owner, deed, whom);
    if (deed !== 'signOutAccount') await on.act(owner, deed, whom);
  }
  for (let i = 0; i < 2; i += 1) await on.act(owner, 'setRole', whom, { role: 'moderator' });
  await on.act(whom, 'disableAccount', owner);
  const commands = on.world.accounts.commands;
  await commands.grantRole(whom.username, 'user');
  await on.signIn(whom);
  await commands.endSessions(whom.username);
  const { entries } = await readLog(on.world.db, { targetId: whom.id }, { limit: 100 });
  const done = { targetId: whom.id, roomId: null, reason: null };
  const byOwner = { ...done, actorId: owner.id };
  const byCommand = { ...done, actorId: null };
  expect(entries.toReversed()).toMatchObject([
    { ...byOwner, action: 'account.disabled', reason: 'Spam' },
    { ...byOwner, action: 'account.enabled' },
    { ...byOwner, action: 'account.signed_out' },
    { ...byOwner, action: 'role.changed', details: { from: 'user', to: 'moderator' } },
    { ...byCommand, action: 'role.changed', details: { from: 'moderator', to: 'user' } },
    { ...byCommand, action: 'account.signed_out', details: { sessions: 1 } },
  ]);
  expect((await readLog(on.world.db, { targetId: owner.id }, { limit: 100 })).entries).toEqual([]);
  expect(await verifyLog(on.world.db)).toMatchObject({ broken: null });
});
