import type { Device, Profile, PublicUser, Settings } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Caller, startAccounts } from '../../../test/accounts.ts';

let world: AccountsWorld;
let watcher: Someone;
beforeAll(async () => {
  world = await startAccounts();
  watcher = await someone('watcher');
});
afterAll(() => world.close());

interface Someone {
  id: string;
  call: (name: Parameters<Caller['call']>[0], options?: Parameters<Caller['call']>[1]) => ReturnType<Caller['call']>;
}

async function someone(username: string): Promise<Someone> {
  const caller = world.caller();
  const { accessToken, user } = await caller.signUp(username);
  return { id: user.id, call: (name, options) => caller.call(name, { token: accessToken, ...options }) };
}

async function found(q: string): Promise<string[]> {
  const { body } = await watcher.call('findUsers', { query: { q } });
  return (body as { users: PublicUser[] }).users.map((user) => user.username);
}

describe('the profile', () => {
  test('every field is kept, seen by others, and cleared again; what is left out stays', async () => {
    const person = await someone('shows');
    const shown = {
      name: 'Shows Things',
      bio: 'Line one\nLine two',
      languages: ['pt-BR', 'de'],
      timeZone: 'Europe/Berlin',
      avatar: '/api/files/abc',
      seller: { name: 'Roses', about: null, location: 'Kassel' },
    };
    expect((await person.call('updateProfile', { body: shown })).body).toMatchObject(shown);
    await person.call('updateProfile', { body: { bio: 'Only this' } });
    const seen = (await watcher.call('user', { params: { userId: person.id } })).body;
    expect(seen).toMatchObject({ ...shown, bio: 'Only this' });
    const cleared = { bio: '', languages: [], timeZone: null, avatar: null, seller: null };
    await person.call('updateProfile', { body: cleared });
    expect((await person.call('profile')).body).toMatchObject({ ...cleared, name: 'Shows Things' });
  });

  test('fields that parallel calls change are all kept', async () => {
    const person = await someone('parallel');
    const changes = [{ bio: 'b' }, { languages: ['en'] }, { timeZone: 'Asia/Tokyo' }, { name: 'N' }];
    await Promise.all(changes.map((body) => person.call('updateProfile', { body })));
    expect((await person.call('profile')).body).toMatchObject(Object.assign({}, ...changes) as Partial<Profile>);
    expect(await found('n')).toContain('parallel');
  });

  test('wrong values are refused and nothing of the call is done', async () => {
    const person = await someone('wrong');
    const before = (await person.call('profile')).body;
    for (const body of [
      { name: '' },
      { name: 'x'.repeat(61) },
      { name: 'a\u202Eb' },
      { bio: 'x'.repeat(501) },
      { bio: null },
      { languages: ['not a language'] },
      { languages: Array.from({ length: 11 }, () => 'en') },
      { timeZone: '+02:00' },
      { timeZone: 'Mars/Olympus' },
      { avatar: 'https://evil.example/a.png' },
      { avatar: 'javascript:alert(1)' },
      { seller: { name: 'x', about: null, location: null, admin: true } },
    ]) {
      const answer = await person.call('updateProfile', { body: { name: 'Changed', ...body } });
      expect(answer, JSON.stringify(body)).toMatchObject({ status: 400, code: 'bad_input' });
    }
    expect((await person.call('profile')).body).toEqual(before);
  });
});

describe('settings', () => {
  test('follow the defaults until they are changed, field by field', async () => {
    const person = await someone('settles');
    const defaults = (await person.call('settings')).body as Settings;
    expect(defaults).toEqual({
      privacy: { findable: true, directFrom: 'everyone' },
      notifications: { push: true, sound: true, preview: true, emailDigest: 'never' },
      chat: { enterSends: true, clock: 'auto', animations: true },
    });
    const changed = await person.call('updateSettings', { body: { chat: { clock: '24' } } });
    expect(changed.body).toEqual({ ...defaults, chat: { ...defaults.chat, clock: '24' } });
    expect((await person.call('updateSettings', { body: {} })).body).toEqual(changed.body);
    expect((await person.call('settings')).body).toEqual(changed.body);
  });

  test('fields that 20 parallel calls change are all kept', async () => {
    const person = await someone('settles.parallel');
    const changes: object[] = [
      { privacy: { findable: false } },
      { privacy: { directFrom: 'nobody' } },
      { notifications: { push: false } },
      { notifications: { sound: false } },
      { notifications: { preview: false } },
      { notifications: { emailDigest: 'daily' } },
      { chat: { enterSends: false } },
      { chat: { clock: '12' } },
      { chat: { animations: false } },
    ];
    const calls = [...changes, ...changes, {}, {}];
    await Promise.all(calls.map((body) => person.call('updateSettings', { body })));
    expect((await person.call('settings')).body).toEqual({
      privacy: { findable: false, directFrom: 'nobody' },
      notifications: { push: false, sound: false, preview: false, emailDigest: 'daily' },
      chat: { enterSends: false, clock: '12', animations: false },
    });
  });

  test('unknown fields and wrong values are refused', async () => {
    const person = await someone('settles.wrong');
    for (const body of [
      { other: {} },
      { chat: { other: 1 } },
      { chat: { clock: '25' } },
      { privacy: { findable: 'no' } },
      { privacy: null },
    ]) {
      expect((await person.call('updateSettings', { body })).code).toBe('bad_input');
    }
  });

  test('who does not want to be found is found by the exact username alone, and again once they do', async () => {
    const person = await someone('hermit');
    await person.call('updateProfile', { body: { name: 'Quiet Cave' } });
    await person.call('updateSettings', { body: { privacy: { findable: false } } });
    // A new name does not bring them back.
    await person.call('updateProfile', { body: { name: 'Quiet Cavern' } });
    expect(await found('herm')).toEqual([]);
    expect(await found('quiet')).toEqual([]);
    expect(await found('cav')).toEqual([]);
    expect(await found('HERMIT')).toEqual(['hermit']);
    await person.call('updateSettings', { body: { privacy: { findable: true } } });
    expect(await found('herm')).toEqual(['hermit']);
    expect(await found('cavern')).toEqual(['hermit']);
  });
});

