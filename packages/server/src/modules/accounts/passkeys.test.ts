import { type ErrorBody, LIMITS, type Passkey, type SignedIn } from '@confab/protocol';
import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, type Caller, startAccounts } from '../../../test/accounts.ts';
import { type Fault, SoftAuthenticator, UP, UV } from '../../../test/soft-authenticator.ts';

const ORIGIN = 'https://chat.example';
const MINUTE = 60_000;

let world: AccountsWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
});
afterAll(() => world.close());

interface Ceremony {
  challenge: string;
  options: Record<string, unknown>;
}
interface Person {
  userId: string;
  token: string;
}

let people = 0;

async function person(name = `person${++people}`): Promise<Person> {
  const { user, accessToken } = await caller.signUp(name);
  return { userId: user.id, token: accessToken };
}

async function newOptions({ token }: Person): Promise<Ceremony> {
  const answer = await caller.call('newPasskey', { token });
  expect(answer.status).toBe(200);
  return answer.body as Ceremony;
}

function add({ token }: Person, challenge: string, response: object, name = 'Phone'): Promise<Answer> {
  return caller.call('addPasskey', { token, body: { challenge, response, name } });
}

/** A passkey of theirs, registered. */
async function register(owner: Person, device = new SoftAuthenticator(ORIGIN), name = 'Phone') {
  const { challenge, options } = await newOptions(owner);
  const answer = await add(owner, challenge, device.create(options), name);
  expect(answer.status).toBe(201);
  return { device, passkey: answer.body as Passkey };
}

async function signInOptions(): Promise<Ceremony> {
  return (await caller.call('passkeyOptions')).body as Ceremony;
}

function signIn(challenge: string, response: object): Promise<Answer> {
  return caller.call('passkeySignIn', { body: { challenge, response, transport: 'body' } });
}

async function signInWith(device: SoftAuthenticator, fault?: Fault): Promise<Answer> {
  const { challenge, options } = await signInOptions();
  return signIn(challenge, device.get(options, fault));
}

async function list({ token }: Person): Promise<Passkey[]> {
  return ((await caller.call('security', { token })).body as { passkeys: Passkey[] }).passkeys;
}

async function audited(action: string, targetId: string): Promise<number> {
  const { rows } = await world.db.query('select from accounts.audit_log where action = $1 and target_id = $2', [
    action,
    targetId,
  ]);
  return rows.length;
}

