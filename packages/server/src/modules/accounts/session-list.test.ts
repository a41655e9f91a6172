import { randomUUID } from 'node:crypto';
import type { Session, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, PASSWORD, startAccounts } from '../../../test/accounts.ts';
import type { Frame } from '../../platform/bus/index.ts';
import { FakeClock } from '../../platform/clock.ts';
import { deviceName } from './device-names.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
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
beforeEach(() => void (frames.length = 0));

let people = 0;
const username = () => `lister${people++}`;

async function signIn(name: string, userAgent = FIREFOX): Promise<SignedIn> {
  const body = { username: name, password: PASSWORD, transport: 'body' };
  const answer = await caller.call('signIn', { body, headers: { 'user-agent': userAgent } });
  expect(answer.status).toBe(200);
  return answer.body as SignedIn;
}

async function listed(token: string): Promise<Session[]> {
  const { body } = await caller.call('sessions', { token });
  return (body as { sessions: Session[] }).sessions;
}

/** Someone on three devices. */
async function onThreeDevices() {
  const name = username();
  const first = await caller.signUp(name);
  await world.clock.advance(1000);
  const second = await signIn(name);
  await world.clock.advance(1000);
  const third = await signIn(name, IPHONE);
  const tokens = [first, second, third].map(({ accessToken }) => accessToken);
  const ids = (await listed(third.accessToken)).map(({ id }) => id).toReversed();
  return { name, userId: first.user.id, tokens, ids, refreshTokens: [first, second, third].map((s) => s.refreshToken) };
}

