import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, PASSWORD, startAccounts } from '../../../test/accounts.ts';

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

function signIn(email: unknown, password: unknown): Promise<Answer> {
  return world.caller().call('signIn', { body: { email, password, transport: 'body' } });
}

async function count(sql: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await world.db.query<{ n: number }>(`select count(*)::int as n from ${sql}`, values);
  return rows[0]?.n ?? -1;
}

describe('sign-up', () => {
  test('creates an account of role user, signs it in, and its token opens the profile', async () => {
    const caller = world.caller();
    const answer = await caller.call('signUp', {
      body: {
        email: ' Ada@Example.COM ',
        password: PASSWORD,
        username: 'ada',
        name: 'Ada Lovelace',
        transport: 'body',
      },
    });
    const { user, accessToken, expiresIn, refreshToken } = answer.body as SignedIn;
    expect(answer.status).toBe(201);
    expect(user).toMatchObject({ email: 'ada@example.com', username: 'ada', name: 'Ada Lovelace', role: 'user' });
    expect(user.createdAt).toBe(world.clock.now());
    expect(expiresIn).toBe(900);
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect((await caller.call('profile', { token: accessToken })).body).toEqual(user);
  });

  test('the name defaults to the username', async () => {
    expect((await world.caller().signUp('nameless')).user.name).toBe('nameless');
  });

  test('a taken username is refused and leaves nothing behind', async () => {
    await world.caller().signUp('taken');
    const before = await count('accounts.users');
    const same = { email: 'other@example.com', username: 'taken', password: PASSWORD };
    expect((await world.caller().call('signUp', { body: same })).code).toBe('username_taken');
    expect(await count('accounts.users')).toBe(before);
    expect(
      await count(`accounts.sessions s where not exists (select from accounts.users u where u.id = s.user_id)`),
    ).toBe(0);
  });

  test.each(['admin', 'root', 'support', 'system', 'confab', 'everyone', 'here'])(
    'the reserved username %s is taken',
    async (username) => {
      const body = { email: `${username}@example.com`, username, password: PASSWORD };
      expect((await world.caller().call('signUp', { body })).code).toBe('username_taken');
    },
  );

  test('of parallel sign-ups of one username exactly one wins', async () => {
    const byName = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        world
          .caller()
          .call('signUp', { body: { email: `race${i}@example.com`, username: 'racer', password: PASSWORD } }),
      ),
    );
    expect(byName.map((answer) => answer.code).filter((code) => code === 'username_taken')).toHaveLength(7);
    expect(await count(`accounts.users where username = 'racer'`)).toBe(1);
  });
});

describe('sign-in', () => {
  test('succeeds with the address in any case, each time in a session of its own', async () => {
    const { user } = await world.caller().signUp('grace');
    const answers = [await signIn('grace@example.com', PASSWORD), await signIn('GRACE@Example.com', PASSWORD)];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers.map((answer) => (answer.body as SignedIn).user)).toEqual([user, user]);
    expect(await count('accounts.sessions where user_id = $1', [user.id])).toBe(3);
  });

  test('an unknown address and a wrong password are answered alike, and no session is made', async () => {
    const { user } = await world.caller().signUp('alan');
    const wrong = await signIn('alan@example.com', 'not the password');
    const unknown = await signIn('nobody@example.com', 'not the password');
    const plain = ({ status, body }: Answer) => {
      const { code, message } = (body as { error: { code: string; message: string } }).error;
      return { status, code, message };
    };
    expect(plain(wrong)).toEqual(plain(unknown));
    expect(wrong).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect(await count('accounts.sessions where user_id = $1', [user.id])).toBe(1);
  });

  test('someone without a password cannot sign in with any', async () => {
    const { user } = await world.caller().signUp('oauth');
    await world.db.query('update accounts.users set password_hash = null where id = $1', [user.id]);
    for (const password of [PASSWORD, ' ', 'null']) {
      expect((await signIn('oauth@example.com', password)).code).toBe('invalid_credentials');
    }
  });

  test('a password counts in full length: past 72 bytes too', async () => {
    const long = 'x'.repeat(72);
    const body = { email: 'long@example.com', username: 'long', password: `${long}a` };
    expect((await world.caller().call('signUp', { body })).status).toBe(201);
    expect((await signIn('long@example.com', `${long}b`)).code).toBe('invalid_credentials');
    expect((await signIn('long@example.com', long)).code).toBe('invalid_credentials');
    expect((await signIn('long@example.com', `${long}a`)).status).toBe(200);
  });

  test('one password typed as other code points is the same password', async () => {
    const body = { email: 'nfc@example.com', username: 'nfc', password: 'cafe\u0301-au-lait' };
    expect((await world.caller().call('signUp', { body })).status).toBe(201);
    expect((await signIn('nfc@example.com', 'caf\u00e9-au-lait')).status).toBe(200);
    expect((await signIn('nfc@example.com', 'cafe-au-lait')).code).toBe('invalid_credentials');
  });

  test.each([{ $ne: null }, [PASSWORD], 12345678, true, null])('%j is no address and no password', async (value) => {
    await world.caller().signUp(`typed${typeof value}${JSON.stringify(value).length}`);
    for (const answer of [await signIn(value, PASSWORD), await signIn('ada@example.com', value)]) {
      expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
    }
  });

  test('neither passwords nor tokens reach the database or the log in the clear', async () => {
    const secret = 'a very secret passphrase';
    const body = { email: 'silent@example.com', username: 'silent', password: secret, transport: 'body' };
    const { refreshToken = '', accessToken } = (await world.caller().call('signUp', { body })).body as SignedIn;
    await signIn('silent@example.com', `${secret}!`);
    expect(refreshToken).not.toBe('');
    const { rows } = await world.db.query<{ text: string }>(
      `select u::text as text from accounts.users u union all select s::text from accounts.sessions s
       union all select t::text from accounts.refresh_tokens t union all select k::text from accounts.signing_keys k`,
    );
    const stored = rows.map((row) => row.text).join('\n');
    const hex = (token: string) => Buffer.from(token).toString('hex');
    for (const text of [stored, world.logged()]) {
      expect(text).not.toBe('');
      for (const hidden of [secret, refreshToken, hex(refreshToken), accessToken]) expect(text).not.toContain(hidden);
    }
    expect(stored).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(stored).not.toContain('"d":');
    expect(stored).not.toContain(hex('"d":'));
  });

  test('while a flood of them is checked or refused, other calls are served', async () => {
    const caller = world.caller();
    const { accessToken } = await caller.signUp('flooded');
    const order: string[] = [];
    const flood = Array.from({ length: 300 }, (_, i) =>
      signIn(i % 2 === 0 ? 'flooded@example.com' : 'unknown@example.com', 'wrong password'),
    );
    const flooded = Promise.all(flood).then((answers) => {
      order.push('flood');
      return answers;
    });
    await Promise.any(flood);
    expect((await caller.call('profile', { token: accessToken })).status).toBe(200);
    order.push('profile');
    const codes = new Set((await flooded).map((answer) => answer.code));
    expect(codes).toEqual(new Set(['invalid_credentials', 'overloaded']));
    expect(order).toEqual(['profile', 'flood']);
    expect((await signIn('flooded@example.com', PASSWORD)).status).toBe(200);
  });
});
