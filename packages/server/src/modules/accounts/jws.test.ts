/** Forgeries of the kinds of Wycheproof's JWS vectors and RFC 8725: each is wrong in one thing, and refused for it. */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, startAccounts } from '../../../test/accounts.ts';
import { decode, encode, insiderKey, type Part, signed, strangerKey } from '../../../test/forger.ts';

let world: AccountsWorld;
let token: string;
let header: Part;
let claims: Part;
let insider: KeyObject;
let first: string;
let second: string;
let third: string;
beforeAll(async () => {
  world = await startAccounts();
  ({ accessToken: token } = await world.caller().signUp('holder'));
  [first = '', second = '', third = ''] = token.split('.');
  [header, claims] = [decode(first), decode(second)];
  insider = await insiderKey(world.db);
});
afterAll(() => world.close());

/** Refused by the binder, and by what the sockets ask. */
async function expectRefused(forgeries: Record<string, string>): Promise<void> {
  for (const [name, forged] of Object.entries(forgeries)) {
    const { code } = await world.caller().call('profile', { token: forged });
    expect.soft([name, code]).toEqual([name, 'unauthenticated']);
    await expect.soft(world.accounts.authenticate(forged), name).rejects.toMatchObject({ code: 'unauthenticated' });
  }
}

const text = (json: string) => Buffer.from(json).toString('base64url');

test('the forger can forge: what is right in everything is accepted', async () => {
  const again = signed(encode(header), encode({ ...claims, role: 'user' }), insider);
  expect((await world.caller().call('profile', { token: again })).status).toBe(200);
});

