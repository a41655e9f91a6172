/** Names, and what people write about themselves and their rooms, held against the rules of the instance. */
import { randomUUID } from 'node:crypto';
import type { AutomodAction, AutomodTrigger } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../../../test/nodes.ts';
import { call, type Person } from '../../../../test/person.ts';
import { refusedWith, room } from '../../../../test/rooms.ts';

let server: World;
let admin: Person;
beforeAll(async () => {
  server = await startWorld();
  admin = await server.person('admin', 'admin');
});
afterAll(() => server.stop());

const REASON = 'Please find other words.';
const words = (...own: string[]): AutomodTrigger => ({ type: 'words', lists: [], words: own, spare: [] });

async function addRule(
  trigger: AutomodTrigger,
  actions: AutomodAction[],
  { roomId = null, by = admin, enabled = true }: { roomId?: string | null; by?: Person; enabled?: boolean } = {},
): Promise<void> {
  const rule = { name: 'Words', trigger, actions, reason: REASON, enabled };
  await by.call('createAutomodRule', { body: { ...rule, roomId } });
  await server.settle();
}
const rejected = (field: string) => ({
  body: { code: 'text_rejected', details: { fields: [{ field, problem: REASON }], reason: REASON } },
});
const signingUp = (username: string, name?: string) => ({
  body: {
    email: `${randomUUID()}@example.com`,
    password: 'a good password',
    username,
    transport: 'body' as const,
    ...(name === undefined ? {} : { name }),
  },
});
const unique = () => `p${randomUUID().slice(0, 8)}`;

test('a word that a rule of the instance rejects is in no name, bio, topic or custom status, however it is disguised; nothing changes', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  const guest = await server.person('guest', 'guest');
  await addRule(words('badger'), [{ type: 'warn' }, { type: 'reject' }]);
  const device = await member.connect();
  const [url, params] = [owner.url, { roomId }];
  const making = { memberIds: [], topic: '' };
  const seller = { name: 'A shop', about: null, location: null };
  const refusals: [string, () => Promise<unknown>][] = [
    ['username', () => call(url, undefined, 'signUp', signingUp(`badger_${randomUUID().slice(0, 3)}`))],
    ['name', () => call(url, undefined, 'signUp', signingUp(unique(), 'The Badger'))],
    ['name', () => call(url, undefined, 'guest', { body: { name: 'b4dger', transport: 'body' } })],
    ['username', () => guest.call('upgradeGuest', upgrade('the.badger'))],
    ['name', () => guest.call('upgradeGuest', upgrade(unique(), 'B.a.d.g.e.r'))],
    ['name', () => member.call('updateProfile', { body: { name: 'badger7', bio: 'badger' } })],
    ['bio', () => member.call('updateProfile', { body: { name: 'Bob', bio: 'I am\na b.a.d.g.e.r' } })],
    ['seller.name', () => member.call('updateProfile', { body: { seller: { ...seller, name: 'Badger & sons' } } })],
    ['seller.about', () => member.call('updateProfile', { body: { seller: { ...seller, about: 'badgeeeer' } } })],
    ['seller.location', () => member.call('updateProfile', { body: { seller: { ...seller, location: 'Badger 1' } } })],
    ['name', () => other.call('createRoom', { body: { ...making, name: 'BADGER' } })],
    ['topic', () => other.call('createRoom', { body: { ...making, kind: 'public', name: 'x', topic: 'of a badger' } })],
    ['name', () => owner.call('updateRoom', { params, body: { name: 'b a d g e r' } })],
    ['topic', () => owner.call('updateRoom', { params, body: { name: 'Fine', topic: 'badger_' } })],
    ['text', () => device.ask('presence:set', { status: 'dnd', text: 'Off to b4dger' })],
  ];
  const appears = async () => (await device.ask('presence:watch', { userIds: [member.id] })).users;
  const before = [await member.call('profile', {}), await owner.call('room', { params }), await appears()];
  for (const [field, refused] of refusals) await expect(refused(), field).rejects.toMatchObject(rejected(field));
  expect([await member.call('profile', {}), await owner.call('room', { params }), await appears()]).toEqual(before);
  // What is meant otherwise, or cleared, is fine.
  await member.call('updateProfile', { body: { name: 'Badgerton', bio: '', seller: null } });
  await owner.call('updateRoom', { params, body: { name: 'Badgers of old', topic: '' } });
  await guest.call('upgradeGuest', upgrade(unique()));
  expect(await device.ask('presence:set', { text: 'Badgers!' })).toMatchObject({ text: 'Badgers!' });
});

test('rules that only hold, of rooms, about other things, or switched off do not decide about names', async () => {
  const { owner, roomId } = await room(server, 'public');
  await addRule(words('otter'), [{ type: 'hold' }]);
  await addRule(words('marten'), [{ type: 'reject' }], { enabled: false });
  await addRule({ type: 'pattern', pattern: 'polecat' }, [{ type: 'reject' }]);
  await addRule(words('stoat'), [{ type: 'reject' }], { roomId, by: owner });
  const name = 'An otter, a marten, a polecat and a stoat';
  expect(await owner.call('updateRoom', { params: { roomId }, body: { name } })).toMatchObject({ name });
});

test('what was there before the rule stays, also when it is sent again beside what changes', async () => {
  const { owner, member, roomId } = await room(server, 'public');
  const params = { roomId };
  await owner.call('updateRoom', { params, body: { name: 'Weasels and a weasel' } });
  await member.call('updateProfile', { body: { name: 'Weasel', bio: 'One weasel' } });
  await addRule(words('weasel'), [{ type: 'reject' }]);
  await owner.call('updateRoom', { params, body: { name: 'Weasels and a weasel', topic: 'Another' } });
  await member.call('updateProfile', { body: { name: 'Weasel', bio: 'None' } });
  await expect(member.call('updateProfile', { body: { bio: 'One weasel' } })).rejects.toMatchObject(rejected('bio'));
  await expect(owner.call('updateRoom', { params, body: { name: 'A weasel' } })).rejects.toMatchObject(
    refusedWith('text_rejected'),
  );
});

function upgrade(username: string, name?: string) {
  const { email, password } = signingUp(username).body;
  return { body: { email, password, username, ...(name === undefined ? {} : { name }) } };
}
