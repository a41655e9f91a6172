import type { Security, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountsWorld,
  type Answer,
  type Caller,
  PASSWORD,
  startAccounts,
  verifyAddress,
} from '../../../test/accounts.ts';
import { shownCode } from '../../../test/authenticator.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import { SoftAuthenticator } from '../../../test/soft-authenticator.ts';

const FRESH_MS = 10 * 60_000;
const STEP_MS = 30_000;

let world: AccountsWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
});
afterAll(() => world.close());

interface Person {
  name: string;
  userId: string;
  token: string;
}

async function person(name: string): Promise<Person> {
  const { user, accessToken } = await caller.signUp(name);
  return { name, userId: user.id, token: accessToken };
}

/** Someone whose session is no longer fresh. */
async function stale(name: string): Promise<Person> {
  const someone = await person(name);
  await makeStale(someone);
  return someone;
}

async function makeStale({ userId }: Person): Promise<void> {
  await world.db.query('update accounts.sessions set authenticated_at = $2 where user_id = $1', [
    userId,
    new Date(world.clock.now() - FRESH_MS),
  ]);
}

async function proveEmail({ userId }: Person): Promise<void> {
  await verifyAddress(world, userId);
}

function stepUp({ token }: { token: string }, proof: object, on: Caller = caller): Promise<Answer> {
  return on.call('stepUp', { token, body: proof });
}

/** Something that needs it. */
async function sensitive({ token }: { token: string }): Promise<string | undefined> {
  return (await caller.call('startTotp', { token })).code;
}

async function security({ token }: { token: string }): Promise<Security> {
  return (await caller.call('security', { token })).body as Security;
}

async function enrol({ token }: Person): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
  const answer = await caller.call('confirmTotp', { token, body: { code: await shown(secret) } });
  await world.clock.advance(STEP_MS);
  return { secret, ...(answer.body as { recoveryCodes: string[] }) };
}

function shown(secret: string): Promise<string> {
  return shownCode(secret, world.clock.now());
}

interface Ceremony {
  challenge: string;
  options: Record<string, unknown>;
}

async function registerPasskey({ token }: Person): Promise<SoftAuthenticator> {
  const device = new SoftAuthenticator('https://chat.example');
  const { challenge, options } = (await caller.call('newPasskey', { token })).body as Ceremony;
  const response = device.create(options);
  const answer = await caller.call('addPasskey', { token, body: { challenge, response, name: 'Phone' } });
  expect(answer.status).toBe(201);
  return device;
}

async function passkeyProof({ token }: { token: string }, device: SoftAuthenticator): Promise<object> {
  const { challenge, options } = (await caller.call('stepUpPasskey', { token })).body as Ceremony;
  return { with: 'passkey', challenge, response: device.get(options) };
}

async function mailedCode({ name, token }: Person): Promise<string> {
  expect((await caller.call('stepUpCode', { token })).body).toEqual({ expiresIn: 600 });
  const mails = (await world.mails()).filter(({ to }) => to === `${name}@example.com`);
  return /\b\d{6}\b/.exec(mails.at(-1)?.text ?? '')?.[0] ?? '';
}

const other = (code: string) => (code === '000000' ? '111111' : '000000');

describe('sensitive changes', () => {
  test('are made for 10 minutes after signing in, then after another proof', async () => {
    const someone = await person('fresh');
    expect(await sensitive(someone)).toBeUndefined();
    expect((await security(someone)).stepUpUntil).toBe(world.clock.now() + FRESH_MS);
    await world.clock.advance(FRESH_MS);
    expect(await sensitive(someone)).toBe('step_up_required');
    expect((await security(someone)).stepUpUntil).toBeNull();
    const until = world.clock.now() + FRESH_MS;
    expect((await stepUp(someone, { with: 'password', password: PASSWORD })).body).toEqual({ until });
    expect((await security(someone)).stepUpUntil).toBe(until);
    expect(await sensitive(someone)).toBeUndefined();
  });

  test('are not made in another session of the same person by the proof of one', async () => {
    const someone = await person('sessions');
    const body = { username: 'sessions', password: PASSWORD, transport: 'body' };
    const { accessToken: second } = (await caller.call('signIn', { body })).body as SignedIn;
    await makeStale(someone);
    await stepUp(someone, { with: 'password', password: PASSWORD });
    expect(await sensitive(someone)).toBeUndefined();
    expect(await sensitive({ token: second })).toBe('step_up_required');
  });

  test('are recorded as proven or not', async () => {
    const someone = await stale('recorded');
    await stepUp(someone, { with: 'password', password: 'wrong' });
    await stepUp(someone, { with: 'password', password: PASSWORD });
    const { rows } = await world.db.query(
      `select action, details from accounts.audit_log where target_id = $1 and action like 'step_up.%' order by id`,
      [someone.userId],
    );
    expect(rows).toEqual([
      { action: 'step_up.failed', details: { with: 'password' } },
      { action: 'step_up.succeeded', details: { with: 'password' } },
    ]);
  });
});