describe('refused is a token', () => {
  test('without a signature, however "none" is spelt, and with an empty or foreign one', async () => {
    const forgeries: Record<string, string> = {};
    for (const alg of [
      'none',
      'None',
      'NONE',
      'nOnE',
      'none ',
      '',
      ' ',
      null,
      undefined,
      0,
      false,
      ['none'],
      ['EdDSA'],
    ]) {
      const input = `${encode({ ...header, alg })}.${second}`;
      forgeries[`${String(alg)}, empty`] = `${input}.`;
      forgeries[`${String(alg)}, two parts`] = input;
      forgeries[`${String(alg)}, of another`] = `${input}.${third}`;
      forgeries[`${String(alg)}, rightly signed`] = signed(encode({ ...header, alg }), second, insider);
    }
    await expectRefused({ ...forgeries, 'right header, empty': `${first}.${second}.` });
  });

  test('of another algorithm, be it by our own key or named as a relative of ours', async () => {
    const forgeries: Record<string, string> = {};
    for (const alg of [
      'Ed25519',
      'Ed448',
      'eddsa',
      'EDDSA',
      'ES256',
      'RS256',
      'PS256',
      'HS256',
      'HS512',
      'dir',
      'A128KW',
    ]) {
      forgeries[alg] = signed(encode({ ...header, alg }), second, insider);
    }
    await expectRefused(forgeries);
  });

  test('signed by HMAC under anything that is public', async () => {
    const { keys } = (await world.caller().call('jwks')).body as { keys: [{ x: string }] };
    const [jwk] = keys;
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const secrets: Record<string, Buffer | string> = {
      raw: Buffer.from(jwk.x, 'base64url'),
      text: jwk.x,
      JWK: JSON.stringify(jwk),
      JWKS: JSON.stringify({ keys }),
      PEM: publicKey.export({ type: 'spki', format: 'pem' }),
      DER: publicKey.export({ type: 'spki', format: 'der' }),
      nothing: '',
    };
    const forgeries: Record<string, string> = {};
    for (const [name, secret] of Object.entries(secrets)) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['HS512', 'sha512'],
      ] as const) {
        const input = `${encode({ ...header, alg })}.${second}`;
        forgeries[`${alg} ${name}`] = `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
      }
    }
    await expectRefused(forgeries);
  });

  test('of a key of another curve or kind, under our key id', async () => {
    const input = `${encode({ ...header, alg: 'ES256' })}.${second}`;
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ed448 = generateKeyPairSync('ed448').privateKey;
    const by = (text: string, hash: string | null, key: KeyObject) =>
      `${text}.${sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    await expectRefused({
      'P-256': by(input, 'sha256', p256),
      'P-256 named EdDSA': by(`${first}.${second}`, 'sha256', p256),
      RSA: by(`${encode({ ...header, alg: 'RS256' })}.${second}`, 'sha256', rsa),
      Ed448: by(`${first}.${second}`, null, ed448),
      'another Ed25519': signed(first, second, strangerKey()),
    });
  });

  test('that brings its key, or says where to get it', async () => {
    const own = strangerKey();
    const jwk = createPublicKey(own).export({ format: 'jwk' });
    const der = createPublicKey(own).export({ type: 'spki', format: 'der' }).toString('base64');
    const forgeries: Record<string, string> = {};
    for (const kid of [header.kid, undefined, 'own', jwk.x]) {
      for (const [name, extra] of Object.entries({
        jwk: { jwk: { ...jwk, kid } },
        jku: { jku: 'http://127.0.0.1:1/jwks.json' },
        x5c: { x5c: [der] },
        x5u: { x5u: 'http://127.0.0.1:1/cert.pem' },
        all: { jwk, x5c: [der], jku: 'data:application/json,{}', x5u: 'file:///etc/passwd' },
      })) {
        forgeries[`${name}, ${String(kid)}`] = signed(encode({ ...header, kid, ...extra }), second, own);
      }
    }
    await expectRefused(forgeries);
  });

  test('whose key id is no key of ours, whatever it means elsewhere', async () => {
    const forgeries: Record<string, string> = {};
    const { kid } = header;
    const odd = [
      '',
      ' ',
      `${String(kid)} `,
      `${String(kid)}\u0000`,
      String(kid).toUpperCase(),
      '../../../dev/null',
      '/dev/null',
    ];
    odd.push(
      `' or '1'='1`,
      `x' union select kid from accounts.signing_keys --`,
      '__proto__',
      'constructor',
      'x'.repeat(3000),
    );
    for (const wrong of [...odd, null, undefined, 0, true, [kid], { kid }]) {
      const form = JSON.stringify(wrong) ?? 'missing';
      forgeries[`${form}, ours`] = signed(encode({ ...header, kid: wrong }), second, insider);
      forgeries[`${form}, a stranger’s`] = signed(encode({ ...header, kid: wrong }), second, strangerKey());
    }
    await expectRefused(forgeries);
  });

  test('whose signature is cut, longer, changed in a bit, zero, or of other content', async () => {
    const signature = Buffer.from(third, 'base64url');
    const withSignature = (bytes: Buffer) => `${first}.${second}.${bytes.toString('base64url')}`;
    const flipped = (at: number) => Buffer.from(signature.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    const other = signed(first, encode({ ...claims, role: 'owner' }), insider).split('.')[2] ?? '';
    await expectRefused({
      'one byte short': withSignature(signature.subarray(0, 63)),
      'half of it': withSignature(signature.subarray(0, 32)),
      'one byte more': withSignature(Buffer.concat([signature, Buffer.alloc(1)])),
      twice: withSignature(Buffer.concat([signature, signature])),
      'first bit': withSignature(flipped(0)),
      'last bit': withSignature(flipped(63)),
      zero: withSignature(Buffer.alloc(64)),
      'of other claims': `${first}.${second}.${other}`,
      // S of the signature plus the order of the group: RFC 8032 §5.1.7 wants it refused.
      malleable: withSignature(Buffer.concat([signature.subarray(0, 32), addOrder(signature.subarray(32))])),
    });
  });

  test('whose content is changed under its signature', async () => {
    await expectRefused({
      role: `${first}.${encode({ ...claims, role: 'owner' })}.${third}`,
      'another person': `${first}.${encode({ ...claims, sub: '018f0000-0000-7000-8000-000000000000' })}.${third}`,
      'a later end': `${first}.${encode({ ...claims, exp: Number(claims.exp) + 1 })}.${third}`,
      'the same in another order': `${first}.${encode(Object.fromEntries(Object.entries(claims).toReversed()))}.${third}`,
      'a header more': `${encode({ ...header, x: 1 })}.${second}.${third}`,
      nothing: `${first}..${third}`,
      'an empty object': `${first}.e30.${third}`,
    });
  });

  test('that is not three parts of base64url of JSON objects', async () => {
    const inBase64 = (part: string) => Buffer.from(part, 'base64url').toString('base64');
    await expectRefused({
      'one part': first,
      'four parts': `${token}.${third}`,
      'five parts, as encrypted ones': `${first}.${second}.${third}.${second}.${third}`,
      'a dot before': `.${token}`,
      'a dot after': `${token}.`,
      padding: `${first}.${second}.${inBase64(third)}`,
      'text that is no JSON': signed(text('{"alg":"EdDSA"'), second, insider),
      'a list': signed(text('["EdDSA"]'), second, insider),
      null: signed(text('null'), second, insider),
      'claims that are no object': signed(first, text('"claims"'), insider),
      'claims that are a list': signed(first, encode([claims]), insider),
      'claims that are no JSON': signed(first, text('{"sub":'), insider),
      'claims that are no UTF-8': signed(first, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url'), insider),
      'critical extensions': signed(encode({ ...header, crit: ['exp'], exp: 1 }), second, insider),
      'an unencoded payload': signed(encode({ ...header, b64: false, crit: ['b64'] }), second, insider),
      'as JSON': encode({ protected: first, payload: second, signature: third }),
      huge: signed(first, encode({ ...claims, padding: 'x'.repeat(1_000_00) }).slice(0, 9000), insider),
      'huge, and right': signed(first, encode({ ...claims, padding: 'x'.repeat(5000) }), insider),
    });
  });

  test('of another kind, issuer, or with claims of the wrong type, though rightly signed', async () => {
    const forgeries: Record<string, string> = {};
    for (const typ of ['JWT', 'at+jwt+x', 'id_token', '', null, 1, ['at+jwt'], undefined, 'dpop+jwt', 'secevent+jwt']) {
      forgeries[`typ ${String(typ)}`] = signed(encode({ ...header, typ }), second, insider);
    }
    const wrong: [string, unknown[]][] = [
      ['iss', ['confab ', 'Confab', '', null, undefined, 1, ['confab'], { confab: true }]],
      [
        'exp',
        [String(claims.exp), 'tomorrow', null, undefined, true, [claims.exp], {}, 1e300, Number(claims.exp) + 0.5],
      ],
      ['nbf', [Number(claims.exp) - 1, 'now', {}]],
      ['iat', ['now', {}]],
      ['sub', ['', 'x', null, undefined, 1, [claims.sub], { $ne: null }]],
      ['sid', ['', 'x', null, undefined, 1, [claims.sid], { $ne: null }]],
    ];
    for (const [name, values] of wrong) {
      for (const value of values) {
        const about = `${name} ${JSON.stringify(value) ?? 'missing'}`;
        forgeries[about] = signed(first, encode({ ...claims, [name]: value }), insider);
      }
    }
    await expectRefused(forgeries);
  });

  test('whose time is over, also when it says so in odd numbers', async () => {
    for (const exp of [Number(claims.iat), 0, -1, -1e15]) {
      const over = signed(first, encode({ ...claims, exp }), insider);
      expect((await world.caller().call('profile', { token: over })).code).toBe('token_expired');
    }
  });
});

/** A scalar in little-endian order plus the order of Ed25519's group. */
function addOrder(scalar: Buffer): Buffer {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const sum =
    BigInt(
      `0x${Buffer.from(scalar)
        .toReversed()
        .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '')}`,
    ) + order;
  return Buffer.from(Buffer.from(sum.toString(16).padStart(64, '0').slice(-64), 'hex').toReversed());
}
