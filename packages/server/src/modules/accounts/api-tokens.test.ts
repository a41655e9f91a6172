import { createHash } from 'node:crypto';
import { type ApiToken, LIMITS, rest, Scope } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, type Caller, startAccounts } from '../../../test/accounts.ts';
import { FakeClock } from '../../platform/clock.ts';
import type { Frame } from '../../platform/bus/index.ts';

const DAY = 86_400_000;

let world: AccountsWorld;
let caller: Caller;
const frames: Frame[] = [];
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
  await world.bus.subscribe('sessions', (frame) => void frames.push(frame));
});
afterAll(() => world.close());

let people = 0;
async function someone(role = 'user') {
  const { user, accessToken } = await caller.signUp(`coder${people++}`);
  await world.db.query('update accounts.users set role = $2 where id = $1', [user.id, role]);
  return { id: user.id, token: accessToken };
}

function make(token: string, scopes: readonly string[], expiresInDays = 30): Promise<Answer> {
  return caller.call('createApiToken', { token, body: { name: 'Bot', scopes, expiresInDays } });
}

async function made(token: string, scopes: readonly string[], expiresInDays?: number) {
  const answer = await make(token, scopes, expiresInDays);
  expect(answer.status).toBe(201);
  return answer.body as ApiToken & { token: string };
}

async function listed(token: string): Promise<ApiToken[]> {
  const { body } = await caller.call('apiTokens', { token });
  return (body as { tokens: ApiToken[] }).tokens;
}

const codeOf = async (token: string, route: 'profile' | 'user' | 'accounts' = 'profile', userId = '') =>
  (await caller.call(route, { token, params: { userId } })).code;

describe('an API token', () => {
  test('is shown once, begins with confab_, and is stored as its SHA-256 alone', async () => {
    const me = await someone();
    const { token, ...shown } = await made(me.token, ['profile:read', 'profile:read']);
    expect(token).toMatch(/^confab_[A-Za-z0-9_-]{43}$/);
    const createdAt = world.clock.now();
    expect(shown).toEqual({
      id: expect.any(String) as string,
      name: 'Bot',
      scopes: ['profile:read'],
      createdAt,
      expiresAt: createdAt + 30 * DAY,
      lastUsedAt: null,
    });
    expect(await listed(me.token)).toEqual([shown]);
    const { rows } = await world.db.query<{ hash: Buffer; row: string }>(
      'select hash, t::text || s::text as row from accounts.api_tokens t join accounts.sessions s on s.id = session_id',
    );
    expect(rows.some(({ hash }) => hash.equals(createHash('sha256').update(token).digest()))).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(token.slice(7));
    expect(world.logged()).not.toContain(token);
  });

  test('speaks for its owner until it expires', async () => {
    const me = await someone();
    const { token } = await made(me.token, ['profile:read'], 2);
    expect((await caller.call('profile', { token })).body).toMatchObject({ id: me.id });
    const at = async (ms: number) => {
      const later = await world.node({ clock: new FakeClock(world.clock.now() + ms) });
      return (await later.caller().call('profile', { token })).code;
    };
    expect(await at(2 * DAY - 1)).toBeUndefined();
    expect(await at(2 * DAY)).toBe('unauthenticated');
  });

  test('is refused when a character is wrong, and an access token is none', async () => {
    const me = await someone();
    const { token } = await made(me.token, ['profile:read']);
    for (const wrong of [`${token}x`, token.slice(0, -1), token.toUpperCase(), `confab_${me.token}`, 'confab_']) {
      expect(await codeOf(wrong)).toBe('unauthenticated');
    }
  });

  test('its last use is listed, written at most once a minute', async () => {
    const me = await someone();
    const { token } = await made(me.token, ['profile:read']);
    const used = async (ms: number) => {
      await world.clock.advance(ms);
      await codeOf(token);
      return world.clock.now();
    };
    const lastUse = async () => (await listed(me.token))[0]?.lastUsedAt;
    const first = await used(1000);
    await expect.poll(lastUse).toBe(first);
    await used(59_999);
    expect(await lastUse()).toBe(first);
    const later = await used(1);
    await expect.poll(lastUse).toBe(later);
  });

  test('revoked, it is refused at once and nodes are told; again does nothing; one of somebody else is not found', async () => {
    const [me, other] = [await someone(), await someone()];
    const { id, token } = await made(me.token, ['profile:read']);
    expect(await codeOf(token)).toBeUndefined();
    const revoke = (by: string) => caller.call('revokeApiToken', { params: { tokenId: id }, token: by });
    expect((await revoke(other.token)).code).toBe('not_found');
    frames.length = 0;
    expect((await revoke(me.token)).status).toBe(204);
    expect(frames).toEqual([{ event: 'sessions:ended', payload: { sessionIds: [id], reason: 'revoked' } }]);
    expect(await codeOf(token)).toBe('session_ended');
    expect((await revoke(me.token)).status).toBe(204);
    expect(frames).toHaveLength(1);
    expect(await listed(me.token)).toEqual([]);
  });

  test('is no session: not listed as one, not ended as one, nor is a session revoked as a token', async () => {
    const me = await someone();
    const { id, token } = await made(me.token, ['profile:read']);
    const { body } = await caller.call('sessions', { token: me.token });
    const { sessions } = body as { sessions: { id: string }[] };
    expect(sessions.map((session) => session.id)).not.toContain(id);
    expect((await caller.call('endSession', { params: { sessionId: id }, token: me.token })).code).toBe('not_found');
    const tokenId = sessions[0]?.id ?? '';
    expect((await caller.call('revokeApiToken', { params: { tokenId }, token: me.token })).code).toBe('not_found');
    await caller.call('endOtherSessions', { token: me.token });
    expect(await codeOf(token)).toBeUndefined();
  });

  test.each(['banned', 'disabled'])('of someone who is %s dies at once', async (how) => {
    const [owner, me] = [await someone('owner'), await someone()];
    const { token } = await made(me.token, ['profile:read']);
    expect(await codeOf(token)).toBeUndefined();
    const params = { userId: me.id };
    if (how === 'banned') {
      await caller.call('ban', { token: owner.token, params, body: { reason: 'Spam', until: null } });
      await caller.call('unban', { token: owner.token, params });
    } else {
      await caller.call('disableAccount', { token: owner.token, params, body: { reason: 'Spam' } });
      await caller.call('enableAccount', { token: owner.token, params });
    }
    // For good, also when its owner may come back.
    expect(await codeOf(token)).toBe('session_ended');
  });

  test('is made only shortly after its owner proved who they are', async () => {
    const me = await someone();
    await world.clock.advance(10 * 60_000);
    expect((await make(me.token, ['profile:read'])).code).toBe('step_up_required');
  });

  test(`there are ${LIMITS.apiTokens} of one person at most, also when made at once; revoked ones do not count`, async () => {
    const me = await someone();
    const answers = await Promise.all(
      Array.from({ length: LIMITS.apiTokens + 10 }, () => make(me.token, ['profile:read'])),
    );
    const codes = answers.map(({ code }) => code ?? 'made');
    expect(codes.filter((code) => code === 'made')).toHaveLength(LIMITS.apiTokens);
    expect(codes.filter((code) => code === 'limit_reached')).toHaveLength(10);
    const [one] = await listed(me.token);
    await caller.call('revokeApiToken', { params: { tokenId: one?.id ?? '' }, token: me.token });
    expect((await make(me.token, ['profile:read'])).status).toBe(201);
  });
});

