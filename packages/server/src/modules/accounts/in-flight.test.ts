/** What was let in while a session lived, or with a proof that was right, and comes to be done after that was over. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, PASSWORD, startAccounts } from '../../../test/accounts.ts';
import { shownCode } from '../../../test/authenticator.ts';
import { overtaken } from '../../../test/overtaken.ts';
import { SoftAuthenticator } from '../../../test/soft-authenticator.ts';
import type { Queryable } from '../../platform/db/index.ts';

const ORIGIN = 'https://chat.example';

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

interface Person {
  id: string;
  username: string;
  email: string;
  token: string;
}
let people = 0;

async function person(): Promise<Person> {
  const username = `flight${++people}`;
  const { user, accessToken } = await world.caller().signUp(username);
  return { id: user.id, username, email: `${username}@example.com`, token: accessToken };
}

function ask(name: Parameters<ReturnType<AccountsWorld['caller']>['call']>[0], { token }: Person, body?: unknown) {
  return world.caller().call(name, { token, ...(body === undefined ? {} : { body }) });
}

/** As any way of ending all sessions does it. */
function endAll({ id }: Person) {
  return async (tx: Queryable) => {
    const values = [id, new Date(world.clock.now())];
    await tx.query(`update accounts.sessions set ended_at = $2, end_reason = 'revoked' where user_id = $1`, values);
  };
}

const DEVICE = { kind: 'fcm', token: 'a-token-of-a-telephone' };

async function pendingCode(owner: Person): Promise<string> {
  const { secret } = (await ask('startTotp', owner)).body as { secret: string };
  return shownCode(secret, world.clock.now());
}

async function withTotp(owner: Person): Promise<void> {
  expect((await ask('confirmTotp', owner, { code: await pendingCode(owner) })).status).toBe(200);
}

async function newPasskey(owner: Person): Promise<unknown> {
  const { challenge, options } = (await ask('newPasskey', owner)).body as {
    challenge: string;
    options: Record<string, unknown>;
  };
  return { challenge, response: new SoftAuthenticator(ORIGIN).create(options), name: 'Phone' };
}

async function textedCode(owner: Person): Promise<string> {
  expect((await ask('setPhone', owner, { phone: '+4915112345678' })).status).toBe(200);
  const text = (await world.texts()).at(-1)?.text ?? '';
  return /^\d{6}/.exec(text)?.[0] ?? '';
}

type Deed = (owner: Person) => Promise<() => Promise<Answer>>;
const DEEDS: Record<string, Deed> = {
  'moving to another address': async (owner) => () => ask('changeEmail', owner, { email: 'mine@evil.example' }),
  'changing the password': async (owner) => () =>
    ask('changePassword', owner, { current: PASSWORD, password: 'another long password' }),
  'setting a password where there is none': async (owner) => {
    await world.db.query('update accounts.users set password_hash = null where id = $1', [owner.id]);
    return () => ask('changePassword', owner, { password: 'another long password' });
  },
  'adding a passkey': async (owner) => {
    const body = await newPasskey(owner);
    return () => ask('addPasskey', owner, body);
  },
  'beginning a second factor': async (owner) => () => ask('startTotp', owner),
  'switching a second factor on': async (owner) => {
    const code = await pendingCode(owner);
    return () => ask('confirmTotp', owner, { code });
  },
  'switching the second factor off': async (owner) => {
    await withTotp(owner);
    return () => ask('removeTotp', owner);
  },
  'drawing recovery codes': async (owner) => {
    await withTotp(owner);
    return () => ask('newRecoveryCodes', owner);
  },
  'proving a number': async (owner) => {
    const code = await textedCode(owner);
    return () => ask('verifyPhone', owner, { code });
  },
  'registering a device': async (owner) => () => ask('addDevice', owner, DEVICE),
  'making an API token': async (owner) => () =>
    ask('createApiToken', owner, { name: 'Bot', scopes: ['rooms:read'], expiresInDays: 30 }),
  'banning somebody': async (owner) => {
    await world.db.query(`update accounts.users set role = 'admin' where id = $1`, [owner.id]);
    const { id: userId } = await person();
    const body = { reason: 'Revenge', until: null };
    return () => world.caller().call('ban', { token: owner.token, params: { userId }, body });
  },
  'changing the profile': async (owner) => () => ask('updateProfile', owner, { name: 'Somebody Else' }),
  'changing settings': async (owner) => () => ask('updateSettings', owner, { chat: { clock: '24' } }),
  'closing the account': async (owner) => () => ask('deactivate', owner),
  'deleting the account': async (owner) => () => ask('deleteAccount', owner, { username: owner.username }),
};