describe('my sessions', () => {
  test('each is listed with its device, address, beginning, last use and end, the latest use first, this one marked', async () => {
    const { tokens } = await onThreeDevices();
    const now = world.clock.now();
    const sessions = await listed(tokens[1] ?? '');
    const common = { id: expect.any(String) as string, ip: '127.0.0.1' };
    const at = (ms: number) => ({ createdAt: ms, lastUsedAt: ms, expiresAt: ms + 30 * DAY });
    expect(sessions).toEqual([
      { ...common, current: false, method: 'password', device: 'Safari on iPhone', ...at(now) },
      { ...common, current: true, method: 'password', device: 'Firefox on Linux', ...at(now - 1000) },
      expect.objectContaining({ current: false, method: 'sign_up', ...at(now - 2000) }),
    ]);
  });

  test('a refresh is a use: it moves up, with its last use', async () => {
    const { tokens, ids, refreshTokens } = await onThreeDevices();
    await world.clock.advance(60_000);
    await caller.refresh(refreshTokens[0] ?? '');
    const [latest] = await listed(tokens[2] ?? '');
    expect(latest).toMatchObject({ id: ids[0], lastUsedAt: world.clock.now() });
  });

  test('only those that live are listed: neither ended nor expired ones, nor those of others', async () => {
    const { name, tokens, ids } = await onThreeDevices();
    await caller.signUp(username());
    await caller.call('endSession', { params: { sessionId: ids[0] ?? '' }, token: tokens[2] ?? '' });
    expect((await listed(tokens[2] ?? '')).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const body = { username: name, password: PASSWORD, transport: 'body' };
    const later = (await world.node({ clock: new FakeClock(world.clock.now() + 30 * DAY) })).caller();
    const { accessToken } = (await later.call('signIn', { body })).body as SignedIn;
    const answer = await later.call('sessions', { token: accessToken });
    expect((answer.body as { sessions: Session[] }).sessions).toEqual([expect.objectContaining({ current: true })]);
  });

  test('one is ended at once: its tokens are refused, nodes are told, it is in the audit log; again does nothing', async () => {
    const { tokens, ids, userId, refreshTokens } = await onThreeDevices();
    const [ended = ''] = ids;
    const end = () => caller.call('endSession', { params: { sessionId: ended }, token: tokens[2] ?? '' });
    expect((await end()).status).toBe(204);
    expect(frames).toEqual([{ event: 'sessions:ended', payload: { sessionIds: [ended], reason: 'revoked' } }]);
    expect((await caller.call('profile', { token: tokens[0] ?? '' })).code).toBe('session_ended');
    expect((await caller.refresh(refreshTokens[0] ?? '')).code).toBe('session_ended');
    expect((await end()).status).toBe(204);
    expect(frames).toHaveLength(1);
    expect((await caller.call('profile', { token: tokens[1] ?? '' })).status).toBe(200);
    const { rows } = await world.db.query(
      `select actor_id as "actorId", ip, details from accounts.audit_log
       where action = 'session.revoked' and target_id = $1`,
      [userId],
    );
    expect(rows).toEqual([{ actorId: userId, ip: '127.0.0.1', details: { sessionIds: [ended] } }]);
  });

  test('one’s own current session can be ended', async () => {
    const { tokens, ids } = await onThreeDevices();
    await caller.call('endSession', { params: { sessionId: ids[2] ?? '' }, token: tokens[2] ?? '' });
    expect((await caller.call('profile', { token: tokens[2] ?? '' })).code).toBe('session_ended');
  });

  test('one of somebody else is not found, as is one that never was, and lives on', async () => {
    const [mine, theirs] = await Promise.all([onThreeDevices(), onThreeDevices()]);
    for (const sessionId of [theirs.ids[0] ?? '', randomUUID()]) {
      const answer = await caller.call('endSession', { params: { sessionId }, token: mine.tokens[0] ?? '' });
      expect(answer.code).toBe('not_found');
    }
    expect((await caller.call('profile', { token: theirs.tokens[0] ?? '' })).status).toBe(200);
  });

  test('all but this one end together', async () => {
    const { tokens, ids, refreshTokens } = await onThreeDevices();
    expect((await caller.call('endOtherSessions', { token: tokens[1] ?? '' })).status).toBe(204);
    expect(frames).toHaveLength(1);
    const others = [ids[0], ids[2]];
    expect(frames[0]).toMatchObject({
      payload: { reason: 'revoked', sessionIds: expect.arrayContaining(others) as string[] },
    });
    expect((await listed(tokens[1] ?? '')).map(({ id }) => id)).toEqual([ids[1]]);
    for (const i of [0, 2]) expect((await caller.refresh(refreshTokens[i] ?? '')).code).toBe('session_ended');
    expect((await caller.refresh(refreshTokens[1] ?? '')).status).toBe(200);
  });

  test('ended by many calls at once, it ends once', async () => {
    const { tokens, ids } = await onThreeDevices();
    const end = () => caller.call('endSession', { params: { sessionId: ids[0] ?? '' }, token: tokens[2] ?? '' });
    const answers = await Promise.all(Array.from({ length: 50 }, end));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(frames).toHaveLength(1);
  });
});

describe('expiry', () => {
  /** Someone who calls on another node, whose clock is so many ms ahead: here no time passes. */
  async function later(ms: number): Promise<Caller> {
    return (await world.node({ clock: new FakeClock(world.clock.now() + ms) })).caller();
  }

  test('a session that is not used for SESSION_IDLE_DAYS ends', async () => {
    const { refreshToken } = await caller.signUp(username());
    expect((await (await later(30 * DAY)).refresh(refreshToken)).code).toBe('session_ended');
    expect((await (await later(30 * DAY - 1)).refresh(refreshToken)).status).toBe(200);
  });

  test('however much it is used, it ends SESSION_MAX_DAYS after it began', async () => {
    let last: SignedIn = await caller.signUp(username());
    for (const day of [29, 58, 87, 116, 145, 174]) {
      const { status, body } = await (await later(day * DAY)).refresh(last.refreshToken ?? '');
      expect(status).toBe(200);
      last = body as SignedIn;
    }
    const { body } = await (await later(174 * DAY)).call('sessions', { token: last.accessToken });
    const [session] = (body as { sessions: Session[] }).sessions;
    expect(session).toMatchObject({ createdAt: world.clock.now(), expiresAt: world.clock.now() + 180 * DAY });
    const inTime = await (await later(180 * DAY - 1)).refresh(last.refreshToken ?? '');
    expect(inTime.status).toBe(200);
    const { accessToken, refreshToken = '' } = inTime.body as SignedIn;
    const late = await later(180 * DAY);
    expect((await late.refresh(refreshToken)).code).toBe('session_ended');
    expect((await late.call('profile', { token: accessToken })).code).toBe('session_ended');
  });
});

test.each([
  [FIREFOX, 'Firefox on Linux'],
  [IPHONE, 'Safari on iPhone'],
  ['curl/8.5.0', 'curl'],
  ['node', 'node'],
  ['', 'Unknown device'],
  ['   ', 'Unknown device'],
  ['<script>alert(1)</script>', 'Unknown device'],
  ['__proto__', '__proto__'],
  ['\u009b31mEvil\u202e/1.0 ', '31mEvil'],
  ['x'.repeat(10_000), 'x'.repeat(80)],
])('a device is called by what its user agent tells: %.40s', (userAgent, device) => {
  expect(deviceName(userAgent)).toBe(device);
});
