import type { Account, AuditEntry, ErrorBody, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Administered, type Someone, startAdministered } from '../../../test/administration.ts';
import { memoryBus } from '../../platform/bus/memory.ts';

const HOUR = 3_600_000;

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

describe('a ban', () => {
  test('ends every session at once and keeps out of every way in, saying why and until when', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    await on.signIn(whom);
    on.frames.length = 0;
    const until = on.world.clock.now() + HOUR;
    const { status, body } = await on.act(owner, 'ban', whom, { reason: 'Spam', until });
    const ban = { since: on.world.clock.now(), until, reason: 'Spam' };
    expect([status, body]).toMatchObject([200, { id: whom.id, ban }]);
    expect(on.frames).toEqual([
      {
        event: 'sessions:ended',
        payload: { sessionIds: [expect.any(String), expect.any(String)], reason: 'banned', userId: whom.id },
      },
    ]);
    expect(await on.isSignedIn(whom)).toBe('session_ended');
    for (const refused of [await on.signIn(whom), await on.caller.refresh(whom.refreshToken)]) {
      expect([refused.status, refused.code]).toEqual([403, 'account_banned']);
      expect(refused.body).toMatchObject({ error: { details: { ban } } });
    }
    expect(await on.audited(owner, whom)).toEqual([
      {
        id: expect.any(String) as string,
        at: on.world.clock.now(),
        action: 'account.banned',
        actorId: owner.id,
        targetId: whom.id,
        ip: '127.0.0.1',
        requestId: expect.any(String) as string,
        details: { reason: 'Spam', until },
      },
    ]);
  });

  test('and disabling are known to other nodes by a hint, for what they let in before; whoever is let in again is not kept out', async () => {
    const { clock, bus, db } = on.world;
    const [hears, deaf] = [await on.world.node({ bus, clock }), await on.world.node({ bus: memoryBus(), clock })];
    const [owner, banned, disabled, other] = [
      await on.someone('owner'),
      await on.someone(),
      await on.someone(),
      await on.someone(),
    ];
    const ids = [banned.id, disabled.id, other.id];
    const out = async (node: typeof hears) => [...(await node.accounts.shutOutSince(db, ids))].toSorted();
    expect(await out(hears)).toEqual([]);
    await on.act(owner, 'ban', banned);
    await on.act(owner, 'disableAccount', disabled);
    await on.act(owner, 'signOutAccount', other);
    for (const node of [on.world, hears]) expect(await out(node)).toEqual([banned.id, disabled.id].toSorted());
    expect(await out(deaf)).toEqual([]);
    await on.act(owner, 'unban', banned);
    await on.act(owner, 'enableAccount', disabled);
    for (const node of [on.world, hears]) expect(await out(node)).toEqual([]);
  });

  test('is told, with what to appeal with, to whoever holds the newest refresh token of before, and no other', async () => {
    const [owner, whom, other] = [await on.someone('owner'), await on.someone(), await on.someone()];
    const { refreshToken = '' } = (await on.caller.refresh(whom.refreshToken)).body as SignedIn;
    const signedOut = (await on.signIn(whom)).body as SignedIn;
    await on.caller.call('signOut', { body: { refreshToken: signedOut.refreshToken } });
    await on.act(owner, 'ban', whom, { reason: 'Spam', until: on.world.clock.now() + HOUR });
    const answer = await on.caller.refresh(refreshToken);
    const { appeal = '' } = (answer.body as { error: ErrorBody }).error.details?.ban ?? {};
    expect(on.world.accounts.bans.appellant(appeal)).toBe(whom.id);
    for (const token of [whom.refreshToken, signedOut.refreshToken ?? '']) {
      expect((await on.caller.refresh(token)).code).toBe('session_ended');
    }
    expect((await on.caller.refresh(`${refreshToken.slice(0, -1)}_`)).code).toBe('unauthenticated');
    expect((await on.caller.refresh(other.refreshToken)).status).toBe(200);
    await on.act(owner, 'disableAccount', whom);
    expect((await on.caller.refresh(refreshToken)).code).toBe('session_ended');
    await on.act(owner, 'enableAccount', whom);
    expect((await on.caller.refresh(refreshToken)).code).toBe('account_banned');
    await on.world.clock.advance(HOUR);
    expect((await on.caller.refresh(refreshToken)).code).toBe('session_ended');
  });

  test('is not told to whoever does not know the password', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    await on.act(owner, 'ban', whom);
    const body = { username: whom.username, password: 'not the password', transport: 'body' };
    expect((await on.caller.call('signIn', { body })).code).toBe('invalid_credentials');
  });

  test('is over at its time: who was banned signs in again, while the old sessions stay ended', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    await on.act(owner, 'ban', whom, { reason: 'Spam', until: on.world.clock.now() + HOUR });
    await on.world.clock.advance(HOUR - 1);
    expect((await on.signIn(whom)).code).toBe('account_banned');
    await on.world.clock.advance(1);
    expect((await on.signIn(whom)).status).toBe(200);
    expect((await on.caller.refresh(whom.refreshToken)).code).toBe('session_ended');
  });

  test('for good lasts until it is lifted; lifted again it does nothing', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    await on.act(owner, 'ban', whom);
    expect((await on.signIn(whom)).code).toBe('account_banned');
    expect((await on.act(owner, 'unban', whom)).body).toMatchObject({ ban: null });
    expect((await on.act(owner, 'unban', whom)).status).toBe(200);
    expect((await on.signIn(whom)).status).toBe(200);
    expect((await on.audited(owner, whom)).map(({ action }) => action)).toEqual(['account.unbanned', 'account.banned']);
  });

  test('that is over before it begins is refused', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    const { code, body } = await on.act(owner, 'ban', whom, { reason: 'Spam', until: on.world.clock.now() });
    expect(code).toBe('bad_input');
    expect(body).toMatchObject({ error: { details: { fields: [{ field: 'until' }] } } });
    expect(await on.isSignedIn(whom)).toBe('yes');
  });

  test('that comes while someone signs in leaves no session alive', async () => {
    const owner = await on.someone('owner');
    for (let round = 0; round < 5; round++) {
      const whom = await on.someone();
      const [answer] = await Promise.all([on.signIn(whom), on.act(owner, 'ban', whom)]);
      if (answer.status !== 200) continue;
      const { accessToken } = answer.body as SignedIn;
      expect((await on.caller.call('profile', { token: accessToken })).code).toBe('session_ended');
    }
  });
});