describe('a new passkey', () => {
  test('is kept, listed, told by mail, and signs in', async () => {
    const ada = await person('ada');
    await world.db.query('update accounts.users set email_verified_at = now() where id = $1', [ada.userId]);
    const { device, passkey } = await register(ada, undefined, 'My phone');
    expect(passkey).toEqual({ id: passkey.id, name: 'My phone', createdAt: world.clock.now(), lastUsedAt: null });
    expect(await list(ada)).toEqual([passkey]);
    expect((await world.mails()).at(-1)).toMatchObject({ to: 'ada@example.com' });
    expect((await world.mails()).at(-1)?.text).toContain('My phone');
    expect(await audited('passkey.added', ada.userId)).toBe(1);

    const answer = await signInWith(device);
    expect(answer.status).toBe(200);
    expect((answer.body as SignedIn).user.id).toBe(ada.userId);
    expect(await list(ada)).toEqual([{ ...passkey, lastUsedAt: world.clock.now() }]);
  });

  test('is asked for as one the device keeps and unlocks, under the name of this site', async () => {
    const eve = await person('eve');
    const { device } = await register(eve);
    const { challenge, options } = await newOptions(eve);
    expect(options).toMatchObject({
      challenge,
      rp: { id: 'chat.example' },
      user: { id: Buffer.from(eve.userId).toString('base64url'), name: 'eve' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: device.id, type: 'public-key' }],
    });
    const asked = await signInOptions();
    expect(asked.options).toMatchObject({ rpId: 'chat.example', userVerification: 'required' });
    expect(asked.options['challenge']).toBe(asked.challenge);
  });

  test.each<[string, Fault]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of this host without https', { origin: 'http://chat.example' }],
    ['of another port', { origin: 'https://chat.example:444' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['over another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['made without unlocking', { flags: UP }],
    ['made without anyone present', { flags: UV }],
    ['that is the answer to another question', { type: 'webauthn.get' }],
    ['with an attestation', { format: 'apple' }],
    ['with certificates', { format: 'packed', certificates: true }],
  ])('%s is refused, and its challenge used up', async (_what, fault) => {
    const owner = await person();
    const device = new SoftAuthenticator(ORIGIN);
    const { challenge, options } = await newOptions(owner);
    expect((await add(owner, challenge, device.create(options, fault))).code).toBe('invalid_passkey');
    expect((await add(owner, challenge, device.create(options))).code).toBe('invalid_passkey');
    expect(await list(owner)).toEqual([]);
  });

  test('does not come of a challenge of someone else, of another purpose, expired, or used', async () => {
    const [one, other] = [await person('mine'), await person('theirs')];
    const device = new SoftAuthenticator(ORIGIN);
    const theirs = await newOptions(other);
    expect((await add(one, theirs.challenge, device.create(theirs.options))).code).toBe('invalid_passkey');
    const signing = await signInOptions();
    const options = { ...theirs.options, challenge: signing.challenge };
    expect((await add(one, signing.challenge, device.create(options))).code).toBe('invalid_passkey');
    const late = await newOptions(one);
    await world.clock.advance(5 * MINUTE);
    expect((await add(one, late.challenge, device.create(late.options))).code).toBe('invalid_passkey');
    const used = await newOptions(one);
    const made = device.create(used.options);
    expect((await add(one, used.challenge, made)).status).toBe(201);
    expect((await add(one, used.challenge, made)).code).toBe('invalid_passkey');
  });

  test('of 50 registrations with one challenge at the same time, one is kept', async () => {
    const owner = await person('parallel');
    const { challenge, options } = await newOptions(owner);
    const made = new SoftAuthenticator(ORIGIN).create(options);
    const answers = await Promise.all(Array.from({ length: 50 }, () => add(owner, challenge, made)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await list(owner)).toHaveLength(1);
  });

  test('is refused when it is registered already, by oneself or by someone else', async () => {
    const [one, other] = [await person(), await person()];
    const { device } = await register(one);
    for (const who of [one, other]) {
      const { challenge, options } = await newOptions(who);
      expect((await add(who, challenge, device.create(options))).code).toBe('invalid_passkey');
    }
    expect(await list(other)).toEqual([]);
  });

  test(`there are at most ${LIMITS.passkeys}, however they are begun`, async () => {
    const owner = await person('collector');
    const begun = await newOptions(owner);
    for (let i = 0; i < LIMITS.passkeys; i++) await register(owner);
    expect((await caller.call('newPasskey', { token: owner.token })).code).toBe('limit_reached');
    const late = new SoftAuthenticator(ORIGIN).create(begun.options);
    expect((await add(owner, begun.challenge, late)).code).toBe('limit_reached');
  });

  test.each([{}, { id: 1 }, { id: 'a', rawId: 'a', type: 'public-key' }, { response: null }])(
    'that is no such thing (%j) is refused',
    async (response) => {
      const owner = await person();
      const { challenge } = await newOptions(owner);
      expect((await add(owner, challenge, response)).code).toBe('invalid_passkey');
    },
  );

  test('takes a proof of who one is a short while ago', async () => {
    const owner = await person('stale');
    await world.clock.advance(10 * MINUTE);
    expect((await caller.call('newPasskey', { token: owner.token })).code).toBe('step_up_required');
    expect((await add(owner, 'x', {})).code).toBe('step_up_required');
  });
});

describe('signing in with a passkey', () => {
  let owner: Person;
  let device: SoftAuthenticator;
  beforeAll(async () => {
    owner = await person('holder');
    ({ device } = await register(owner));
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
    expect((await signInWith(device, fault)).code).toBe('invalid_passkey');
  });

  test('needs the signature as it was made', async () => {
    const { challenge, options } = await signInOptions();
    const made = device.get(options);
    const signature = Buffer.from(made.response.signature, 'base64url');
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    const response = { ...made.response, signature: signature.toString('base64url') };
    expect((await signIn(challenge, { ...made, response })).code).toBe('invalid_passkey');
  });

  test('needs the key itself: another one under the same name is refused', async () => {
    const impostor = Object.assign(new SoftAuthenticator(ORIGIN), { id: device.id, userHandle: device.userHandle });
    const before = await audited('sign_in.failed', owner.userId);
    expect((await signInWith(impostor)).code).toBe('invalid_passkey');
    expect(await audited('sign_in.failed', owner.userId)).toBe(before + 1);
  });

  test('with an unknown passkey is refused alike', async () => {
    const unknown = new SoftAuthenticator(ORIGIN);
    unknown.userHandle = Buffer.from(owner.userId).toString('base64url');
    expect((await signInWith(unknown)).code).toBe('invalid_passkey');
  });

  test('needs to be told whose it is', async () => {
    const { challenge, options } = await signInOptions();
    const made = device.get(options);
    const response = { ...made, response: { ...made.response, userHandle: undefined } };
    expect((await signIn(challenge, response)).code).toBe('invalid_passkey');
  });

  test('works once a challenge, also for 20 at the same time, and not after 5 minutes', async () => {
    const { challenge, options } = await signInOptions();
    const responses = Array.from({ length: 20 }, () => device.get(options));
    const answers = await Promise.all(responses.map((response) => signIn(challenge, response)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await signIn(challenge, device.get(options))).code).toBe('invalid_passkey');
    const late = await signInOptions();
    await world.clock.advance(5 * MINUTE);
    expect((await signIn(late.challenge, device.get(late.options))).code).toBe('invalid_passkey');
  });

  test('a counter that goes back, or stands still, is refused and audited', async () => {
    const someone = await person('copied');
    const { device: mine } = await register(someone);
    expect((await signInWith(mine, { counter: 100 })).status).toBe(200);
    expect((await signInWith(mine, { counter: 100 })).code).toBe('invalid_passkey');
    expect((await signInWith(mine, { counter: 99 })).code).toBe('invalid_passkey');
    expect(await audited('passkey.copied', someone.userId)).toBe(2);
    expect((await signInWith(mine, { counter: 101 })).status).toBe(200);
  });

  test('a device without a counter always says 0', async () => {
    const someone = await person('uncounted');
    const mine = new SoftAuthenticator(ORIGIN);
    const { challenge, options } = await newOptions(someone);
    expect((await add(someone, challenge, mine.create(options, { counter: 0 }))).status).toBe(201);
    expect((await signInWith(mine, { counter: 0 })).status).toBe(200);
    expect((await signInWith(mine, { counter: 0 })).status).toBe(200);
  });

  test('no second factor is asked for', async () => {
    const careful = await person('careful');
    const { device: mine } = await register(careful);
    const { secret } = (await caller.call('startTotp', { token: careful.token })).body as { secret: string };
    const code = await generate({ secret, epoch: Math.floor(world.clock.now() / 1000) });
    expect((await caller.call('confirmTotp', { token: careful.token, body: { code } })).status).toBe(200);
    expect((await signInWith(mine)).body).toHaveProperty('accessToken');
  });

  test('lets in nobody who is kept out', async () => {
    const someone = await person('unwanted');
    const { device: mine } = await register(someone);
    const set = (sql: string) => world.db.query(`update accounts.users set ${sql} where id = $1`, [someone.userId]);
    await set(`banned_at = now(), ban_reason = 'spam'`);
    const refused = (await signInWith(mine)).body as { error: ErrorBody };
    expect(refused.error).toMatchObject({ code: 'account_banned', details: { ban: { reason: 'spam' } } });
    // Whoever has no other way in can appeal as well.
    expect(world.accounts.bans.appellant(refused.error.details?.ban?.appeal ?? '')).toBe(someone.userId);
    await set(`banned_at = null, state = 'disabled'`);
    expect((await signInWith(mine)).code).toBe('account_disabled');
    await set(`state = 'deleted'`);
    expect((await signInWith(mine)).code).toBe('account_disabled');
    await set(`state = 'deactivated'`);
    expect((await signInWith(mine)).status).toBe(200);
    await world.db.query('delete from accounts.users where id = $1', [someone.userId]);
    expect((await signInWith(mine)).code).toBe('invalid_passkey');
  });
});

describe('proving who one is with a passkey', () => {
  const begin = async ({ token }: Person) => (await caller.call('stepUpPasskey', { token })).body as Ceremony;
  const stepUp = ({ token }: Person, challenge: string, response: object) =>
    caller.call('stepUp', { token, body: { with: 'passkey', challenge, response } });

  test('takes one’s own passkey and a challenge for just that', async () => {
    const [one, other] = [await person(), await person()];
    const [{ device: mine }, { device: theirs }] = [await register(one), await register(other)];
    const ceremony = await begin(one);
    expect(ceremony.options).toMatchObject({ allowCredentials: [{ id: mine.id }], userVerification: 'required' });
    expect((await stepUp(one, ceremony.challenge, theirs.get(ceremony.options))).code).toBe('invalid_passkey');
    const signingIn = await signInOptions();
    expect((await stepUp(one, signingIn.challenge, mine.get(signingIn.options))).code).toBe('invalid_passkey');
    const proving = await begin(one);
    expect((await signIn(proving.challenge, mine.get(proving.options))).code).toBe('invalid_passkey');
    const stolen = await begin(one);
    expect((await stepUp(other, stolen.challenge, mine.get(stolen.options))).code).toBe('invalid_passkey');
    const right = await begin(one);
    await world.clock.advance(4 * MINUTE);
    const response = mine.get(right.options);
    expect((await stepUp(one, right.challenge, response)).body).toEqual({ until: world.clock.now() + 10 * MINUTE });
    expect((await stepUp(one, right.challenge, response)).code).toBe('invalid_passkey');
  });
});

describe('my passkeys', () => {
  test('are renamed and removed by me alone', async () => {
    const [one, other] = [await person('keeper'), await person('thief')];
    const { device, passkey } = await register(one);
    const params = { passkeyId: passkey.id };
    const body = { name: 'Laptop' };
    expect((await caller.call('renamePasskey', { token: other.token, params, body })).code).toBe('not_found');
    expect((await caller.call('removePasskey', { token: other.token, params })).code).toBe('not_found');
    const renamed = await caller.call('renamePasskey', { token: one.token, params, body });
    expect(renamed.body).toEqual({ ...passkey, name: 'Laptop' });
    expect((await caller.call('removePasskey', { token: one.token, params })).status).toBe(204);
    expect((await caller.call('removePasskey', { token: one.token, params })).code).toBe('not_found');
    expect(await list(one)).toEqual([]);
    expect((await signInWith(device)).code).toBe('invalid_passkey');
    expect(await audited('passkey.removed', one.userId)).toBe(1);
  });

  test('the last way in stays, also when the last two are removed at the same time', async () => {
    const owner = await person('locked');
    const [a, b] = [await register(owner), await register(owner)];
    const remove = (id: string) => caller.call('removePasskey', { token: owner.token, params: { passkeyId: id } });
    await world.db.query('update accounts.users set password_hash = null where id = $1', [owner.userId]);
    const answers = await Promise.all([remove(a.passkey.id), remove(b.passkey.id)]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'last_way_in')).toHaveLength(1);
    const [left] = await list(owner);
    await world.db.query('update accounts.users set email_verified_at = now() where id = $1', [owner.userId]);
    expect((await remove(left?.id ?? '')).status).toBe(204);
  });
});

describe('where browsers offer no passkeys', () => {
  test.each(['http://192.0.2.1:3000', 'https://192.0.2.1', 'https://[2001:db8::1]', 'http://chat.example'])(
    'as at %s, they are not enabled',
    async (baseUrl) => {
      const node = await world.node({ config: { baseUrl: () => baseUrl } });
      const there = node.caller();
      expect((await there.call('waysIn')).body).toMatchObject({ passkeys: false });
      expect((await there.call('passkeyOptions')).code).toBe('not_enabled');
      const body = { challenge: 'x', response: {} };
      expect((await there.call('passkeySignIn', { body })).code).toBe('not_enabled');
    },
  );

  test.each(['http://localhost:3000', 'https://chat.example', 'https://chat.example:8443'])(
    'as they do at %s, they are',
    async (baseUrl) => {
      const node = await world.node({ config: { baseUrl: () => baseUrl } });
      expect((await node.caller().call('waysIn')).body).toMatchObject({ passkeys: true });
      const { options } = (await node.caller().call('passkeyOptions')).body as Ceremony;
      expect(options['rpId']).toBe(new URL(baseUrl).hostname);
    },
  );
});