describe('what proves who I am', () => {
  test('is the password, and the mailed code once the address is proven', async () => {
    const someone = await person('plain');
    expect((await security(someone)).stepUpWith).toEqual(['password']);
    await proveEmail(someone);
    expect((await security(someone)).stepUpWith).toEqual(['password', 'email_code']);
    await world.db.query('update accounts.users set password_hash = null where id = $1', [someone.userId]);
    expect(await security(someone)).toMatchObject({ hasPassword: false, stepUpWith: ['email_code'] });
  });

  test('is a passkey as well, where there is one', async () => {
    const someone = await person('passkeyed');
    const device = await registerPasskey(someone);
    expect((await security(someone)).stepUpWith).toEqual(['password', 'passkey']);
    await makeStale(someone);
    expect((await stepUp(someone, await passkeyProof(someone, device))).status).toBe(200);
    expect(await sensitive(someone)).toBeUndefined();
  });

  test('is with a second factor that or a passkey alone: knowing the password or reading the mail is not enough', async () => {
    const someone = await person('strong');
    await proveEmail(someone);
    const { secret } = await enrol(someone);
    expect((await security(someone)).stepUpWith).toEqual(['totp']);
    const device = await registerPasskey(someone);
    expect((await security(someone)).stepUpWith).toEqual(['totp', 'passkey']);
    await makeStale(someone);
    expect((await stepUp(someone, { with: 'password', password: PASSWORD })).code).toBe('not_enabled');
    expect((await caller.call('stepUpCode', { token: someone.token })).code).toBe('not_enabled');
    expect((await stepUp(someone, { with: 'email_code', code: '000000' })).code).toBe('not_enabled');
    expect(await sensitive(someone)).toBe('step_up_required');
    expect((await stepUp(someone, { with: 'totp', code: await shown(secret) })).status).toBe(200);
    await makeStale(someone);
    expect((await stepUp(someone, await passkeyProof(someone, device))).status).toBe(200);
  });

  test('is refused as not enabled where I do not have it', async () => {
    const someone = await stale('without');
    expect((await stepUp(someone, { with: 'totp', code: '000000' })).code).toBe('not_enabled');
    expect((await stepUp(someone, { with: 'email_code', code: '000000' })).code).toBe('not_enabled');
    expect((await caller.call('stepUpCode', { token: someone.token })).code).toBe('not_enabled');
    expect((await caller.call('stepUpPasskey', { token: someone.token })).code).toBe('not_enabled');
    const proof = { with: 'passkey', challenge: 'abc', response: {} };
    expect((await stepUp(someone, proof)).code).toBe('not_enabled');
    expect(await sensitive(someone)).toBe('step_up_required');
  });

  test.each([
    [{ with: 'password', password: 'wrong' }, 'invalid_credentials'],
    [{ with: 'password', password: { $ne: '' } }, 'bad_input'],
    [{ with: 'password', password: '' }, 'bad_input'],
    [{ with: 'password' }, 'bad_input'],
    [{ with: 'nothing' }, 'bad_input'],
    [{ with: 'email_code', code: 123456 }, 'bad_input'],
    [{ with: 'email_code', code: '000000' }, 'invalid_code'],
    [{}, 'bad_input'],
  ])('is not %j', async (proof, code) => {
    const someone = await stale(
      `wrong${JSON.stringify(proof).replaceAll(/[^a-z]/g, '')}${code}`.slice(0, 30).replaceAll('_', ''),
    );
    await proveEmail(someone);
    expect((await stepUp(someone, proof)).code).toBe(code);
    expect(await sensitive(someone)).toBe('step_up_required');
  });

  test('a code of the app or a recovery code counts once, and none that signed in', async () => {
    const someone = await person('spent');
    const { secret, recoveryCodes } = await enrol(someone);
    await makeStale(someone);
    const code = await shown(secret);
    const answers = await Promise.all(Array.from({ length: 20 }, () => stepUp(someone, { with: 'totp', code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === 'invalid_code')).toHaveLength(19);
    const body = { username: 'spent', password: PASSWORD, transport: 'body' };
    const { secondFactor } = (await caller.call('signIn', { body })).body as { secondFactor: { challenge: string } };
    expect((await caller.call('secondFactor', { body: { challenge: secondFactor.challenge, code } })).code).toBe(
      'invalid_code',
    );
    expect((await stepUp(someone, { with: 'totp', code: recoveryCodes[0] })).status).toBe(200);
    expect((await stepUp(someone, { with: 'totp', code: recoveryCodes[0] })).code).toBe('invalid_code');
  });

  test('a passkey of another person does not', async () => {
    const [mine, theirs] = [await person('mine'), await person('theirs')];
    await registerPasskey(mine);
    const device = await registerPasskey(theirs);
    await makeStale(mine);
    expect((await stepUp(mine, await passkeyProof(mine, device))).code).toBe('invalid_passkey');
    expect((await stepUp(mine, await passkeyProof(theirs, device))).code).toBe('invalid_passkey');
    expect(await sensitive(mine)).toBe('step_up_required');
  });

  test('a passkey challenge for signing in does not', async () => {
    const someone = await person('crossed');
    const device = await registerPasskey(someone);
    await makeStale(someone);
    const { challenge, options } = (await caller.call('passkeyOptions')).body as Ceremony;
    const proof = { with: 'passkey', challenge, response: device.get(options) };
    expect((await stepUp(someone, proof)).code).toBe('invalid_passkey');
  });
});

describe('a mailed code', () => {
  test('proves it once, in the session it was asked for in', async () => {
    const someone = await stale('mailed');
    await proveEmail(someone);
    const body = { username: 'mailed', password: PASSWORD, transport: 'body' };
    const { accessToken: second } = (await caller.call('signIn', { body })).body as SignedIn;
    const code = await mailedCode(someone);
    expect((await stepUp({ token: second }, { with: 'email_code', code })).code).toBe('invalid_code');
    const answers = await Promise.all(Array.from({ length: 20 }, () => stepUp(someone, { with: 'email_code', code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('has 5 tries and 10 minutes', async () => {
    const someone = await stale('tried');
    await proveEmail(someone);
    const code = await mailedCode(someone);
    for (let i = 0; i < 5; i++) await stepUp(someone, { with: 'email_code', code: other(code) });
    expect((await stepUp(someone, { with: 'email_code', code })).code).toBe('invalid_code');
    const late = await mailedCode(someone);
    await world.clock.advance(10 * 60_000);
    expect((await stepUp(someone, { with: 'email_code', code: late })).code).toBe('invalid_code');
  });

  test('is sent once a minute', async () => {
    const node = await world.node({ limits: { ...NO_LIMITS, codes: { count: 1, seconds: 60 } }, clock: world.clock });
    const someone = await person('often');
    await proveEmail(someone);
    const on = node.caller();
    expect((await on.call('stepUpCode', { token: someone.token })).status).toBe(200);
    expect((await on.call('stepUpCode', { token: someone.token })).code).toBe('too_many_requests');
  });
});

describe('wrong proofs', () => {
  test.each(['password', 'totp'] as const)('of kind %s count as failed sign-ins do', async (kind) => {
    const limits = { ...NO_LIMITS, sign_in: { count: 3, seconds: 900 } };
    const node = await world.node({ limits, clock: world.clock });
    const someone = await person(`limited${kind}`);
    const secret = kind === 'totp' ? (await enrol(someone)).secret : undefined;
    await makeStale(someone);
    const wrong = kind === 'totp' ? { with: kind, code: 'zzzzz-zzzzz' } : { with: kind, password: 'wrong' };
    const right = secret === undefined ? { with: kind, password: PASSWORD } : { with: kind, code: await shown(secret) };
    const on = node.caller();
    await Promise.all(Array.from({ length: 10 }, () => stepUp(someone, wrong, on)));
    expect((await stepUp(someone, right, on)).code).toBe('too_many_requests');
    expect(await sensitive(someone)).toBe('step_up_required');
  });
});

test('an API token can neither prove anything nor read what would', async () => {
  const someone = await person('scripted');
  const body = { name: 'Script', scopes: ['profile:read', 'people:write'], expiresInDays: 1 };
  const made = await caller.call('createApiToken', { token: someone.token, body });
  const { token } = made.body as { token: string };
  expect((await stepUp({ token }, { with: 'password', password: PASSWORD })).code).toBe('scope_missing');
  expect((await caller.call('security', { token })).code).toBe('scope_missing');
});
