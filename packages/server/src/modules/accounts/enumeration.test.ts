/** Nobody learns who has an account here: neither by what is answered, nor by how much work it takes. */
import * as argon2 from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AccountsWorld, type Answer, PASSWORD, startAccounts, tokenTo } from '../../../test/accounts.ts';
import type { Queryable } from '../../platform/db/index.ts';

vi.mock(import('@node-rs/argon2'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    hash: vi.fn<typeof actual.hash>(actual.hash),
    verify: vi.fn<typeof actual.verify>(actual.verify),
  };
});

let world: AccountsWorld;
/** Every statement that was sent to the database, within transactions and outside. */
let statements: string[] = [];

beforeAll(async () => {
  world = await startAccounts();
  const { db } = world;
  const query = db.query.bind(db);
  const transaction = db.transaction.bind(db);
  const noting =
    (target: Queryable['query']): Queryable['query'] =>
    (statement, values) => {
      statements.push(typeof statement === 'string' ? statement : statement.text);
      return target(statement, values);
    };
  db.query = noting(query);
  db.transaction = (work) =>
    transaction((tx) => {
      const inner = tx.query.bind(tx);
      tx.query = noting(inner);
      return work(tx);
    });
});
afterAll(() => world.close());
beforeEach(() => {
  vi.mocked(argon2.hash).mockClear();
  vi.mocked(argon2.verify).mockClear();
});

/** What a caller sees, but for what differs from call to call. */
function seen({ status, body, headers }: Answer): unknown {
  const text = JSON.stringify(body ?? null).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>');
  return { status, body: text, names: Object.keys(headers).toSorted() };
}

/** What a call answers, and what it took. */
async function observe(call: () => Promise<Answer>) {
  statements = [];
  vi.mocked(argon2.hash).mockClear();
  vi.mocked(argon2.verify).mockClear();
  const answer = await call();
  return {
    answer,
    work: {
      statements: [...statements],
      hashed: vi.mocked(argon2.hash).mock.calls.length,
      verified: vi.mocked(argon2.verify).mock.calls.length,
      letters: statements.filter((text) => text.includes('add_job')).length,
    },
  };
}

async function verified(username: string): Promise<{ email: string; token: string }> {
  const { accessToken } = await world.caller().signUp(username);
  const email = `${username}@example.com`;
  await world.caller().call('verifyEmail', { body: { token: await tokenTo(world, email) } });
  return { email, token: accessToken };
}

describe('whether an address has an account is not told by', () => {
  test('signing up with it', async () => {
    const { email } = await verified('known');
    const signUp = (username: string, address: string) =>
      observe(() =>
        world.caller().call('signUp', {
          body: { email: address, password: PASSWORD, username, transport: 'body' },
        }),
      );
    const known = await signUp('newcomer1', email);
    const unknown = await signUp('newcomer2', 'fresh@example.com');
    expect([known.answer.status, unknown.answer.status]).toEqual([201, 201]);
    const shape = ({ answer: { body } }: typeof known) => {
      const { user } = body as { user: Record<string, unknown> };
      return { body: Object.keys(body as object), user: Object.keys(user), verified: user['emailVerified'] };
    };
    expect(shape(known)).toEqual(shape(unknown));
    expect(known.work).toEqual(unknown.work);
    expect(known.work).toMatchObject({ hashed: 1, letters: 1 });
  });

  test('signing in with a wrong password', async () => {
    const { email } = await verified('target');
    await verified('codeonly');
    await world.db.query(`update accounts.users set password_hash = null where username = 'codeonly'`);
    const signIn = (address: string) =>
      observe(() => world.caller().call('signIn', { body: { email: address, password: 'not the one at all' } }));
    const unknown = await signIn('absent@example.com');
    for (const address of [email, 'codeonly@example.com']) {
      const known = await signIn(address);
      expect(known.answer.code).toBe('invalid_credentials');
      expect(seen(known.answer)).toEqual(seen(unknown.answer));
      expect(known.work).toEqual(unknown.work);
    }
    expect(unknown.work).toMatchObject({ hashed: 0, verified: 2 });
  });

  test('signing up with it and then signing in: one’s own password lets in, whosever address it is', async () => {
    const { email: proven } = await verified('resident');
    await world.caller().signUp('claimed');
    const outcomes = [];
    for (const [i, email] of [proven, 'claimed@example.com', 'vacant@example.com'].entries()) {
      await world.clock.advance(1000);
      const username = `prober${i}`;
      const password = 'of the prober alone';
      expect((await world.caller().call('signUp', { body: { email, password, username } })).status).toBe(201);
      const { answer, work } = await observe(() => world.caller().call('signIn', { body: { email, password } }));
      expect((answer.body as { user: { username: string } }).user.username).toBe(username);
      outcomes.push({ names: Object.keys(answer.body as object), work });
    }
    expect(outcomes[0]).toEqual(outcomes[2]);
    expect(outcomes[1]).toEqual(outcomes[2]);
    // And whose it is keeps coming in.
    const owner = await world.caller().call('signIn', { body: { email: proven, password: PASSWORD } });
    expect((owner.body as { user: { username: string } }).user.username).toBe('resident');
  });

  test('asking for a code, or trying one', async () => {
    const { email } = await verified('coded');
    const request = (address: string) =>
      observe(() => world.caller().call('requestCode', { body: { email: address } }));
    const [known, unknown] = [await request(email), await request('uncoded@example.com')];
    expect(seen(known.answer)).toEqual(seen(unknown.answer));
    expect(known.work).toEqual(unknown.work);
    expect(known.work.letters).toBe(1);

    const attempt = (address: string) =>
      observe(() => world.caller().call('verifyCode', { body: { email: address, code: '000000' } }));
    const [wrong, nowhere] = [await attempt(email), await attempt('uncoded@example.com')];
    expect(wrong.answer.code).toBe('invalid_code');
    expect(seen(wrong.answer)).toEqual(seen(nowhere.answer));
    expect(wrong.work).toEqual(nowhere.work);
  });

  test('asking for a new password', async () => {
    const { email } = await verified('forgetful');
    const forgot = (address: string) =>
      observe(() => world.caller().call('forgotPassword', { body: { email: address } }));
    const [known, unknown] = [await forgot(email), await forgot('unforgetful@example.com')];
    expect(seen(known.answer)).toEqual(seen(unknown.answer));
    expect(known.work).toEqual(unknown.work);
    expect(known.work.letters).toBe(1);
  });

  test('moving to it', async () => {
    const { email } = await verified('settled');
    const { token } = await verified('mover');
    // Who holds the token is remembered for a moment.
    await world.caller().call('profile', { token });
    const change = (address: string) =>
      observe(() => world.caller().call('changeEmail', { token, body: { email: address } }));
    const [known, unknown] = [await change(email), await change('unsettled@example.com')];
    expect(known.answer.status).toBe(204);
    expect(seen(known.answer)).toEqual(seen(unknown.answer));
    expect(known.work).toEqual(unknown.work);
  });
});
