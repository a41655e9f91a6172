import type { AddressBan, AuditEntry } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Administered, type Someone, startAdministered } from '../../../test/administration.ts';
import { PASSWORD } from '../../../test/accounts.ts';
import { memoryBus } from '../../platform/bus/memory.ts';
import { readLog } from '../safety/index.ts';

let on: Administered;
let admin: Someone;
let whom: Someone;
beforeAll(async () => {
  on = await startAdministered();
  admin = await on.someone('admin');
  whom = await on.someone();
});
afterAll(() => on.world.close());
beforeEach(() => on.world.db.query('delete from accounts.address_bans').then(() => on.world.clock.advance(5000)));

let names = 0;
async function add(range: string, more: { until?: number | null; reason?: string } = {}, by = admin) {
  return on.caller.call('addAddressBan', { token: by.token, body: { range, reason: 'Spam', ...more } });
}

/** What each way in answers to somebody from there. */
async function waysIn(from: string, node: Pick<Administered['world'], 'caller'> = on.world) {
  const caller = node.caller(from);
  names += 1;
  const account = { email: `new${names}@example.com`, password: PASSWORD, username: `newcomer${names}` };
  const answers = await Promise.all([
    caller.call('signUp', { body: { ...account, transport: 'body' } }),
    caller.call('guest', { body: { transport: 'body' } }),
    caller.call('signIn', { body: { username: whom.username, password: PASSWORD, transport: 'body' } }),
  ]);
  return answers.map(({ status, code }) => code ?? status);
}

const REFUSED = ['address_banned', 'address_banned', 'address_banned'];
const LET_IN = [201, 201, 200];

test('a network that is kept out is refused by every way in, with the reason and until when', async () => {
  expect(await waysIn('203.0.113.7')).toEqual(LET_IN);
  const until = on.world.clock.now() + 60_000;
  expect((await add('203.0.113.0/24', { until })).status).toBe(201);
  expect(await waysIn('203.0.113.7')).toEqual(REFUSED);
  expect(await waysIn('203.0.114.7')).toEqual(LET_IN);
  const { body } = await on.world.caller('203.0.113.7').call('guest', { body: { transport: 'body' } });
  expect(body).toMatchObject({ error: { details: { until, reason: 'Spam' } } });
});

test('whoever does not know the password does not learn of it', async () => {
  await add('203.0.113.0/24');
  const body = { username: whom.username, password: 'not the password', transport: 'body' as const };
  expect((await on.world.caller('203.0.113.7').call('signIn', { body })).code).toBe('invalid_credentials');
});

test.each([
  ['203.0.113.9', '203.0.113.9', '203.0.113.8'],
  ['203.0.113.9/24', '203.0.113.200', '203.0.112.255'],
  ['2001:db8::/32', '2001:db8:1::1', '2001:db9::1'],
  ['2001:db8::1', '2001:db8::1', '2001:db8::2'],
  ['198.51.100.0/24', '::ffff:198.51.100.3', '::ffff:198.51.101.3'],
  ['::ffff:198.51.100.0/120', '198.51.100.3', '198.51.101.3'],
  ['::ffff:198.51.100.7', '::ffff:c633:6407', '198.51.100.8'],
  ['64:ff9b::/32', '64:ff9b::1', '203.0.113.7'],
])('%s holds %s and not %s', async (range, inside, outside) => {
  expect((await add(range)).status).toBe(201);
  expect(await waysIn(inside)).toEqual(REFUSED);
  expect(await waysIn(outside)).toEqual(LET_IN);
});

test('sessions run on: people are banned for that', async () => {
  const caller = on.world.caller('203.0.113.7');
  const body = { username: whom.username, password: PASSWORD, transport: 'body' as const };
  const { accessToken, refreshToken } = (await caller.call('signIn', { body })).body as Record<string, string>;
  await add('203.0.113.0/24');
  expect((await caller.call('profile', { token: accessToken ?? '' })).status).toBe(200);
  expect((await caller.refresh(refreshToken ?? '')).status).toBe(200);
});

test('a guest who came in before does not become a member there', async () => {
  const caller = on.world.caller('203.0.113.7');
  const { accessToken } = (await caller.call('guest', { body: { transport: 'body' } })).body as { accessToken: string };
  const upgrade = (from: typeof caller) => {
    names += 1;
    const body = { email: `new${names}@example.com`, password: PASSWORD, username: `newcomer${names}` };
    return from.call('upgradeGuest', { token: accessToken, body });
  };
  await add('203.0.113.0/24');
  expect((await upgrade(caller)).code).toBe('address_banned');
  expect((await upgrade(on.world.caller('203.0.114.7'))).status).toBe(200);
});

