import type { Profile, PublicProfile, Session, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, PASSWORD, startAccounts } from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import { call } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import type { Frame } from '../../platform/bus/index.ts';
import { FakeClock } from '../../platform/clock.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

let world: AccountsWorld;
let caller: Caller;
const frames: Frame[] = [];
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
  await world.bus.subscribe('sessions', (frame) => void frames.push(frame));
});
afterAll(() => world.close());

async function comeIn(name?: string, by = caller): Promise<SignedIn & { refreshToken: string }> {
  const { status, body } = await by.call('guest', {
    body: { ...(name === undefined ? {} : { name }), transport: 'body' },
  });
  expect(status).toBe(201);
  const signedIn = body as SignedIn;
  return { ...signedIn, refreshToken: signedIn.refreshToken ?? '' };
}

let people = 0;
const member = () => {
  const username = `member${people++}`;
  return { email: `${username}@example.com`, password: PASSWORD, username };
};

const upgrade = (token: string, body: unknown) => caller.call('upgradeGuest', { token, body });
const found = async (token: string, q: string) =>
  ((await caller.call('findUsers', { token, query: { q } })).body as { users: unknown[] }).users;

describe('a guest', () => {
  test('comes in with nothing, for a day, under a name that says so', async () => {
    const { user } = await comeIn();
    expect(user).toMatchObject({
      role: 'guest',
      username: expect.stringMatching(/^guest\.[a-z0-9]{8}$/) as string,
      name: expect.stringMatching(/^Guest \d{4}$/) as string,
      email: null,
      guestUntil: world.clock.now() + DAY,
    });
    expect((await comeIn('Ada')).user.name).toBe('Ada');
  });

  test('has a session that ends with their time, however much it is used', async () => {
    const { accessToken, refreshToken, user } = await comeIn();
    const { body } = await caller.call('sessions', { token: accessToken });
    const guestUntil = user.guestUntil ?? 0;
    expect((body as { sessions: Session[] }).sessions).toEqual([
      expect.objectContaining({ method: 'guest', expiresAt: guestUntil, current: true }),
    ]);
    const at = async (ms: number) => (await world.node({ clock: new FakeClock(ms) })).caller();
    const next = (await (await at(guestUntil - 1)).refresh(refreshToken)).body as SignedIn;
    const over = await at(guestUntil);
    expect((await over.call('profile', { token: next.accessToken })).code).toBe('session_ended');
    expect((await over.refresh(next.refreshToken ?? '')).code).toBe('session_ended');
  });

  test('is everyone’s to tell from a member, whatever the name, and not found by search', async () => {
    const { user } = await comeIn('Confab Administrator');
    const { accessToken } = await caller.signUp(member().username);
    const { body } = await caller.call('user', { params: { userId: user.id }, token: accessToken });
    expect(body).toMatchObject({ role: 'guest', name: 'Confab Administrator' });
    expect(await found(accessToken, 'confab admin')).toEqual([]);
  });

  test('nobody signs up under a name that is given to guests, or to those who left', async () => {
    for (const username of ['guest.abcd1234', 'guest.x', 'deleted.0123']) {
      const body = { email: 'someone@example.com', password: PASSWORD, username, transport: 'body' };
      expect((await caller.call('signUp', { body })).code).toBe('username_taken');
      expect((await upgrade((await comeIn()).accessToken, { ...member(), username })).code).toBe('username_taken');
    }
  });

  test('may do what rights.ts names and nothing else', async () => {
    const { accessToken: token } = await comeIn();
    for (const route of ['endOtherSessions', 'createApiToken', 'security', 'deleteAccount', 'accounts'] as const) {
      expect((await caller.call(route, { token })).code, route).toBe('members_only');
    }
    expect((await caller.call('updateProfile', { token, body: { name: 'Grace' } })).status).toBe(200);
  });

  test('one address makes only so many', async () => {
    const limited = await world.node({ limits: { ...NO_LIMITS, sign_up: { count: 2, seconds: 60 } } });
    const one = limited.caller();
    await comeIn(undefined, one);
    await comeIn(undefined, one);
    const { code, headers } = await one.call('guest', { body: { transport: 'body' } });
    expect(code).toBe('too_many_requests');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('a guest who becomes a member', () => {
  test('keeps id, name and session, and is found by search; the address is yet to be proven', async () => {
    const guest = await comeIn('Ada Byron');
    const input = member();
    const { status, body } = await upgrade(guest.accessToken, input);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: guest.user.id,
      username: input.username,
      name: 'Ada Byron',
      role: 'user',
      email: input.email,
      emailVerified: false,
      guestUntil: null,
    } satisfies Partial<Profile>);
    // The token of the guest is a member's from now on, at once.
    const token = guest.accessToken;
    expect((await caller.call('security', { token })).status).toBe(200);
    expect((await caller.call('user', { token, params: { userId: guest.user.id } })).body).toMatchObject({
      role: 'user',
    } satisfies Partial<PublicProfile>);
    expect(await found(token, input.username)).toEqual([
      { id: guest.user.id, username: input.username, name: 'Ada Byron', role: 'user' },
    ]);
    expect(frames.at(-1)).toEqual({ event: 'sessions:changed', payload: { userIds: [guest.user.id] } });
  });

  test('signs in with the password, and proves the address with the link that was mailed', async () => {
    const input = member();
    await upgrade((await comeIn()).accessToken, input);
    const body = { email: input.email, password: PASSWORD, transport: 'body' };
    expect((await caller.call('signIn', { body })).status).toBe(200);
    const mail = (await world.mails()).findLast(({ to }) => to === input.email);
    expect(mail?.text).toContain('https://chat.example');
  });

  test('to an address that is proven to be someone else’s, its owner is told instead', async () => {
    const input = member();
    const first = await caller.signUp(input.username);
    await world.db.query('update accounts.users set email_verified_at = created_at where id = $1', [first.user.id]);
    const again = { ...member(), email: input.email };
    expect((await upgrade((await comeIn()).accessToken, again)).status).toBe(200);
    const letters = (await world.mails()).filter(({ to }) => to === input.email);
    expect(letters).toHaveLength(2);
    expect(letters[1]?.subject).not.toBe(letters[0]?.subject);
    const body = { email: input.email, password: PASSWORD, transport: 'body' };
    expect((await caller.call('signIn', { body })).body).toMatchObject({ user: { id: first.user.id } });
  });

  test('stays signed in beyond the day, as long as others', async () => {
    const began = world.clock.now();
    const { accessToken, refreshToken } = await comeIn();
    await world.clock.advance(10 * 60_000);
    const upgraded = world.clock.now();
    await upgrade(accessToken, member());
    const { sessions } = (await caller.call('sessions', { token: accessToken })).body as { sessions: Session[] };
    expect(sessions.map(({ expiresAt }) => expiresAt)).toEqual([upgraded + 30 * DAY]);
    await world.clock.advance(3 * DAY);
    const next = await caller.refresh(refreshToken);
    expect(next.status).toBe(200);
    const { rows } = await world.db.query<{ ends: number }>(
      `select ends_at as ends from accounts.sessions where id = $1`,
      [sessions[0]?.id],
    );
    expect(rows[0]?.ends).toBe(began + 180 * DAY);
  });

  test('who asked as a guest not to be found is not', async () => {
    const { accessToken: token } = await comeIn();
    const body = { privacy: { findable: false } };
    expect((await caller.call('updateSettings', { token, body })).status).toBe(200);
    const mine = member();
    expect((await upgrade(token, mine)).status).toBe(200);
    expect(await found(token, mine.username.slice(0, -1))).not.toContainEqual(
      expect.objectContaining({ username: mine.username }),
    );
  });

  test('does so once: of 50 calls at the same time one succeeds, and the others change nothing', async () => {
    const { accessToken, user } = await comeIn();
    const inputs = Array.from({ length: 50 }, member);
    const answers = await Promise.all(inputs.map((input) => upgrade(accessToken, input)));
    const winner = answers.findIndex(({ status }) => status === 200);
    const refused = answers.flatMap(({ code }) => code ?? []);
    expect(refused).toHaveLength(49);
    for (const code of refused) expect(['forbidden', 'overloaded']).toContain(code);
    const { body } = await caller.call('profile', { token: accessToken });
    expect(body).toMatchObject({ id: user.id, username: inputs[winner]?.username, email: inputs[winner]?.email });
    expect((await upgrade(accessToken, member())).code).toBe('forbidden');
  });

  test('under a name that is taken stays a guest, as does one whose name is taken by another at the same time', async () => {
    const { username } = member();
    await caller.signUp(username);
    const taken = await comeIn();
    expect((await upgrade(taken.accessToken, { ...member(), username })).code).toBe('username_taken');
    expect((await caller.call('profile', { token: taken.accessToken })).body).toMatchObject({ role: 'guest' });
    const wanted = member();
    const guests = await Promise.all([comeIn(), comeIn(), comeIn()]);
    const answers = await Promise.all(
      guests.map(({ accessToken }, i) => upgrade(accessToken, { ...wanted, email: `${i}${wanted.email}` })),
    );
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual(['ok', 'username_taken', 'username_taken']);
  });

  test('a member cannot become one again', async () => {
    const { accessToken } = await caller.signUp(member().username);
    expect((await upgrade(accessToken, member())).code).toBe('forbidden');
  });
});

describe('a guest who is kept out', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startServer()));
  afterAll(() => server.stop());

  test.each([
    ['banned', 'ban', 'account_banned'],
    ['disabled', 'disableAccount', 'session_ended'],
  ] as const)('being %s, is at once: session, refreshing and socket end', async (reason, deed, code) => {
    const [admin, guest] = [await server.person('admin', 'admin'), await server.person('guest', 'guest')];
    const { socket } = await guest.connect();
    const told = new Promise((resolve) => socket.once('session:ended', resolve));
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    const params = { userId: guest.id };
    if (deed === 'ban') await admin.call(deed, { params, body: { reason: 'Spam', until: null } });
    else await admin.call(deed, { params, body: { reason: 'Spam' } });
    expect(await told).toEqual({ reason });
    await cut;
    const ended = { body: { code: 'session_ended' } };
    await expect(guest.call('profile', {})).rejects.toMatchObject(ended);
    const body = { refreshToken: guest.signedIn.refreshToken };
    await expect(call(server.url, undefined, 'refresh', { body })).rejects.toMatchObject({ body: { code } });
    await expect(guest.connect()).rejects.toMatchObject({ data: { code: 'session_ended' } });
  });
});

