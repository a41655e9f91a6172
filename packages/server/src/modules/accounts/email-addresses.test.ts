import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountsWorld,
  type Answer,
  codeTo,
  letterTo,
  PASSWORD,
  startAccounts,
  tokenTo,
} from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';

const HOUR = 3_600_000;

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

const verify = (token: string): Promise<Answer> => world.caller().call('verifyEmail', { body: { token } });
const change = (token: string, email: string): Promise<Answer> =>
  world.caller().call('changeEmail', { token, body: { email } });

async function profile(token: string) {
  return (await world.caller().call('profile', { token })).body as { email: string | null; emailVerified: boolean };
}

async function member(name: string) {
  const { user, accessToken } = await world.caller().signUp(name);
  const email = `${name}@example.com`;
  expect((await verify(await tokenTo(world, email))).status).toBe(200);
  return { id: user.id, email, token: accessToken };
}

async function mailsTo(email: string): Promise<string[]> {
  return (await world.mails()).filter(({ to }) => to === email).map(({ subject }) => subject);
}

describe('the link of a sign-up', () => {
  test('proves the address, once', async () => {
    const { accessToken } = await world.caller().signUp('ada');
    expect(await profile(accessToken)).toMatchObject({ email: 'ada@example.com', emailVerified: false });
    const token = await tokenTo(world, 'ada@example.com');
    expect(await verify(token)).toMatchObject({ status: 200, body: { email: 'ada@example.com' } });
    expect(await profile(accessToken)).toMatchObject({ email: 'ada@example.com', emailVerified: true });
    expect((await verify(token)).code).toBe('invalid_link');
  });

  test('of 50 uses at the same time, one succeeds', async () => {
    await world.caller().signUp('often');
    const token = await tokenTo(world, 'often@example.com');
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  });

  test('and another one, used at the same time, prove the address without getting in each other’s way', async () => {
    const { accessToken: token } = await world.caller().signUp('hurried');
    const links = [await tokenTo(world, 'hurried@example.com')];
    for (let i = 0; i < 4; i++) {
      await world.caller().call('sendVerification', { token });
      links.push(await tokenTo(world, 'hurried@example.com'));
    }
    const answers = await Promise.all(links.map(verify));
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual([...Array(4).fill('invalid_link'), 'ok']);
  });

  test('works for three days', async () => {
    const { accessToken } = await world.caller().signUp('slow');
    const token = await tokenTo(world, 'slow@example.com');
    await world.clock.advance(3 * 24 * HOUR);
    expect((await verify(token)).code).toBe('invalid_link');
    const { body } = await world.caller().call('signIn', {
      body: { username: 'slow', password: PASSWORD, transport: 'body' },
    });
    expect(accessToken).not.toBe((body as SignedIn).accessToken);
    expect((body as SignedIn).user.emailVerified).toBe(false);
  });

  test('carries its token in the fragment, which no server is sent, and no address', async () => {
    await world.caller().signUp('fragment');
    const { text, html } = await letterTo(world, 'fragment@example.com');
    expect(text).toMatch(/^https:\/\/chat\.example\/verify-email#token=[\w-]{43}$/m);
    expect(html).toMatch(/href="https:\/\/chat\.example\/verify-email#token=[\w-]{43}"/);
    expect(world.logged()).not.toContain(await tokenTo(world, 'fragment@example.com'));
  });

  test('is mailed again for those who ask, and not once the address is proven', async () => {
    const { accessToken: token } = await world.caller().signUp('again');
    const send = () => world.caller().call('sendVerification', { token });
    expect((await send()).status).toBe(204);
    expect(await mailsTo('again@example.com')).toEqual(['Confirm your address', 'Confirm your address']);
    expect((await verify(await tokenTo(world, 'again@example.com'))).status).toBe(200);
    expect((await send()).status).toBe(204);
    expect(await mailsTo('again@example.com')).toHaveLength(2);
  });

  test('of somebody else cannot be had by asking, nor with another kind of token', async () => {
    const { email } = await member('kinds');
    await world.caller().call('forgotPassword', { body: { email } });
    expect((await verify(await tokenTo(world, email))).code).toBe('invalid_link');
    for (const token of ['x', 'A'.repeat(43), '-'.repeat(200)]) expect((await verify(token)).code).toBe('invalid_link');
    for (const token of [null, 1, ['x'], '', 'a b', 'x'.repeat(201)]) {
      expect((await world.caller().call('verifyEmail', { body: { token } })).code).toBe('bad_input');
    }
  });
});

test('signing up mails one address five letters an hour, however many accounts are made with it', async () => {
  const node = await world.node({ limits: { ...NO_LIMITS, codes_hourly: { count: 5, seconds: 3600 } } });
  const email = 'flooded@example.com';
  await node.caller().signUp('flooder');
  for (let i = 0; i < 8; i++) {
    const body = { email, password: PASSWORD, username: 'flooder' };
    expect((await node.caller().call('signUp', { body })).code).toBe('username_taken');
  }
  for (let i = 0; i < 8; i++) {
    const body = { email, password: PASSWORD, username: `flooder${i}` };
    expect((await node.caller().call('signUp', { body })).status).toBe(201);
  }
  expect((await node.mails()).filter(({ to }) => to === email)).toHaveLength(5);
});

describe('an address of two accounts', () => {
  test('is whose proves it first; it leaves the other, whose link no longer works', async () => {
    const one = await world.caller().signUp('one');
    const first = await tokenTo(world, 'one@example.com');
    const body = { email: 'one@example.com', password: PASSWORD, username: 'two', transport: 'body' };
    const two = (await world.caller().call('signUp', { body })).body as SignedIn;
    const second = await tokenTo(world, 'one@example.com');
    const answers = await Promise.all([verify(first), verify(second)]);
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual(['invalid_link', 'ok']);
    const profiles = [await profile(one.accessToken), await profile(two.accessToken)];
    expect(profiles.filter(({ email }) => email === 'one@example.com')).toHaveLength(1);
    expect(profiles.filter(({ email, emailVerified }) => email === null && !emailVerified)).toHaveLength(1);
  });

  test('that is proven already is mailed that somebody gave it again, and no link', async () => {
    const { email } = await member('taken');
    const body = { email, password: PASSWORD, username: 'taker', transport: 'body' };
    const { accessToken } = (await world.caller().call('signUp', { body })).body as SignedIn;
    expect((await letterTo(world, email)).text).not.toContain('token=');
    expect((await world.caller().call('sendVerification', { token: accessToken })).status).toBe(204);
    expect((await letterTo(world, email)).subject).toBe('Your address was given for another account');
  });
});

describe('another address', () => {
  test('counts from its link on; the old one is told, and neither its codes nor its links work any more', async () => {
    const { email, token } = await member('mover');
    await world.caller().call('requestCode', { body: { email } });
    const oldCode = await codeTo(world, email);
    await world.caller().call('forgotPassword', { body: { email } });
    const oldReset = await tokenTo(world, email);

    expect((await change(token, ' New.Mover@Example.com ')).status).toBe(204);
    expect(await profile(token)).toMatchObject({ email, emailVerified: true });
    expect((await verify(await tokenTo(world, 'new.mover@example.com'))).body).toEqual({
      email: 'new.mover@example.com',
    });
    expect(await profile(token)).toMatchObject({ email: 'new.mover@example.com', emailVerified: true });

    const told = await letterTo(world, email);
    expect(told.subject).toBe('Your address was changed');
    expect(told.text).toContain('new.mover@example.com');
    const caller = world.caller();
    expect((await caller.call('verifyCode', { body: { email, code: oldCode } })).code).toBe('invalid_code');
    const reset = { token: oldReset, password: 'quite another one' };
    expect((await caller.call('resetPassword', { body: reset })).code).toBe('invalid_link');
    expect((await caller.call('signIn', { body: { email, password: PASSWORD } })).code).toBe('invalid_credentials');
  });

  test('of several asked for, only the last one can be proven', async () => {
    const { token } = await member('undecided');
    await change(token, 'first.try@example.com');
    const first = await tokenTo(world, 'first.try@example.com');
    await change(token, 'second.try@example.com');
    expect((await verify(first)).code).toBe('invalid_link');
    expect((await verify(await tokenTo(world, 'second.try@example.com'))).status).toBe(200);
  });

  test('that is proven to be another account’s is answered alike; its owner is told, and nothing changes', async () => {
    const { email } = await member('landlord');
    const { token, email: own } = await member('squatter');
    const answers = [await change(token, email), await change(token, 'nobodys@example.com')];
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual([
      { status: 204, body: undefined },
      { status: 204, body: undefined },
    ]);
    expect((await letterTo(world, email)).subject).toBe('Your address was given for another account');
    expect(await profile(token)).toMatchObject({ email: own, emailVerified: true });
  });

  test.each(['signOutAccount', 'endOtherSessions', 'endSession'] as const)(
    'that was asked for in a session that ended since (%s) does not count',
    async (way) => {
      const name = `stolen.${way.toLowerCase()}`;
      const { id, token: stolen, email } = await member(name);
      const signIn = async (body: object) =>
        (await world.caller().call('signIn', { body: { ...body, password: PASSWORD, transport: 'body' } }))
          .body as SignedIn;
      const thief = `thief.${way.toLowerCase()}@example.com`;
      expect((await change(stolen, thief)).status).toBe(204);
      if (way === 'signOutAccount') {
        const { user } = await world.caller().signUp('in.charge');
        await world.db.query(`update accounts.users set role = 'owner' where id = $1`, [user.id]);
        const { accessToken: token } = await signIn({ username: 'in.charge' });
        expect((await world.caller().call(way, { token, params: { userId: id } })).status).toBe(200);
      } else {
        const { accessToken: token } = await signIn({ email });
        const { sessions } = (await world.caller().call('sessions', { token })).body as {
          sessions: { id: string; current: boolean }[];
        };
        const sessionId = sessions.find(({ current }) => !current)?.id ?? '';
        expect((await world.caller().call(way, { token, params: { sessionId } })).status).toBe(204);
      }
      expect((await verify(await tokenTo(world, thief))).code).toBe('invalid_link');
      expect(await profile((await signIn({ email })).accessToken)).toMatchObject({ email, emailVerified: true });
    },
  );

  test('takes a step-up', async () => {
    const { token } = await member('sleeper');
    await world.clock.advance(10 * 60_000);
    expect((await change(token, 'sleepers.new@example.com')).code).toBe('step_up_required');
    expect(await mailsTo('sleepers.new@example.com')).toEqual([]);
  });

  test.each([
    'a@x.example,b@y.example',
    'Ada <ada@example.com>',
    'a@x.example\r\nBcc: b@y.example',
    '',
    null,
    ['a@x.example'],
  ])('cannot be %j', async (email) => {
    const { accessToken } = await world.caller().signUp(`odd${Math.abs(JSON.stringify(email).length)}`);
    const answer = await world.caller().call('changeEmail', { token: accessToken, body: { email } });
    expect(answer.code).toBe('bad_input');
  });

  test('is mailed once a minute', async () => {
    const node = await world.node({ limits: { ...NO_LIMITS, codes: { count: 1, seconds: 60 } } });
    const { accessToken: token } = await world.caller().signUp('hasty');
    const ask = () => node.caller().call('changeEmail', { token, body: { email: 'bombed@example.com' } });
    expect((await ask()).status).toBe(204);
    expect((await ask()).code).toBe('too_many_requests');
  });
});

test('without mail there is neither another link nor another address', async () => {
  const node = await world.node({ mailer: null });
  const { accessToken: token } = await node.caller().signUp('mailless');
  expect((await node.caller().call('sendVerification', { token })).code).toBe('not_enabled');
  const body = { email: 'other@example.com' };
  expect((await node.caller().call('changeEmail', { token, body })).code).toBe('not_enabled');
});

test('proving and changing an address is in the audit log', async () => {
  const { id, token } = await member('audited');
  await change(token, 'audited.new@example.com');
  await verify(await tokenTo(world, 'audited.new@example.com'));
  const { rows } = await world.db.query<{ action: string }>(
    `select action from accounts.audit_log where target_id = $1 and action like 'email.%' order by id`,
    [id],
  );
  expect(rows.map(({ action }) => action)).toEqual(['email.verified', 'email.change_asked', 'email.changed']);
});
