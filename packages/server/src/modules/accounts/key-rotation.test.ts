import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { Profile, SignedIn } from '@confab/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, type Node, PASSWORD, SECRET, startAccounts } from '../../../test/accounts.ts';
import { shownCode } from '../../../test/authenticator.ts';
import { FakeClock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { deriveKey, open, seal } from './secrets.ts';

const MINUTE = 60_000;

describe('signing keys', () => {
  let world: AccountsWorld;
  let caller: Caller;
  beforeEach(async () => {
    world = await startAccounts();
    caller = world.caller();
    // Each key is newer than the one before.
    await world.clock.advance(1000);
  });
  afterEach(() => world.close());

  async function published(node: Node = world): Promise<string[]> {
    const { body } = await node.caller().call('jwks');
    return (body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  }

  function header(token: string): { kid: string } {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
  }

  async function signIn(username: string, node: Node = world): Promise<string> {
    const body = { username, password: PASSWORD, transport: 'body' };
    return ((await node.caller().call('signIn', { body })).body as SignedIn).accessToken;
  }

  /** Lets minutes pass until one key is left. */
  async function forgetOld(node: Node = world): Promise<void> {
    await expect
      .poll(async () => {
        await node.clock.advance(MINUTE);
        return published(node);
      })
      .toHaveLength(1);
  }

  async function refusal(token: string, node: Node = world) {
    return (await node.caller().call('profile', { token })).code;
  }

  test('are published for 2 minutes before they sign, and tokens of the old one are accepted until they expire', async () => {
    const { accessToken: first } = await caller.signUp('rotating');
    const [old = ''] = await published();
    await world.accounts.rotateSigningKey();
    const [next = '', ...rest] = await published();
    expect(rest).toEqual([old]);
    expect(next).not.toBe(old);
    await world.clock.advance(2 * MINUTE - 1);
    const last = await signIn('rotating');
    expect(header(last).kid).toBe(old);
    await world.clock.advance(1);
    expect(header(await signIn('rotating')).kid).toBe(next);

    await world.clock.advance(15 * MINUTE - 2000);
    expect(await refusal(first)).toBe('token_expired');
    // A node that starts has let go of what it would let go of.
    const fresh = await world.node({ clock: world.clock });
    for (const node of [world, fresh]) expect(await refusal(last, node)).toBeUndefined();
    await world.clock.advance(2000);
    expect(await refusal(last)).toBe('token_expired');
    expect(await published()).toEqual([next, old]);
  });

  test('no longer count once the tokens they signed have expired, whatever a token says of its expiry', async () => {
    const { accessToken } = await caller.signUp('insider');
    const { rows } = await world.db.query<{ kid: string; key: Buffer }>(
      'select kid, private_jwk as key from accounts.signing_keys',
    );
    const [row] = rows;
    if (row === undefined) throw new Error('no key');
    const jwk = open(deriveKey(SECRET, 'signing-keys'), row.key, `signing-key:${row.kid}`) ?? '';
    const [head, body = ''] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { exp: number };
    const forever = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1_000_000 })).toString('base64url');
    const input = `${head}.${forever}`;
    const key = createPrivateKey({ key: JSON.parse(jwk) as never, format: 'jwk' });
    const token = `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;

    await world.accounts.rotateSigningKey();
    await world.clock.advance(19 * MINUTE);
    expect(await refusal(token)).toBeUndefined();
    await forgetOld();
    expect(await refusal(token)).toBe('unauthenticated');
    const retired = await world.db.query('select from accounts.signing_keys where retired_at is not null');
    expect(retired.rows).toHaveLength(1);
    // For a node that starts now as well.
    expect(await published(await world.node({ clock: world.clock }))).toEqual(await published());
  });

  test('of another node are taken up within a minute, and let go of as well', async () => {
    const other = await world.node();
    await world.accounts.rotateSigningKey();
    expect(await published(other)).toHaveLength(1);
    await other.clock.advance(MINUTE);
    await expect.poll(() => published(other)).toEqual(await published());
    await other.clock.advance(20 * MINUTE);
    await forgetOld(other);
  });

  test('of another node are taken up at once when a token names them', async () => {
    const behind = await world.node({ clock: new FakeClock() });
    await caller.signUp('ahead');
    await world.accounts.rotateSigningKey();
    await world.clock.advance(2 * MINUTE);
    const token = await signIn('ahead');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refusal(token, behind)));
    expect(answers).toEqual(Array(20).fill(undefined));
  });

  test('that do not exist are asked for at most every 10 s, however many tokens name one', async () => {
    const { accessToken } = await caller.signUp('naming');
    const [, body, signature] = accessToken.split('.');
    const naming = () => {
      const head = { alg: 'EdDSA', typ: 'at+jwt', kid: randomUUID() };
      return `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${body}.${signature}`;
    };
    const real = world.db.query.bind(world.db);
    let asked = 0;
    const counting: Database['query'] = (sql, values) => {
      if (typeof sql === 'string' && /select kid.* from accounts\.signing_keys/s.test(sql)) asked++;
      return real(sql, values);
    };
    Object.assign(world.db, { query: counting });
    try {
      const flood = () => Promise.all(Array.from({ length: 50 }, () => refusal(naming())));
      expect(new Set(await flood())).toEqual(new Set(['unauthenticated']));
      await world.clock.advance(9_999);
      await flood();
      expect(asked).toBe(1);
      await world.clock.advance(1);
      await flood();
      expect(asked).toBe(2);
    } finally {
      Object.assign(world.db, { query: real });
    }
  });

  test('rotated on several nodes at the same time are one each, and all nodes sign with the same', async () => {
    const nodes = [world, await world.node({ clock: world.clock }), await world.node({ clock: world.clock })];
    await caller.signUp('agreeing');
    await Promise.all(nodes.flatMap((node) => [node.accounts.rotateSigningKey(), node.accounts.rotateSigningKey()]));
    await world.clock.advance(3 * MINUTE);
    const { rows } = await world.db.query<{ kid: string }>(
      'select kid from accounts.signing_keys order by created_at desc',
    );
    expect(rows).toHaveLength(7);
    for (const node of nodes) {
      await expect.poll(() => published(node)).toEqual(rows.map(({ kid }) => kid));
      expect(header(await signIn('agreeing', node)).kid).toBe(rows[0]?.kid);
    }
  });

  test('of a node whose clock is behind sign as well', async () => {
    await caller.signUp('behind');
    const behind = await world.node({ clock: new FakeClock(world.clock.now() - 30 * MINUTE) });
    const [old] = await published();
    await behind.accounts.rotateSigningKey();
    await world.clock.advance(2 * MINUTE + 1);
    await expect.poll(() => published()).toHaveLength(2);
    expect(header(await signIn('behind')).kid).not.toBe(old);
  });
});

describe('data keys', () => {
  let world: AccountsWorld;
  let caller: Caller;
  let phones = 0;
  beforeAll(async () => {
    world = await startAccounts();
    caller = world.caller();
  });
  afterAll(() => world.close());

  async function givePhone(token: string, on: Caller = caller): Promise<string> {
    const phone = `+49151${String(20_000_000 + phones++)}`;
    expect((await on.call('setPhone', { token, body: { phone } })).status).toBe(200);
    // A job for one node's outbox: whichever sends it.
    const texts = (await world.texts()).filter(({ to }) => to === phone);
    const code = /^\d{6}/.exec(texts.at(-1)?.text ?? '')?.[0];
    expect((await on.call('verifyPhone', { token, body: { code } })).status).toBe(200);
    return phone;
  }

  async function phoneOf(token: string, on: Caller = caller): Promise<string | null> {
    return ((await on.call('profile', { token })).body as Profile).phone;
  }

  /** Of every sealed value, by the version of its key. */
  async function versions(): Promise<Record<string, number>> {
    const { rows } = await world.db.query<{ version: number; n: number }>(
      `select get_byte(sealed, 0) as version, count(*)::int as n
       from (select phone as sealed from accounts.users union all select secret from accounts.totp
             union all select pending_secret from accounts.totp union all select target from accounts.push_devices) as all_of_it
       where sealed is not null group by 1`,
    );
    return Object.fromEntries(rows.map(({ version, n }) => [version, n]));
  }

  async function newest(): Promise<number> {
    const { rows } = await world.db.query<{ version: number }>(
      'select max(version) as version from accounts.data_keys',
    );
    return rows[0]?.version ?? 0;
  }

  test('rotated, everything sealed is sealed again and opens as before', async () => {
    const { accessToken: token } = await caller.signUp('sealed');
    const phone = await givePhone(token);
    const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
    await caller.call('confirmTotp', { token, body: { code: await shownCode(secret, world.clock.now()) } });
    const pending = (await caller.call('startTotp', { token })).body as { secret: string };
    const device = { kind: 'fcm', token: 'a-token-of-some-phone' };
    expect((await caller.call('addDevice', { token, body: device })).status).toBe(201);
    const before = await world.db.query<{ text: string }>('select phone::text as text from accounts.users');
    expect(await versions()).toEqual({ 1: 4 });

    expect(await world.accounts.rotateDataKeys()).toBe(4);
    expect(await versions()).toEqual({ 2: 4 });
    const after = await world.db.query<{ text: string }>('select phone::text as text from accounts.users');
    expect(after.rows).not.toEqual(before.rows);
    expect(await phoneOf(token)).toBe(phone);
    const code = await shownCode(pending.secret, world.clock.now());
    expect((await caller.call('confirmTotp', { token, body: { code } })).status).toBe(200);
    // The same device again is the same device: it is found by its index, which no rotation changes.
    expect((await caller.call('devices', { token })).body).toMatchObject({ devices: [{ kind: 'fcm' }] });
    await caller.call('addDevice', { token, body: device });
    expect(((await caller.call('devices', { token })).body as { devices: [] }).devices).toHaveLength(1);
  });

  test('rotated, what other nodes still seal under the old one is sealed again 2 minutes later', async () => {
    const other = await world.node({ clock: new FakeClock() });
    const on = other.caller();
    const { accessToken: token } = await caller.signUp('lagging');
    const old = await newest();
    await world.accounts.rotateDataKeys();
    const { body } = await on.call('startTotp', { token });
    expect((await versions())[old]).toBe(1);
    await world.clock.advance(2 * MINUTE);
    await world.texts();
    expect((await versions())[old]).toBeUndefined();
    // The node that has not heard of the key asks for it when it meets it.
    const { secret } = body as { secret: string };
    const code = await shownCode(secret, other.clock.now());
    expect((await on.call('confirmTotp', { token, body: { code } })).status).toBe(200);
  });

  test('are taken up by other nodes within a minute', async () => {
    const other = await world.node({ clock: new FakeClock() });
    const { accessToken: token } = await caller.signUp('uptodate');
    await world.accounts.rotateDataKeys();
    await other.clock.advance(MINUTE);
    const version = await newest();
    const before = (await versions())[version] ?? 0;
    await expect
      .poll(async () => {
        await other.caller().call('startTotp', { token });
        return (await versions())[version];
      })
      .toBe(before + 1);
  });

  test('rotated on two nodes at the same time while numbers are set, everything opens afterwards', async () => {
    const other = await world.node({ clock: world.clock });
    const people = [];
    for (let i = 0; i < 6; i++) {
      const { accessToken } = await caller.signUp(`busy${i}`);
      people.push({ token: accessToken, phone: await givePhone(accessToken) });
    }
    const [moving, ...staying] = people;
    if (moving === undefined) throw new Error('nobody');
    const [, , moved] = await Promise.all([
      world.accounts.rotateDataKeys(),
      other.accounts.rotateDataKeys(),
      givePhone(moving.token),
      world.accounts.rotateDataKeys(),
    ]);
    expect(await phoneOf(moving.token, other.caller())).toBe(moved);
    for (const { token, phone } of staying) {
      expect(await phoneOf(token)).toBe(phone);
      expect(await phoneOf(token, other.caller())).toBe(phone);
    }
    await world.clock.advance(2 * MINUTE);
    await world.texts();
    expect(Object.keys(await versions())).toEqual([String(await newest())]);
  });

  test('rotated, more than fit into one batch are sealed again, and one that does not open is left and reported', async () => {
    const own = await startAccounts();
    const { rows } = await own.db.query<{ sealed: Buffer }>('select sealed from accounts.data_keys');
    const opened = open(deriveKey(SECRET, 'data-keys'), rows[0]?.sealed ?? Buffer.alloc(0), 'data-key:1') ?? '';
    const key = Buffer.from(opened, 'base64url');
    const ids = Array.from({ length: 251 }, () => randomUUID());
    await own.db.query(
      `insert into accounts.users (id, username, name, role, phone, created_at, updated_at)
       select id, 'n' || n, 'n', 'user', phone, now(), now()
       from unnest($1::uuid[], $2::bytea[]) with ordinality as given (id, phone, n)`,
      [
        ids,
        ids.map((id, i) =>
          Buffer.concat([Buffer.of(1), seal(key, `+${i}`, i === 0 ? 'phone:another' : `phone:${id}`)]),
        ),
      ],
    );
    expect(await own.accounts.rotateDataKeys()).toBe(250);
    const left = await own.db.query<{ id: string }>('select id from accounts.users where get_byte(phone, 0) = 1');
    expect(left.rows).toEqual([{ id: ids[0] }]);
    expect(own.logged()).toContain('a sealed value cannot be opened and was left as it is');
    // Again: all but that one are sealed under the newest key.
    expect(await own.accounts.rotateDataKeys()).toBe(250);
    await own.close();
  });
});
