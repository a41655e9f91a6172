/** Passkeys: adding them, keeping them, and where there are none. */
import { LIMITS, type SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audited, type Caller, verifyAddress } from '../../../test/accounts.ts';
import { type Ceremony, ORIGIN, type PasskeyWorld, startPasskeys } from '../../../test/passkeys.ts';
import { type Fault, SoftAuthenticator, UP, UV } from '../../../test/soft-authenticator.ts';

const MINUTE = 60_000;

let world: PasskeyWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startPasskeys();
  caller = world.caller();
});
afterAll(() => world.close());

describe('a new passkey', () => {
  test('is kept, listed, told by mail, and signs in', async () => {
    const ada = await world.holder('ada');
    await verifyAddress(world, ada.userId);
    const { device, passkey } = await world.register(ada, undefined, 'My phone');
    expect(passkey).toEqual({ id: passkey.id, name: 'My phone', createdAt: world.clock.now(), lastUsedAt: null });
    expect(await world.list(ada)).toEqual([passkey]);
    expect((await world.mails()).at(-1)).toMatchObject({ to: 'ada@example.com' });
    expect((await world.mails()).at(-1)?.text).toContain('My phone');
    expect(await audited(world, 'passkey.added', ada.userId)).toBe(1);

    const answer = await world.signInWith(device);
    expect(answer.status).toBe(200);
    expect((answer.body as SignedIn).user.id).toBe(ada.userId);
    expect(await world.list(ada)).toEqual([{ ...passkey, lastUsedAt: world.clock.now() }]);
  });

  test('is asked for as one the device keeps and unlocks, under the name of this site', async () => {
    const eve = await world.holder('eve');
    const { device } = await world.register(eve);
    const { challenge, options } = await world.newOptions(eve);
    expect(options).toMatchObject({
      challenge,
      rp: { id: 'chat.example' },
      user: { id: Buffer.from(eve.userId).toString('base64url'), name: 'eve' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: device.id, type: 'public-key' }],
    });
    const asked = await world.signInOptions();
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
    const owner = await world.holder();
    const device = new SoftAuthenticator(ORIGIN);
    const { challenge, options } = await world.newOptions(owner);
    expect((await world.add(owner, challenge, device.create(options, fault))).code).toBe('invalid_passkey');
    expect((await world.add(owner, challenge, device.create(options))).code).toBe('invalid_passkey');
    expect(await world.list(owner)).toEqual([]);
  });

  test('does not come of a challenge of someone else, of another purpose, expired, or used', async () => {
    const [one, other] = [await world.holder('mine'), await world.holder('theirs')];
    const device = new SoftAuthenticator(ORIGIN);
    const theirs = await world.newOptions(other);
    expect((await world.add(one, theirs.challenge, device.create(theirs.options))).code).toBe('invalid_passkey');
    const signing = await world.signInOptions();
    const options = { ...theirs.options, challenge: signing.challenge };
    expect((await world.add(one, signing.challenge, device.create(options))).code).toBe('invalid_passkey');
    const late = await world.newOptions(one);
    await world.clock.advance(5 * MINUTE);
    expect((await world.add(one, late.challenge, device.create(late.options))).code).toBe('invalid_passkey');
    const used = await world.newOptions(one);
    const made = device.create(used.options);
    expect((await world.add(one, used.challenge, made)).status).toBe(201);
    expect((await world.add(one, used.challenge, made)).code).toBe('invalid_passkey');
  });

  test('of 50 registrations with one challenge at the same time, one is kept', async () => {
    const owner = await world.holder('parallel');
    const { challenge, options } = await world.newOptions(owner);
    const made = new SoftAuthenticator(ORIGIN).create(options);
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.add(owner, challenge, made)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await world.list(owner)).toHaveLength(1);
  });

  test('is refused when it is registered already, by oneself or by someone else', async () => {
    const [one, other] = [await world.holder(), await world.holder()];
    const { device } = await world.register(one);
    for (const who of [one, other]) {
      const { challenge, options } = await world.newOptions(who);
      expect((await world.add(who, challenge, device.create(options))).code).toBe('invalid_passkey');
    }
    expect(await world.list(other)).toEqual([]);
  });

  test(`there are at most ${LIMITS.passkeys}, however they are begun`, async () => {
    const owner = await world.holder('collector');
    const begun = await world.newOptions(owner);
    for (let i = 0; i < LIMITS.passkeys; i++) await world.register(owner);
    expect((await caller.call('newPasskey', { token: owner.token })).code).toBe('limit_reached');
    const late = new SoftAuthenticator(ORIGIN).create(begun.options);
    expect((await world.add(owner, begun.challenge, late)).code).toBe('limit_reached');
  });

  test.each([{}, { id: 1 }, { id: 'a', rawId: 'a', type: 'public-key' }, { response: null }])(
    'that is no such thing (%j) is refused',
    async (response) => {
      const owner = await world.holder();
      const { challenge } = await world.newOptions(owner);
      expect((await world.add(owner, challenge, response)).code).toBe('invalid_passkey');
    },
  );

  test('takes a proof of who one is a short while ago', async () => {
    const owner = await world.holder('stale');
    await world.clock.advance(10 * MINUTE);
    expect((await caller.call('newPasskey', { token: owner.token })).code).toBe('step_up_required');
    expect((await world.add(owner, 'x', {})).code).toBe('step_up_required');
  });
});

describe('my passkeys', () => {
  test('are renamed and removed by me alone', async () => {
    const [one, other] = [await world.holder('keeper'), await world.holder('thief')];
    const { device, passkey } = await world.register(one);
    const params = { passkeyId: passkey.id };
    const body = { name: 'Laptop' };
    expect((await caller.call('renamePasskey', { token: other.token, params, body })).code).toBe('not_found');
    expect((await caller.call('removePasskey', { token: other.token, params })).code).toBe('not_found');
    const renamed = await caller.call('renamePasskey', { token: one.token, params, body });
    expect(renamed.body).toEqual({ ...passkey, name: 'Laptop' });
    expect((await caller.call('removePasskey', { token: one.token, params })).status).toBe(204);
    expect((await caller.call('removePasskey', { token: one.token, params })).code).toBe('not_found');
    expect(await world.list(one)).toEqual([]);
    expect((await world.signInWith(device)).code).toBe('invalid_passkey');
    expect(await audited(world, 'passkey.removed', one.userId)).toBe(1);
  });

  test('the last way in stays, also when the last two are removed at the same time', async () => {
    const owner = await world.holder('locked');
    const [a, b] = [await world.register(owner), await world.register(owner)];
    const remove = (id: string) => caller.call('removePasskey', { token: owner.token, params: { passkeyId: id } });
    await world.db.query('update accounts.users set password_hash = null where id = $1', [owner.userId]);
    const answers = await Promise.all([remove(a.passkey.id), remove(b.passkey.id)]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'last_way_in')).toHaveLength(1);
    const [left] = await world.list(owner);
    await verifyAddress(world, owner.userId);
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