describe('a disabled account', () => {
  test('is closed until it is enabled: sessions end, no way in; search forgets it', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    const found = async () =>
      (
        (await on.caller.call('findUsers', { token: owner.token, query: { q: whom.username.slice(0, -1) } })).body as {
          users: { id: string }[];
        }
      ).users.some(({ id }) => id === whom.id);
    expect((await on.act(owner, 'disableAccount', whom)).body).toMatchObject({ state: 'disabled' });
    expect(on.frames[0]).toMatchObject({ payload: { reason: 'disabled' } });
    expect(await on.isSignedIn(whom)).toBe('session_ended');
    expect((await on.caller.refresh(whom.refreshToken)).code).toBe('session_ended');
    expect((await on.signIn(whom)).code).toBe('account_disabled');
    expect(await found()).toBe(false);
    expect((await on.act(owner, 'disableAccount', whom)).status).toBe(200);
    expect((await on.act(owner, 'enableAccount', whom)).body).toMatchObject({ state: 'active' });
    expect((await on.act(owner, 'enableAccount', whom)).status).toBe(200);
    expect((await on.signIn(whom)).status).toBe(200);
    expect((await on.caller.refresh(whom.refreshToken)).code).toBe('session_ended');
    expect(await found()).toBe(true);
    expect((await on.audited(owner, whom)).map(({ action }) => action)).toEqual([
      'account.enabled',
      'account.disabled',
    ]);
  });

  test('one that its owner closed opens when they sign in, one that was then disabled does not', async () => {
    const [owner, whom, other] = [await on.someone('owner'), await on.someone(), await on.someone()];
    for (const one of [whom, other]) await on.caller.call('deactivate', { token: one.token });
    await on.act(owner, 'disableAccount', other);
    expect(await on.isSignedIn(whom)).toBe('session_ended');
    expect((await on.signIn(whom)).status).toBe(200);
    expect((await on.caller.call('account', { token: owner.token, params: { userId: whom.id } })).body).toMatchObject({
      state: 'active',
    });
    expect((await on.signIn(other)).code).toBe('account_disabled');
  });
});

