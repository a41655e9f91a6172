import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, SECRET, startAccounts } from '../../../test/accounts.ts';
import { decode, encode, insiderKey, type Part, signed, strangerKey } from '../../../test/forger.ts';
import type { Bus } from '../../platform/bus/index.ts';
import { FakeClock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { StartupError } from '../../platform/lifecycle.ts';
import { deriveKey, open, seal } from './secrets.ts';

let world: AccountsWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
});
afterAll(() => world.close());

async function forged(header: Part, claims: Part, by?: 'insider' | 'stranger'): Promise<string> {
  return signed(encode(header), encode(claims), by === 'insider' ? await insiderKey(world.db) : strangerKey());
}

describe('an access token', () => {
  let signedIn: SignedIn;
  let header: Part;
  let claims: Part;
  beforeAll(async () => {
    signedIn = await caller.signUp('holder');
    const [first, second] = signedIn.accessToken.split('.');
    header = decode(first);
    claims = decode(second);
  });

  async function code(token: string) {
    return (await caller.call('profile', { token })).code;
  }

  test('is an EdDSA JWT of type at+jwt with sub, sid, role and 15 minutes, signed by the key of the JWKS', async () => {
    const { body } = await caller.call('jwks');
    const { keys } = body as { keys: Part[] };
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0]?.kid });
    const iat = Math.floor(world.clock.now() / 1000);
    const { sub, sid } = { sub: signedIn.user.id, sid: expect.any(String) as string };
    expect(claims).toEqual({ iss: 'confab', sub, sid, role: 'user', iat, exp: iat + 900 });
  });

  // The forgeries below are refused for the one thing each has wrong: a token made the same way without it passes.
  test('made with the right key and form is accepted, so the forger of these tests can forge', async () => {
    expect(await code(await forged(header, claims, 'insider'))).toBeUndefined();
  });

  test('with alg none is refused, with and without a signature', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      const input = `${encode({ ...header, alg })}.${encode(claims)}`;
      expect(await code(`${input}.`)).toBe('unauthenticated');
      expect(await code(input)).toBe('unauthenticated');
      expect(await code(`${input}.${signedIn.accessToken.split('.')[2]}`)).toBe('unauthenticated');
    }
  });

  test('signed by HMAC with the public key as the secret is refused', async () => {
    const { keys } = (await caller.call('jwks')).body as { keys: [{ x: string }] };
    const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    const secrets = [Buffer.from(keys[0].x, 'base64url'), keys[0].x, JSON.stringify(keys[0])];
    for (const secret of secrets) {
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      expect(await code(`${input}.${signature}`)).toBe('unauthenticated');
    }
  });

  test('that brings its own key is refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' });
    for (const extra of [
      { jwk },
      { jwk, kid: undefined },
      { jku: 'http://127.0.0.1:1/keys' },
      { x5u: 'http://127.0.0.1:1/' },
    ]) {
      const input = `${encode({ ...header, ...extra })}.${encode(claims)}`;
      const token = `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
      expect(await code(token)).toBe('unauthenticated');
    }
  });

  test('of a foreign key is refused, under our key id, another and none', async () => {
    for (const kid of [header.kid, 'other', undefined, '__proto__']) {
      expect(await code(await forged({ ...header, kid }, claims, 'stranger'))).toBe('unauthenticated');
    }
  });

  test('of another installation is refused', async () => {
    const other = await startAccounts();
    const { accessToken } = await other.caller().signUp('holder');
    await other.close();
    expect(await code(accessToken)).toBe('unauthenticated');
  });

  test('truncated, changed or malformed is refused', async () => {
    const token = signedIn.accessToken;
    const [first = '', second = '', third = ''] = token.split('.');
    const changed = encode({ ...claims, sub: '018f0000-0000-7000-8000-000000000000' });
    const broken = [token.slice(0, -1), token.slice(0, -20), `${first}.${second}`, `${first}.${changed}.${third}`];
    broken.push(
      'x',
      '..',
      'a.b.c',
      `${token}.`,
      `${first}.${second}.${third}.x.y`,
      'x'.repeat(5000),
      `${first}.e30.${third}`,
    );
    for (const text of broken) expect(await code(text)).toBe('unauthenticated');
  });

  test('of the wrong type, issuer or form of claims is refused, even signed by our key', async () => {
    const wrong: [Part, Part][] = [
      [{ ...header, typ: 'JWT' }, claims],
      [{ ...header, typ: undefined }, claims],
      [{ ...header, crit: ['b64'], b64: false }, claims],
      [header, { ...claims, iss: 'https://elsewhere.example' }],
      [header, { ...claims, iss: undefined }],
      [header, { ...claims, exp: undefined }],
      [header, { ...claims, exp: 'tomorrow' }],
      [header, { ...claims, sub: undefined }],
      [header, { ...claims, sub: { $ne: null } }],
      [header, { ...claims, sid: 'x' }],
      [header, { ...claims, sid: undefined }],
      [header, { ...claims, nbf: Number(claims.exp) - 1 }],
    ];
    for (const [head, body] of wrong) expect(await code(await forged(head, body, 'insider'))).toBe('unauthenticated');
  });

  test('of a session that never was, or of another person’s session, is refused', async () => {
    const other = await caller.signUp('other-holder'.replace('-', '.'));
    const sid = decode(other.accessToken.split('.')[1]).sid;
    const nowhere = '018f0000-0000-7000-8000-000000000000';
    for (const change of [{ sid: nowhere }, { sid }, { sub: nowhere }]) {
      expect(await code(await forged(header, { ...claims, ...change }, 'insider'))).toBe('session_ended');
    }
  });

  test('grants the role of the database, within 5 s of a change, whatever its role claim says', async () => {
    const boasting = await forged(header, { ...claims, role: 'owner' }, 'insider');
    expect((await world.accounts.authenticate(boasting)).actor.role).toBe('user');
    await world.db.query(`update accounts.users set role = 'moderator' where id = $1`, [signedIn.user.id]);
    await world.clock.advance(5_000);
    expect((await world.accounts.authenticate(signedIn.accessToken)).actor.role).toBe('moderator');
  });

  test('lives 15 minutes, known to the cache or not', async () => {
    const { accessToken } = await caller.signUp('mortal');
    const unseen = (await caller.signUp('mortal2')).accessToken;
    await world.clock.advance(899_000);
    expect(await code(accessToken)).toBeUndefined();
    await world.clock.advance(1_000);
    expect(await code(accessToken)).toBe('token_expired');
    expect(await code(unseen)).toBe('token_expired');
  });

  test('is asked for: nothing, another scheme or an empty one are refused', async () => {
    expect((await caller.call('profile')).code).toBe('unauthenticated');
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic YTpi', signedIn.accessToken]) {
      expect((await caller.call('profile', { headers: { authorization } })).code).toBe('unauthenticated');
    }
  });
});

describe('the session check', () => {
  /** Carries nothing, as one that lost its connection. */
  const silent: Bus = { publish() {}, subscribe: () => Promise.resolve(() => {}), close: () => Promise.resolve() };

  test('asks the database at most every 5 s a session, once for calls at the same time', async () => {
    const { accessToken } = await caller.signUp('frequent');
    let asked = 0;
    const real = world.db.query.bind(world.db);
    const counting: Database['query'] = (sql, values) => {
      if (typeof sql === 'object' && sql.name === 'accounts.holders') asked++;
      return real(sql, values);
    };
    Object.assign(world.db, { query: counting });
    try {
      await Promise.all(Array.from({ length: 20 }, () => world.accounts.authenticate(accessToken)));
      await world.clock.advance(4_999);
      await world.accounts.authenticate(accessToken);
      expect(asked).toBe(1);
      await world.clock.advance(1);
      await world.accounts.authenticate(accessToken);
      expect(asked).toBe(2);
    } finally {
      Object.assign(world.db, { query: real });
    }
  });

  test('a failed look-up refuses the call, is not remembered, and lets the next one pass', async () => {
    const { accessToken } = await caller.signUp('unlucky');
    const real = world.db.query.bind(world.db);
    const lost: Database['query'] = () => Promise.reject(Object.assign(new Error('lost'), { code: 'ECONNREFUSED' }));
    Object.assign(world.db, { query: lost });
    const answer = await caller.call('profile', { token: accessToken }).finally(() => {
      Object.assign(world.db, { query: real });
    });
    expect(answer).toMatchObject({ status: 503, code: 'unavailable' });
    expect((await caller.call('profile', { token: accessToken })).status).toBe(200);
  });

  test('a session ended on one node is refused on another at once with the hint, within 5 s without', async () => {
    const hinted = await world.node({ bus: world.bus, clock: world.clock });
    const unhinted = await world.node({ bus: silent, clock: world.clock });
    const { accessToken, refreshToken } = await caller.signUp('everywhere');
    for (const node of [hinted, unhinted]) await node.accounts.authenticate(accessToken);
    await caller.call('signOut', { body: { refreshToken } });
    await expect(hinted.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'session_ended' });
    await world.clock.advance(5_000);
    await expect(unhinted.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'session_ended' });
  });

  test('the node that ended a session refuses it at once, whatever becomes of the hint', async () => {
    const node = await world.node({ bus: silent, clock: world.clock });
    const { accessToken, refreshToken } = await node.caller().signUp('unheard');
    await node.accounts.authenticate(accessToken);
    await node.caller().call('signOut', { body: { refreshToken } });
    await expect(node.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'session_ended' });
  });

  test('endSession ends a session once, with the first reason', async () => {
    const { accessToken } = await caller.signUp('revoked');
    const { actor } = await world.accounts.authenticate(accessToken);
    await world.accounts.endSession(actor.sessionId, 'revoked');
    await world.accounts.endSession(actor.sessionId, 'signed_out');
    await expect(world.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'session_ended' });
    const { rows } = await world.db.query<{ end_reason: string }>(
      'select end_reason from accounts.sessions where id = $1',
      [actor.sessionId],
    );
    expect(rows).toEqual([{ end_reason: 'revoked' }]);
  });
});

describe('the signing key', () => {
  test('is one, however many nodes start at once, and each accepts the others’ tokens', async () => {
    await world.db.query('delete from accounts.signing_keys');
    const nodes = await Promise.all(Array.from({ length: 6 }, () => world.node({ clock: world.clock })));
    const { rows } = await world.db.query('select kid from accounts.signing_keys');
    expect(rows).toHaveLength(1);
    const [one, two] = nodes;
    if (one === undefined || two === undefined) throw new Error('no nodes');
    const { accessToken } = await one.caller().signUp('traveller');
    expect((await two.caller().call('profile', { token: accessToken })).status).toBe(200);
  });

  test('does not open with another master secret: one line says so at the start', async () => {
    const start = world.node({ secret: Buffer.alloc(32, 8), clock: new FakeClock() });
    await expect(start).rejects.toThrow(StartupError);
    await expect(start).rejects.toThrow(/^The secret is not the one this database was set up with/);
  });

  test('is sealed: any changed byte, another context and another key are noticed', () => {
    const key = deriveKey(SECRET, 'signing-keys');
    const sealed = seal(key, 'text', 'a');
    expect(open(key, sealed, 'a')).toBe('text');
    expect(open(key, sealed, 'b')).toBeUndefined();
    expect(open(deriveKey(SECRET, 'csrf'), sealed, 'a')).toBeUndefined();
    expect(open(key, sealed.subarray(0, 10), 'a')).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(open(key, changed, 'a')).toBeUndefined();
    }
  });
});
