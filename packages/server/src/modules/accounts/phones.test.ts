import type { Profile, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, type Caller, startAccounts } from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import { SmsRefusedError } from '../../platform/sms/index.ts';

let world: AccountsWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
});
afterAll(() => world.close());

let numbers = 0;
/** A number of its own for each test. */
const number = () => `+49151${String(10_000_000 + numbers++)}`;

function setPhone(token: string, phone: unknown, on: Caller = caller): Promise<Answer> {
  return on.call('setPhone', { token, body: { phone } });
}

function verify(token: string, code: unknown): Promise<Answer> {
  return caller.call('verifyPhone', { token, body: { code } });
}

/** The code texted last to a number. */
async function codeTo(phone: string): Promise<string> {
  const texts = (await world.texts()).filter(({ to }) => to === phone);
  return /^\d{6}/.exec(texts.at(-1)?.text ?? '')?.[0] ?? '';
}

async function owned(token: string, phone: string): Promise<void> {
  expect((await setPhone(token, phone)).body).toEqual({ expiresIn: 600 });
  expect((await verify(token, await codeTo(phone))).status).toBe(200);
}

async function phoneOf(token: string): Promise<string | null> {
  return ((await caller.call('profile', { token })).body as Profile).phone;
}

/** Another code than this one. */
const other = (code: string) => (code === '000000' ? '111111' : '000000');