describe('when a guest’s time is over', () => {
  test('they are erased within the hour: sessions and names go, the id stays for what they wrote', async () => {
    const guest = await comeIn('Ada Byron');
    const stays = await comeIn('Grace');
    await upgrade(stays.accessToken, member());
    await caller.call('updateProfile', {
      token: guest.accessToken,
      body: { bio: 'A poet', timeZone: 'Europe/London' },
    });
    await world.clock.advance(DAY - 1);
    frames.length = 0;
    await world.clock.advance(2 * HOUR);
    await world.runDueTasks();
    expect(await row(guest.user.id)).toEqual({
      state: 'deleted',
      role: 'user',
      username: `deleted.${guest.user.id.replaceAll('-', '').slice(-18)}`,
      name: 'Deleted account',
      bio: '',
      timeZone: null,
      guestUntil: null,
      sessions: 0,
    });
    expect((await caller.refresh(guest.refreshToken)).code).toBe('unauthenticated');
    expect(await row(stays.user.id)).toMatchObject({ state: 'active', name: 'Grace', sessions: 1 });
    const { rows } = await world.db.query(
      `select actor_id as "actorId" from accounts.audit_log where action = 'guest.expired' and target_id = $1`,
      [guest.user.id],
    );
    expect(rows).toEqual([{ actorId: null }]);
  });

  async function row(userId: string) {
    const { rows } = await world.db.query<{ state: string }>(
      `select state, role, username, name, bio, time_zone as "timeZone", guest_until as "guestUntil",
         (select count(*)::int from accounts.sessions s where s.user_id = u.id) as sessions
       from accounts.users u where id = $1`,
      [userId],
    );
    return rows[0] ?? { state: 'none' };
  }
});