test('signed out by an administrator, all sessions end, and signing in again is possible', async () => {
  const [owner, whom] = [await on.someone('owner'), await on.someone()];
  await on.act(owner, 'signOutAccount', whom);
  expect(on.frames).toEqual([
    expect.objectContaining({ payload: { sessionIds: [expect.any(String)], reason: 'revoked', userId: whom.id } }),
  ]);
  expect(await on.isSignedIn(whom)).toBe('session_ended');
  expect((await on.signIn(whom)).status).toBe(200);
});

describe('lists', () => {
  const listed = async (by: Someone, query: Record<string, string>) => {
    const { body } = await on.caller.call('accounts', { token: by.token, query });
    return body as { accounts: Account[]; hasMore: boolean };
  };

  test('accounts are found by the beginning of username or address, role and state, a page at a time', async () => {
    const admin = await on.someone('admin');
    const all = [await on.someone(), await on.someone('moderator'), await on.someone()];
    const names = async (query: Record<string, string>) =>
      (await listed(admin, query)).accounts.map(({ username }) => username);
    for (const { username } of all) {
      expect(await names({ q: username.toUpperCase() })).toEqual([username]);
      expect(await names({ q: `${username}@exam` })).toEqual([username]);
    }
    expect(await names({ q: '%' })).toEqual([]);
    expect((await names({ role: 'moderator' }))[0]).toBe(all[1]?.username);
    await on.act(admin, 'disableAccount', all[0] ?? admin);
    expect((await names({ state: 'disabled' }))[0]).toBe(all[0]?.username);
    const first = await listed(admin, { limit: '2' });
    expect(first).toMatchObject({
      hasMore: true,
      accounts: [{ username: all[2]?.username }, { username: all[1]?.username }],
    });
    const next = await listed(admin, { limit: '2', before: first.accounts[1]?.id ?? '' });
    expect(next.accounts.map(({ username }) => username)).toEqual([all[0]?.username, admin.username]);
  });

  test('the audit log is read a page at a time, by actor, target and kind of action', async () => {
    const [owner, whom] = [await on.someone('owner'), await on.someone()];
    for (const deed of ['ban', 'unban', 'disableAccount', 'enableAccount'] as const) await on.act(owner, deed, whom);
    const read = async (query: Record<string, string>) =>
      (await on.caller.call('audit', { token: owner.token, query: { targetId: whom.id, ...query } })).body as {
        entries: AuditEntry[];
        hasMore: boolean;
      };
    const actions = async (query: Record<string, string>) => (await read(query)).entries.map(({ action }) => action);
    expect(await actions({ action: 'account.*' })).toEqual([
      'account.enabled',
      'account.disabled',
      'account.unbanned',
      'account.banned',
      'account.created',
    ]);
    expect(await actions({ action: 'account.banned' })).toEqual(['account.banned']);
    expect(await actions({ actorId: whom.id })).toEqual(['account.created']);
    const page = await read({ limit: '2' });
    expect(page.hasMore).toBe(true);
    const rest = await read({ before: page.entries[1]?.id ?? '' });
    expect(rest.entries.map(({ action }) => action)).toEqual(['account.unbanned', 'account.banned', 'account.created']);
  });

  test('the audit log cannot be changed, not even in the database', async () => {
    for (const change of [
      'update accounts.audit_log set ip = null',
      'delete from accounts.audit_log',
      'truncate accounts.audit_log',
    ]) {
      await expect(on.world.db.query(change)).rejects.toThrow('append-only');
    }
  });
});
