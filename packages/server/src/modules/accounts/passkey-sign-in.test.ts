/** Signing in with a passkey, and proving with one who one is. */
import type { ErrorBody } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audited, type Caller } from '../../../test/accounts.ts';
import { shownCode } from '../../../test/authenticator.ts';
import { type Ceremony, type Holder, ORIGIN, type PasskeyWorld, startPasskeys } from '../../../test/passkeys.ts';
import { type Fault, SoftAuthenticator, UP, UV } from '../../../test/soft-authenticator.ts';

const MINUTE = 60_000;

let world: PasskeyWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startPasskeys();
  caller = world.caller();
});
afterAll(() => world.close());

describe('signing in with a passkey', () => {
  let owner: Holder;
  let device: SoftAuthenticator;
  beforeAll(async () => {
    owner = await world.holder('holder');
    ({ device } = await world.register(owner));
  });

  test.each<[string, Fault]>([
    ['for another origin', { origin: 'https://evil.example' }],
    ['for a subdomain', { origin: 'https://www.chat.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['over another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['without unlocking the device', { flags: UP }],
    ['without anyone present', { flags: UV }],
    ['with the answer to another question', { type: 'webauthn.create' }],
    ['in the name of someone else', { userHandle: Buffer.from('someone').toString('base64url') }],
  ])('%s is refused', async (_what, fault) => {
    expect((await world.signInWith(device, fault)).code).toBe('invalid_passkey');
  });

  test('needs the signature as it was made', async () => {
    const { challenge, options } = await world.signInOptions();
    const made = device.get(options);
    const signature = Buffer.from(made.response.signature, 'base64url');
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    const response = { ...made.response, signature: signature.toString('base64url') };
    expect((await world.signIn(challenge, { ...made, response })).code).toBe('invalid_passkey');
  });

  test('needs the key itself: another one under the same name is refused', async () => {
    const impostor = Object.assign(new SoftAuthenticator(ORIGIN), { id: device.id, userHandle: device.userHandle });
    const before = await audited(world, 'sign_in.failed', owner.userId);
    expect((await world.signInWith(impostor)).code).toBe('invalid_passkey');
    expect(await audited(world, 'sign_in.failed', owner.userId)).toBe(before + 1);
  });

  test('with an unknown passkey is refused alike', async () => {
    const unknown = new SoftAuthenticator(ORIGIN);
    unknown.userHandle = Buffer.from(owner.userId).toString('base64url');
    expect((await world.signInWith(unknown)).code).toBe('invalid_passkey');
  });

  test('needs to be told whose it is', async () => {
    const { challenge, options } = await world.signInOptions();
    const made = device.get(options);
    const response = { ...made, response: { ...made.response, userHandle: undefined } };
    expect((await world.signIn(challenge, response)).code).toBe('invalid_passkey');
  });

  test('works once a challenge, also for 20 at the same time, and not after 5 minutes', async () => {
    const { challenge, options } = await world.signInOptions();
    const responses = Array.from({ length: 20 }, () => device.get(options));
    const answers = await Promise.all(responses.map((response) => world.signIn(challenge, response)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await world.signIn(challenge, device.get(options))).code).toBe('invalid_passkey');
    const late = await world.signInOptions();
    await world.clock.advance(5 * MINUTE);
    expect((await world.signIn(late.challenge, device.get(late.options))).code).toBe('invalid_passkey');
  });

  test('a counter that goes back, or stands still, is refused and audited', async () => {
    const someone = await world.holder('copied');
    const { device: mine } = await world.register(someone);
    expect((await world.signInWith(mine, { counter: 100 })).status).toBe(200);
    expect((await world.signInWith(mine, { counter: 100 })).code).toBe('invalid_passkey');
    expect((await world.signInWith(mine, { counter: 99 })).code).toBe('invalid_passkey');
    expect(await audited(world, 'passkey.copied', someone.userId)).toBe(2);
    expect((await world.signInWith(mine, { counter: 101 })).status).toBe(200);
  });

  test('a device without a counter always says 0', async () => {
    const someone = await world.holder('uncounted');
    const mine = new SoftAuthenticator(ORIGIN);
    const { challenge, options } = await world.newOptions(someone);
    expect((await world.add(someone, challenge, mine.create(options, { counter: 0 }))).status).toBe(201);
    expect((await world.signInWith(mine, { counter: 0 })).status).toBe(200);
    expect((await world.signInWith(mine, { counter: 0 })).status).toBe(200);
  });

  test('no second factor is asked for', async () => {
    const careful = await world.holder('careful');
    const { device: mine } = await world.register(careful);
    const { secret } = (await caller.call('startTotp', { token: careful.token })).body as { secret: string };
    const code = await shownCode(secret, world.clock.now());
    expect((await caller.call('confirmTotp', { token: careful.token, body: { code } })).status).toBe(200);
    expect((await world.signInWith(mine)).body).toHaveProperty('accessToken');
  });

  test('lets in nobody who is kept out', async () => {
    const someone = await world.holder('unwanted');
    const { device: mine } = await world.register(someone);
    const set = (sql: string) => world.db.query(`update accounts.users set ${sql} where id = $1`, [someone.userId]);
    await set(`banned_at = now(), ban_reason = 'spam'`);
    const refused = (await world.signInWith(mine)).body as { error: ErrorBody };
    expect(refused.error).toMatchObject({ code: 'account_banned', details: { ban: { reason: 'spam' } } });
    // Whoever has no other way in can appeal as well.
    expect(world.accounts.bans.appellant(refused.error.details?.ban?.appeal ?? '')).toBe(someone.userId);
    await set(`banned_at = null, state = 'disabled'`);
    expect((await world.signInWith(mine)).code).toBe('account_disabled');
    await set(`state = 'deleted'`);
    expect((await world.signInWith(mine)).code).toBe('account_disabled');
    await set(`state = 'deactivated'`);
    expect((await world.signInWith(mine)).status).toBe(200);
    await world.db.query('delete from accounts.users where id = $1', [someone.userId]);
    expect((await world.signInWith(mine)).code).toBe('invalid_passkey');
  });
});

describe('proving who one is with a passkey', () => {
  const begin = async ({ token }: Holder) => (await caller.call('stepUpPasskey', { token })).body as Ceremony;
  const stepUp = ({ token }: Holder, challenge: string, response: object) =>
    caller.call('stepUp', { token, body: { with: 'passkey', challenge, response } });

  test('takes one’s own passkey and a challenge for just that', async () => {
    const [one, other] = [await world.holder(), await world.holder()];
    const [{ device: mine }, { device: theirs }] = [await world.register(one), await world.register(other)];
    const ceremony = await begin(one);
    expect(ceremony.options).toMatchObject({ allowCredentials: [{ id: mine.id }], userVerification: 'required' });
    expect((await stepUp(one, ceremony.challenge, theirs.get(ceremony.options))).code).toBe('invalid_passkey');
    const signingIn = await world.signInOptions();
    expect((await stepUp(one, signingIn.challenge, mine.get(signingIn.options))).code).toBe('invalid_passkey');
    const proving = await begin(one);
    expect((await world.signIn(proving.challenge, mine.get(proving.options))).code).toBe('invalid_passkey');
    const stolen = await begin(one);
    expect((await stepUp(other, stolen.challenge, mine.get(stolen.options))).code).toBe('invalid_passkey');
    const right = await begin(one);
    await world.clock.advance(4 * MINUTE);
    const response = mine.get(right.options);
    expect((await stepUp(one, right.challenge, response)).body).toEqual({ until: world.clock.now() + 10 * MINUTE });
    expect((await stepUp(one, right.challenge, response)).code).toBe('invalid_passkey');
  });
});