describe('a mobile number', () => {
  test('is mine once I have typed the code that was texted to it', async () => {
    const { accessToken: token, user } = await caller.signUp('texted');
    const phone = number();
    await setPhone(token, phone);
    expect(await phoneOf(token)).toBeNull();
    const [text] = (await world.texts()).filter(({ to }) => to === phone);
    const code = await codeTo(phone);
    expect(text?.text).toContain(`${code} is your Confab code.`);
    expect(text?.text.split('\n').at(-1)).toBe(`@chat.example #${code}`);
    expect((await verify(token, code)).body).toEqual({ ...user, phone });
    expect(await phoneOf(token)).toBe(phone);
  });

  test('is read in one form, however it is written', async () => {
    const { accessToken: token } = await caller.signUp('written');
    await setPhone(token, '+49 (151) 2345-6789');
    await verify(token, await codeTo('+4915123456789'));
    expect(await phoneOf(token)).toBe('+4915123456789');
  });

  test.each([
    ['a landline', '+493012345678'],
    ['a toll-free number', '+498001234567'],
    ['a premium number', '+499001234567'],
    ['of no country', '+999123456789'],
    ['too short', '+49151123'],
    ['too long', '+491511234567890'],
    ['without a country', '015112345678'],
    ['several', '+4915112345678,+4915112345679'],
    ['an object', { $ne: null }],
    ['a number', 4915112345678],
    ['empty', ''],
    ['other digits', '+４９１５１１２３４５６７８'],
  ])('that is %s is refused, and nothing is texted', async (_, phone) => {
    const { accessToken: token } = await caller.signUp(`nomobile${numbers++}`);
    const before = (await world.texts()).length;
    expect(await setPhone(token, phone)).toMatchObject({ status: 400, code: 'bad_input' });
    expect((await world.texts()).length).toBe(before);
  });

  test('leaves whoever had it before, and asking for a code does not tell that somebody has it', async () => {
    const [first, second] = [await caller.signUp('before'), await caller.signUp('after')];
    const phone = number();
    await owned(first.accessToken, phone);
    expect((await setPhone(second.accessToken, phone)).body).toEqual({ expiresIn: 600 });
    expect(await phoneOf(first.accessToken)).toBe(phone);
    await verify(second.accessToken, await codeTo(phone));
    expect(await phoneOf(first.accessToken)).toBeNull();
    expect(await phoneOf(second.accessToken)).toBe(phone);
  });

  test('of people who prove the same one at the same time exactly one has it', async () => {
    const people: (SignedIn & { code: string })[] = [];
    const phone = number();
    for (let i = 0; i < 8; i++) {
      const person = await caller.signUp(`same${i}`);
      await setPhone(person.accessToken, phone);
      people.push({ ...person, code: await codeTo(phone) });
    }
    const answers = await Promise.all(people.map(({ accessToken, code }) => verify(accessToken, code)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const holders = await Promise.all(people.map(({ accessToken }) => phoneOf(accessToken)));
    expect(holders.filter((held) => held !== null)).toEqual([phone]);
  });

  test('is exchanged by two people at the same time, and each has the other’s', async () => {
    const [one, two] = [await caller.signUp('exchange1'), await caller.signUp('exchange2')];
    const [first, second] = [number(), number()];
    await owned(one.accessToken, first);
    await owned(two.accessToken, second);
    for (const [mine, theirs] of [
      [second, first],
      [first, second],
      [second, first],
      [first, second],
    ] as const) {
      await setPhone(one.accessToken, mine);
      await setPhone(two.accessToken, theirs);
      const codes = [await codeTo(mine), await codeTo(theirs)];
      const answers = await Promise.all([verify(one.accessToken, codes[0]), verify(two.accessToken, codes[1])]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect([await phoneOf(one.accessToken), await phoneOf(two.accessToken)]).toEqual([mine, theirs]);
    }
  });

  test('is replaced by another one, and not before that is proven', async () => {
    const { accessToken: token } = await caller.signUp('moving');
    const [old, next] = [number(), number()];
    await owned(token, old);
    await setPhone(token, next);
    expect(await phoneOf(token)).toBe(old);
    await verify(token, await codeTo(next));
    expect(await phoneOf(token)).toBe(next);
  });

  test('is forgotten on request, with the code on its way; again that does nothing', async () => {
    const { accessToken: token } = await caller.signUp('forgetting');
    const [old, next] = [number(), number()];
    await owned(token, old);
    await setPhone(token, next);
    expect((await caller.call('removePhone', { token })).status).toBe(204);
    expect((await caller.call('removePhone', { token })).status).toBe(204);
    expect(await phoneOf(token)).toBeNull();
    expect((await verify(token, await codeTo(next))).code).toBe('invalid_code');
  });

  test('is changed and removed only shortly after a proof of who one is', async () => {
    const { accessToken: token, user } = await caller.signUp('stale');
    await world.db.query('update accounts.sessions set authenticated_at = null where user_id = $1', [user.id]);
    expect((await setPhone(token, number())).code).toBe('step_up_required');
    expect((await caller.call('removePhone', { token })).code).toBe('step_up_required');
  });

  test('is neither stored nor logged in the clear, and neither is the code', async () => {
    const { accessToken: token, user } = await caller.signUp('sealed');
    const phone = number();
    await setPhone(token, phone);
    const { rows: jobs } = await world.db.query<{ text: string }>(
      'select payload::text as text from jobs._private_jobs',
    );
    const code = await codeTo(phone);
    await verify(token, other(code));
    await verify(token, code);
    const { rows } = await world.db.query<{ text: string }>(
      `select u::text as text from accounts.users u where id = $1
       union all select c::text from accounts.challenges c union all select a::text from accounts.audit_log a`,
      [user.id],
    );
    const stored = [...rows, ...jobs].map(({ text }) => text).join('\n');
    expect(jobs).not.toEqual([]);
    for (const text of [stored, world.logged()]) {
      for (const hidden of [phone, phone.slice(1), phone.slice(3)]) {
        expect(text).not.toContain(hidden);
        expect(text).not.toContain(Buffer.from(hidden).toString('hex'));
        expect(text).not.toContain(Buffer.from(hidden).toString('base64').replaceAll('=', ''));
      }
      expect(text).not.toMatch(new RegExp(`"code":"?${code}`));
    }
  });

  test('is shown to nobody else', async () => {
    const { accessToken: token, user } = await caller.signUp('private');
    const phone = number();
    await owned(token, phone);
    const { accessToken: stranger } = await caller.signUp('curious');
    const answer = await caller.call('user', { token: stranger, params: { userId: user.id } });
    expect(JSON.stringify(answer.body)).not.toContain(phone.slice(3));
  });
});

describe('a texted code', () => {
  test('works once, under 50 tries at the same time', async () => {
    const { accessToken: token } = await caller.signUp('racing');
    const phone = number();
    await setPhone(token, phone);
    const code = await codeTo(phone);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('has 5 tries', async () => {
    const { accessToken: token } = await caller.signUp('guesser');
    const phone = number();
    await setPhone(token, phone);
    const code = await codeTo(phone);
    for (let i = 0; i < 5; i++) expect((await verify(token, other(code))).code).toBe('invalid_code');
    expect((await verify(token, code)).code).toBe('invalid_code');
  });

  test('stops working after 10 minutes, and when another one is sent', async () => {
    const { accessToken: token, refreshToken } = await caller.signUp('late');
    const [first, second] = [number(), number()];
    await setPhone(token, first);
    const old = await codeTo(first);
    await setPhone(token, second);
    const code = await codeTo(second);
    if (old !== code) expect((await verify(token, old)).code).toBe('invalid_code');
    await world.clock.advance(10 * 60_000);
    const { accessToken } = (await caller.refresh(refreshToken)).body as SignedIn;
    expect((await verify(accessToken, code)).code).toBe('invalid_code');
  });

  test('of one person proves nothing for another', async () => {
    const [mine, theirs] = [await caller.signUp('mine'), await caller.signUp('theirs')];
    const phone = number();
    await setPhone(mine.accessToken, phone);
    expect((await verify(theirs.accessToken, await codeTo(phone))).code).toBe('invalid_code');
  });

  test('is sent once a minute and 5 times an hour, for each number and for each person', async () => {
    const limits = { ...NO_LIMITS, codes: { count: 1, seconds: 60 }, codes_hourly: { count: 5, seconds: 3600 } };
    const node = await world.node({ limits, clock: world.clock });
    const on = node.caller();
    const phone = number();
    const sent = await Promise.all(
      Array.from({ length: 7 }, async (_, i) => (await caller.signUp(`many${i}`)).accessToken),
    );
    const codes: unknown[] = [];
    for (const token of sent) {
      codes.push((await setPhone(token, phone, on)).code);
      codes.push((await setPhone(token, phone, on)).code);
      await world.clock.advance(61_000);
    }
    const minute = [undefined, 'too_many_requests'];
    const hour = ['too_many_requests', 'too_many_requests'];
    expect(codes).toEqual([...minute, ...minute, ...minute, ...minute, ...minute, ...hour, ...hour]);

    const { accessToken: token } = await caller.signUp('spraying');
    const sprayed: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      sprayed.push((await setPhone(token, number(), on)).code);
      await world.clock.advance(61_000);
    }
    expect(sprayed).toEqual([...Array(5).fill(undefined), 'too_many_requests']);
  });

  test('is sent only if the transaction is committed, tried again when sending fails, and not when it is refused', async () => {
    const tries: string[] = [];
    const sms = {
      send(to: string) {
        tries.push(to);
        return Promise.reject(to.endsWith('9') ? new SmsRefusedError('refused') : new Error('away'));
      },
    };
    const own = await startAccounts();
    const node = await own.node({ sms, clock: own.clock });
    const on = node.caller();
    const { accessToken: token } = await on.signUp('failing');
    await setPhone(token, '+4915112345679', on);
    await setPhone(token, '+4915112345678', on);
    await node.texts();
    expect(tries.toSorted()).toEqual(['+4915112345678', '+4915112345679']);
    const { rows } = await own.db.query<{ attempts: number }>('select attempts from jobs.jobs');
    expect(rows).toEqual([{ attempts: 1 }]);
    expect(node.logged()).toContain('a text message was refused');
    await own.clock.advance(10 * 60_000);
    await own.db.query('update jobs._private_jobs set run_at = now()');
    await node.texts();
    expect(tries).toHaveLength(2);
    await own.close();
  });

  test('is refused as not enabled where no text message can be sent', async () => {
    const node = await world.node({ sms: null });
    const on = node.caller();
    const { accessToken: token } = await on.signUp('nosms');
    expect((await setPhone(token, number(), on)).code).toBe('not_enabled');
    expect((await on.call('waysIn')).body).toMatchObject({ sms: false });
    expect((await caller.call('waysIn')).body).toMatchObject({ sms: true });
  });
});
