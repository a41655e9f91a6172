import type { Profile, PublicUser, SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, PASSWORD, startAccounts } from '../../../test/accounts.ts';

let world: AccountsWorld;
let caller: Caller;
let me: SignedIn;
const ids = new Map<string, string>();

beforeAll(async () => {
  world = await startAccounts();
  caller = world.caller();
  me = await caller.signUp('zz.me');
  for (const [username, name] of [
    ['ada', 'Ada Lovelace'],
    ['adam', 'Jean-Luc Ábel'],
    ['grace', 'Grace Adams'],
    ['percent', '100% Real'],
    ['a_b', 'Under_score'],
    ['axb', 'Back\\slash'],
    ['smile', '😀'],
  ] as const) {
    const body = { email: `${username}@example.com`, username, name, password: PASSWORD };
    ids.set(username, ((await world.caller().call('signUp', { body })).body as SignedIn).user.id);
  }
});
// The access token outlives the tests: time stands still unless a test moves it.
beforeEach(async () => {
  me = (await caller.call('signIn', { body: { email: 'zz.me@example.com', password: PASSWORD } })).body as SignedIn;
});
afterAll(() => world.close());

async function find(q: string, limit = 10): Promise<string[]> {
  const { body } = await caller.call('findUsers', { token: me.accessToken, query: { q, limit: String(limit) } });
  return (body as { users: PublicUser[] }).users.map((user) => user.username);
}

describe('finding people', () => {
  test('by the beginning of the username or of any word of the name, whatever the case', async () => {
    expect(await find('ADA')).toEqual(['ada', 'adam', 'grace']);
    expect(await find('love')).toEqual(['ada']);
    expect(await find('ada love')).toEqual(['ada']);
    expect(await find('luc')).toEqual(['adam']);
    expect(await find('jean-l')).toEqual(['adam']);
    expect(await find('ÁB')).toEqual(['adam']);
    expect(await find('da')).toEqual([]);
    expect(await find('😀')).toEqual(['smile']);
  });

  test('wildcards and quotes of SQL stand for themselves', async () => {
    expect(await find('%')).toEqual([]);
    expect(await find('_')).toEqual([]);
    expect(await find('a_')).toEqual(['a_b']);
    expect(await find('100%')).toEqual(['percent']);
    expect(await find('a%b')).toEqual([]);
    expect(await find('\\')).toEqual([]);
    expect(await find('back\\s')).toEqual(['axb']);
    expect(await find(`' or 1=1 --`)).toEqual([]);
  });

  test('a page is the beginning of any longer one', async () => {
    const all = await find('a', 20);
    expect(all).toEqual(['a_b', 'axb', 'ada', 'adam', 'grace'].toSorted((a, b) => all.indexOf(a) - all.indexOf(b)));
    for (let limit = 1; limit < all.length; limit++) expect(await find('a', limit)).toEqual(all.slice(0, limit));
  });

  test('a person found by many words takes one place', async () => {
    const name = Array.from({ length: 30 }, () => 'q').join(' ');
    for (const username of ['many1', 'many2', 'many3']) {
      const body = { email: `${username}@example.com`, username, name, password: PASSWORD };
      expect((await world.caller().call('signUp', { body })).status).toBe(201);
    }
    expect((await find('q', 2)).toSorted()).toEqual(['many1', 'many2']);
    expect(await find('q', 3)).toHaveLength(3);
  });

  test('shows public fields only', async () => {
    const { body } = await caller.call('findUsers', { token: me.accessToken, query: { q: 'grace' } });
    expect(body).toEqual({ users: [{ id: ids.get('grace'), username: 'grace', name: 'Grace Adams', role: 'user' }] });
  });

  test('reads a range of the index, in its order', async () => {
    const { rows } = await world.db.transaction(async (tx) => {
      // Few rows are scanned faster: what is asked is whether the index can serve the query.
      await tx.query('set local enable_seqscan = off');
      await tx.query('set local enable_bitmapscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        `explain select term, user_id from accounts.search_terms
         where term >= 'ada' and term < 'ada' || U&'\\+10FFFF' order by term, user_id limit 320`,
      );
    });
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index (Only )?Scan using search_terms_pkey/);
    expect(plan).toContain('Index Cond');
    expect(plan).not.toContain('Sort');
  });
});

describe('profiles', () => {
  test('a person is seen by others with public fields only; unknown ids are not found', async () => {
    const answer = await caller.call('user', { token: me.accessToken, params: { userId: ids.get('ada') ?? '' } });
    expect(answer.body).toMatchObject({ id: ids.get('ada'), username: 'ada', name: 'Ada Lovelace', role: 'user' });
    expect(JSON.stringify(answer.body)).not.toMatch(/email|phone|@/);
    const unknown = { userId: '018f0000-0000-7000-8000-000000000000' };
    expect(await caller.call('user', { token: me.accessToken, params: unknown })).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  test('publicUsers gives each existing one once', async () => {
    const ada = ids.get('ada') ?? '';
    const grace = ids.get('grace') ?? '';
    const asked = [ada, grace, ada, '018f0000-0000-7000-8000-000000000000'];
    const found = await world.accounts.publicUsers(asked);
    expect(found.map((user) => user.id).toSorted()).toEqual([ada, grace].toSorted());
    expect(await world.accounts.publicUsers([])).toEqual([]);
  });

  test('a new name is seen at once, by the old one a person is no longer found', async () => {
    const other = world.caller();
    const { accessToken, user } = await other.signUp('renamed');
    const params = { userId: user.id };
    expect((await caller.call('user', { token: me.accessToken, params })).body).toMatchObject({ name: 'renamed' });
    const before = (await other.call('updateProfile', { token: accessToken, body: { name: 'Old Name' } })).body;
    expect(before).toEqual({ ...user, name: 'Old Name' } satisfies Profile);
    await other.call('updateProfile', { token: accessToken, body: { name: '  Marie Curie  ' } });
    expect((await caller.call('user', { token: me.accessToken, params })).body).toMatchObject({ name: 'Marie Curie' });
    expect((await other.call('profile', { token: accessToken })).body).toMatchObject({ name: 'Marie Curie' });
    expect(await find('old')).toEqual([]);
    expect(await find('cur')).toEqual(['renamed']);
    expect(await find('renam')).toEqual(['renamed']);
  });

  test('an update without fields changes nothing; username, role and address are not to be changed', async () => {
    expect((await caller.call('updateProfile', { token: me.accessToken, body: {} })).body).toEqual(me.user);
    for (const body of [
      { role: 'owner' },
      { username: 'other' },
      { email: 'x@example.com' },
      { name: { $set: 'x' } },
    ]) {
      expect((await caller.call('updateProfile', { token: me.accessToken, body })).code).toBe('bad_input');
    }
    expect((await caller.call('profile', { token: me.accessToken })).body).toEqual(me.user);
  });

  test('profiles of others are cached for 5 s at most', async () => {
    const ada = ids.get('ada') ?? '';
    await world.accounts.publicUsers([ada]);
    await world.db.query(`update accounts.users set role = 'moderator' where id = $1`, [ada]);
    await world.clock.advance(5_000);
    expect(await world.accounts.publicUsers([ada])).toMatchObject([{ role: 'moderator' }]);
  });
});