describe('scopes', () => {
  test('admin scopes are given to administrators alone', async () => {
    for (const role of ['user', 'moderator']) {
      const { token } = await someone(role);
      expect((await make(token, ['profile:read', 'admin:read'])).code).toBe('forbidden');
      expect((await make(token, ['admin:write'])).code).toBe('forbidden');
      expect(await listed(token)).toEqual([]);
    }
    for (const role of ['admin', 'owner']) {
      expect((await make((await someone(role)).token, ['admin:read', 'admin:write'])).status).toBe(201);
    }
  });

  test('a demoted administrator’s token administrates no longer, at once', async () => {
    const [owner, admin] = [await someone('owner'), await someone('admin')];
    const { token } = await made(admin.token, ['admin:read', 'profile:read']);
    expect(await codeOf(token, 'accounts')).toBeUndefined();
    await caller.call('setRole', { token: owner.token, params: { userId: admin.id }, body: { role: 'user' } });
    expect(await codeOf(token, 'accounts')).toBe('forbidden');
    expect(await codeOf(token)).toBeUndefined();
  });

  test('no token makes tokens, changes ways in, or proves who holds it', async () => {
    const owner = await someone('owner');
    const { token } = await made(owner.token, Scope.options);
    const denied = (Object.keys(world.accounts.routes) as (keyof typeof world.accounts.routes)[]).filter((name) => {
      const { auth, group } = rest[name];
      return auth === 'user' && group === 'Accounts' && name !== 'profile';
    });
    expect(denied).toEqual(expect.arrayContaining(['createApiToken', 'apiTokens', 'sessions', 'endOtherSessions']));
    for (const name of denied) expect.soft((await caller.call(name, { token })).code, name).toBe('scope_missing');
    const role = { params: { userId: (await someone()).id }, body: { role: 'admin' } };
    expect((await caller.call('setRole', { token, ...role })).code).toBe('step_up_required');
  });
});