describe('a session that ended a moment ago leaves nothing behind:', () => {
  test.each(Object.entries(DEEDS))('%s', async (_, deed) => {
    const owner = await person();
    const call = await deed(owner);
    const kept = async () => {
      const { rows } = await world.db.query<{ kept: string }>(
        `select jsonb_build_array(to_jsonb(u) - 'updated_at',
           (select count(*) from accounts.passkeys where user_id = u.id),
           (select jsonb_agg(t) from accounts.totp t where user_id = u.id),
           (select jsonb_agg(r order by hash) from accounts.recovery_codes r where user_id = u.id),
           (select count(*) from accounts.push_devices where user_id = u.id),
           (select count(*) from accounts.sessions where user_id = u.id),
           (select count(*) from accounts.challenges where user_id = u.id and purpose = 'email_verification'))::text as kept
         from accounts.users u where id = $1`,
        [owner.id],
      );
      return rows[0]?.kept;
    };
    const before = await kept();
    expect((await overtaken(world.db, owner.id, call, endAll(owner))).code).toBe('session_ended');
    expect(await kept()).toBe(before);
  });
});

describe('a proof that is no longer right a moment later signs nobody in:', () => {
  const sessions = async ({ id }: Person) =>
    (await world.db.query('select from accounts.sessions where user_id = $1', [id])).rows.length;

  test('a password that was replaced', async () => {
    const owner = await person();
    const signIn = () => world.caller().call('signIn', { body: { username: owner.username, password: PASSWORD } });
    const answer = await overtaken(world.db, owner.id, signIn, (tx) =>
      tx.query('update accounts.users set password_hash = null where id = $1', [owner.id]),
    );
    expect(answer.code).toBe('invalid_credentials');
    expect(await sessions(owner)).toBe(1);
  });

  test('but a password that is only hashed anew does', async () => {
    const [owner, other] = [await person(), await person()];
    const signIn = () => world.caller().call('signIn', { body: { username: owner.username, password: PASSWORD } });
    const answer = await overtaken(world.db, owner.id, signIn, (tx) =>
      tx.query(
        `update accounts.users set password_hash = (select password_hash from accounts.users where id = $2)
         where id = $1`,
        [owner.id, other.id],
      ),
    );
    expect(answer.status).toBe(200);
  });

  test('a passkey that was removed', async () => {
    const owner = await person();
    const { challenge, options } = (await ask('newPasskey', owner)).body as {
      challenge: string;
      options: Record<string, unknown>;
    };
    const device = new SoftAuthenticator(ORIGIN);
    const body = { challenge, response: device.create(options), name: 'Phone' };
    expect((await ask('addPasskey', owner, body)).status).toBe(201);
    const begun = (await world.caller().call('passkeyOptions')).body as typeof body & { options: never };
    const signIn = () =>
      world.caller().call('passkeySignIn', {
        body: { challenge: begun.challenge, response: device.get(begun.options), transport: 'body' },
      });
    const answer = await overtaken(world.db, owner.id, signIn, (tx) =>
      tx.query('delete from accounts.passkeys where user_id = $1', [owner.id]),
    );
    expect(answer.code).toBe('invalid_passkey');
    expect(await sessions(owner)).toBe(1);
  });
});

test.each([
  ['updateProfile', { name: 'Still Me' }],
  ['updateSettings', { chat: { clock: '24' } }],
] as const)('%s writes nothing about somebody who left for good a moment ago', async (name, body) => {
  const owner = await person();
  const answer = await overtaken(
    world.db,
    owner.id,
    () => ask(name, owner, body),
    (tx) => tx.query(`update accounts.users set state = 'deleted', name = 'Deleted account' where id = $1`, [owner.id]),
  );
  expect(answer.code).toBe('not_found');
  const { rows } = await world.db.query('select name, settings from accounts.users where id = $1', [owner.id]);
  expect(rows).toEqual([{ name: 'Deleted account', settings: {} }]);
});