test('it ends at its time, or when it is removed, which is idempotent', async () => {
  await add('203.0.113.0/24', { until: on.world.clock.now() + 1000 });
  const { id } = (await add('198.51.100.0/24')).body as AddressBan;
  await on.world.clock.advance(1000);
  expect(await waysIn('203.0.113.7')).toEqual(LET_IN);
  expect(await waysIn('198.51.100.7')).toEqual(REFUSED);
  const remove = () => on.caller.call('removeAddressBan', { token: admin.token, params: { banId: id } });
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  expect(await waysIn('198.51.100.7')).toEqual(LET_IN);
  const { body } = await on.caller.call('audit', { token: admin.token, query: { action: 'address.*', limit: '2' } });
  expect((body as { entries: AuditEntry[] }).entries).toMatchObject([
    { action: 'address.unbanned', actorId: admin.id, details: { range: '198.51.100.0/24' } },
    { action: 'address.banned', actorId: admin.id, details: { range: '198.51.100.0/24', reason: 'Spam', until: null } },
  ]);
});

test('the same network again takes the place of the ban before', async () => {
  await Promise.all(Array.from({ length: 50 }, () => add('203.0.113.5/24')));
  await add('203.0.113.0/24', { reason: 'Again' });
  const { body } = await on.caller.call('addressBans', { token: admin.token });
  expect(body).toMatchObject({
    bans: [{ range: '203.0.113.0/24', reason: 'Again', until: null, createdBy: admin.id }],
  });
  expect((body as { bans: unknown[] }).bans).toHaveLength(1);
});

test('nobody locks themself out, and no time that is over is taken', async () => {
  const fields = async (answer: ReturnType<typeof add>) => (await answer).body as object;
  for (const range of ['127.0.0.1', '127.0.0.0/8', '::ffff:127.0.0.1', '::ffff:127.0.0.0/104']) {
    expect(await fields(add(range))).toMatchObject({
      error: { code: 'bad_input', details: { fields: [{ field: 'range' }] } },
    });
  }
  expect(await fields(add('::ffff:0.0.0.0/96'))).toMatchObject({ error: { code: 'bad_input' } });
  expect(await fields(add('203.0.113.0/24', { until: on.world.clock.now() }))).toMatchObject({
    error: { details: { fields: [{ field: 'until' }] } },
  });
});

test('they are for admins', async () => {
  const moderator = await on.someone('moderator');
  expect((await add('203.0.113.0/24', {}, moderator)).code).toBe('forbidden');
  expect((await on.caller.call('addressBans', { token: moderator.token })).code).toBe('forbidden');
});

test('other nodes hold to it at once by a hint, and within seconds without one', async () => {
  const { clock, bus } = on.world;
  const [hears, deaf] = [await on.world.node({ bus, clock }), await on.world.node({ bus: memoryBus(), clock })];
  for (const node of [hears, deaf]) expect(await waysIn('203.0.113.7', node)).toEqual(LET_IN);
  await add('203.0.113.0/24');
  expect(await waysIn('203.0.113.7', hears)).toEqual(REFUSED);
  expect(await waysIn('203.0.113.7', deaf)).toEqual(LET_IN);
  await clock.advance(5000);
  expect(await waysIn('203.0.113.7', deaf)).toEqual(REFUSED);
});

test('what an owner keeps out no admin lets in, nor puts a ban of their own in its place', async () => {
  const owner = await on.someone('owner');
  const { id: banId } = (await add('203.0.113.0/24', {}, owner)).body as AddressBan;
  const remove = async (by: Someone) =>
    (await on.caller.call('removeAddressBan', { token: by.token, params: { banId } })).code;
  const until = on.world.clock.now() + 1000;
  for (const more of [{ until }, { until: null }]) expect((await add('203.0.113.9/24', more)).code).toBe('forbidden');
  expect(await remove(admin)).toBe('forbidden');
  expect(await waysIn('203.0.113.7')).toEqual(REFUSED);
  expect((await add('203.0.113.0/25')).status).toBe(201);
  expect((await add('203.0.113.0/24', { until }, owner)).status).toBe(201);
  await on.world.clock.advance(1000);
  // What is over is nobody's any more.
  expect((await add('203.0.113.0/24')).status).toBe(201);
});

test('each stands in the trail of moderation, without the network, which is for admins', async () => {
  const { id: banId } = (await add('203.0.113.0/24')).body as AddressBan;
  for (let i = 0; i < 2; i += 1) await on.caller.call('removeAddressBan', { token: admin.token, params: { banId } });
  const { entries } = await readLog(on.world.db, { actorId: admin.id, action: 'address.*' }, { limit: 2 });
  expect(entries).toMatchObject([
    { action: 'address.unbanned', targetId: null, details: { banId } },
    { action: 'address.banned', targetId: null, reason: 'Spam', details: { banId, until: null } },
  ]);
  expect(JSON.stringify(entries)).not.toContain('203.0.113');
});