describe('devices for push', () => {
  const fcm = (name: string) => ({ kind: 'fcm', token: `${name}-token-of-an-app-1234567890` });
  const web = (name: string, auth = 'A'.repeat(22)) => ({
    kind: 'web',
    subscription: { endpoint: `https://push.example/${name}`, keys: { p256dh: 'B'.repeat(87), auth } },
  });
  const devicesOf = async (person: Someone) => ((await person.call('devices')).body as { devices: Device[] }).devices;

  test('are added, listed without what reaches them, and removed; removing twice is nothing', async () => {
    const person = await someone('carries');
    const first = await person.call('addDevice', { body: web('one') });
    expect(first.status).toBe(201);
    const second = await person.call('addDevice', { body: fcm('one') });
    expect(await devicesOf(person)).toEqual([first.body, second.body]);
    expect(JSON.stringify(first.body)).not.toMatch(/push\.example|AAAA|token-of/);
    const params = { deviceId: (first.body as Device).id };
    expect((await person.call('removeDevice', { params })).status).toBe(204);
    expect((await person.call('removeDevice', { params })).status).toBe(204);
    expect(await devicesOf(person)).toEqual([second.body]);
  });

  test('the same token or subscription, 20 times at once, is one device', async () => {
    const person = await someone('repeats');
    for (const body of [web('same'), fcm('same')]) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => person.call('addDevice', { body })));
      expect(new Set(answers.map((answer) => (answer.body as Device).id)).size).toBe(1);
    }
    // The same subscription with new keys.
    await person.call('addDevice', { body: web('same', 'C'.repeat(22)) });
    expect(await devicesOf(person)).toHaveLength(2);
  });

  test('a device that another person names is theirs, and pushes no longer to the first', async () => {
    const [first, second] = [await someone('had'), await someone('has')];
    const mine = (await first.call('addDevice', { body: fcm('handed') })).body as Device;
    const theirs = (await second.call('addDevice', { body: fcm('handed') })).body as Device;
    expect(theirs.id).toBe(mine.id);
    expect(await devicesOf(first)).toEqual([]);
    await first.call('removeDevice', { params: { deviceId: mine.id } });
    expect(await devicesOf(second)).toEqual([theirs]);
  });

  test('are so many at most, also when added at once', async () => {
    const person = await someone('hoards');
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, i) => person.call('addDevice', { body: fcm(`hoard${i}`) })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ code }) => code === 'limit_reached')).toHaveLength(5);
    expect(await devicesOf(person)).toHaveLength(20);
    // One that is theirs already is no further one.
    const known = Array.from({ length: 25 }, (_, i) => i).filter((i) => answers[i]?.status === 201)[0];
    expect((await person.call('addDevice', { body: fcm(`hoard${known}`) })).status).toBe(201);
  });

  test('are stored so that nobody who reads the database can reach them', async () => {
    const person = await someone('sealed');
    await person.call('addDevice', { body: web('secret-endpoint') });
    const { rows } = await world.db.query<{ target: Buffer; row: string }>(
      'select target, d::text as row from accounts.push_devices d where user_id = $1',
      [person.id],
    );
    expect(rows[0]?.target.toString('latin1')).not.toContain('secret-endpoint');
    expect(rows[0]?.row).not.toContain('secret-endpoint');
  });

  test('of wrong form are refused', async () => {
    const person = await someone('malforms');
    for (const body of [
      { kind: 'fcm', token: 'short' },
      { kind: 'other', token: 'x'.repeat(40) },
      { kind: 'web', token: 'x'.repeat(40) },
      { ...web('x'), extra: 1 },
      { kind: 'web', subscription: { ...web('x').subscription, endpoint: 'http://push.example/x' } },
      { kind: 'web', subscription: { ...web('x').subscription, keys: { p256dh: 'short', auth: 'short' } } },
    ]) {
      expect((await person.call('addDevice', { body })).code).toBe('bad_input');
    }
  });
});
