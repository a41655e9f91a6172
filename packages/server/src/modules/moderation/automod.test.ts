/** Automod through the whole server: what becomes of messages, who writes rules, and what they would have done. */
import { randomUUID } from 'node:crypto';
import { type AutomodAction, type AutomodTrigger, LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { joinRoom, languageRoom, refusedWith, room } from '../../../test/rooms.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
let admin: Person;
beforeAll(async () => {
  server = await startWorld();
  admin = await server.person('admin', 'admin');
});
afterAll(() => server.stop());

const words = (...own: string[]): AutomodTrigger => ({ type: 'words', lists: [], words: own, spare: [] });
const pattern = (source: string): AutomodTrigger => ({ type: 'pattern', pattern: source });
const HOLD: AutomodAction[] = [{ type: 'hold' }];
const REJECT: AutomodAction[] = [{ type: 'reject' }];

const content = (trigger: AutomodTrigger, actions = HOLD) => ({
  name: 'A rule',
  trigger,
  actions,
  reason: 'Not in this place.',
  enabled: true,
});
async function addRule(by: Person, roomId: string | null, trigger: AutomodTrigger, actions = HOLD) {
  const rule = await by.call('createAutomodRule', { body: { ...content(trigger, actions), roomId } });
  await server.settle();
  return rule;
}
const list = async (by: Person, roomId?: string) =>
  (await by.call('automodRules', { query: roomId === undefined ? {} : { roomId } })).rules;
const change = (by: Person, ruleId: string, body: object) => by.call('updateAutomodRule', { params: { ruleId }, body });
const remove = (by: Person, ruleId: string) => by.call('deleteAutomodRule', { params: { ruleId } });
const trial = (by: Person, roomId: string | null, trigger: AutomodTrigger, text?: string) =>
  by.call('tryAutomodRule', { body: { roomId, trigger, ...(text === undefined ? {} : { text }) } });

describe('a rule', () => {
  test('holds or rejects what members write, over REST and socket, in threads and when edited; moderators are exempt', async () => {
    const { owner, member, roomId } = await room(server);
    await addRule(owner, roomId, words('badger'));
    await addRule(owner, roomId, words('weasel'), REJECT);
    const device = await member.connect();
    expect(await member.say(roomId, 'b.a.d.g.e.r')).toMatchObject({ status: 'pending', n: 0 });
    const rejected = refusedWith('message_rejected');
    await expect(member.say(roomId, 'a W3asel!')).rejects.toMatchObject({
      body: { code: 'message_rejected', details: { reason: 'Not in this place.' } },
    });
    const send = { roomId, clientId: randomUUID(), body: 'badger and weasel' };
    await expect(device.ask('message:send', send)).rejects.toMatchObject(rejected);
    const fine = await member.say(roomId, 'a beaver');
    expect(fine).not.toHaveProperty('status');
    const params = { roomId, messageId: fine.id };
    await expect(member.call('editMessage', { params, body: { body: 'weasel' } })).rejects.toMatchObject(rejected);
    const { room: thread } = await member.call('openThread', { params });
    await expect(member.say(thread.id, 'weasel')).rejects.toMatchObject(rejected);
    expect(await owner.say(roomId, 'a badger and a weasel')).not.toHaveProperty('status');
  });

  test('of the instance holds in public rooms and not in groups; of a room there alone', async () => {
    const [group, open] = [await room(server), await room(server, 'public')];
    const rule = await addRule(admin, null, words('polecat'), REJECT);
    const rejected = refusedWith('message_rejected');
    await expect(open.member.say(open.roomId, 'polecat')).rejects.toMatchObject(rejected);
    await group.member.say(group.roomId, 'polecat');
    await addRule(group.owner, group.roomId, words('stoat'), REJECT);
    await expect(group.member.say(group.roomId, 'stoat')).rejects.toMatchObject(rejected);
    await open.member.say(open.roomId, 'stoat');
    await remove(admin, rule.id);
    await server.settle();
    await open.member.say(open.roomId, 'polecat');
  });

  test('of the instance holds for those who run a public room too, which everybody can make; its own rules do not', async () => {
    const { owner, member, other, roomId } = await room(server, 'public');
    await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
    await addRule(owner, roomId, words('ermine'), REJECT);
    const rejecting = await addRule(admin, null, words('polecat'), REJECT);
    const holding = await addRule(admin, null, words('marten'));
    const rejected = refusedWith('message_rejected');
    for (const person of [owner, member]) {
      await expect(person.say(roomId, 'polecat')).rejects.toMatchObject(rejected);
      const { id } = await person.say(roomId, 'an ermine');
      const edit = { params: { roomId, messageId: id }, body: { body: 'polecat' } };
      await expect(person.call('editMessage', edit)).rejects.toMatchObject(rejected);
    }
    const held = await owner.say(roomId, 'marten');
    expect(held).toMatchObject({ status: 'pending' });
    const decide = { params: { roomId, messageId: held.id }, body: { approve: true as const } };
    await expect(owner.call('decideHeld', decide)).rejects.toMatchObject(refusedWith('forbidden'));
    await admin.call('decideHeld', decide);
    // Who has an office on the instance is exempt, and so is whom it made a moderator of its lounges.
    expect(await admin.say(roomId, 'polecat')).not.toHaveProperty('status');
    const lounge = await languageRoom(server);
    await joinRoom(other, lounge.roomId);
    const params = { roomId: lounge.roomId, userId: other.id };
    await lounge.admin.call('updateMember', { params, body: { role: 'moderator' } });
    expect(await other.say(lounge.roomId, 'polecat')).not.toHaveProperty('status');
    // So it is when rules are tried: of the instance on all of that, of the room on what others say.
    const matched = async (by: Person, where: string | null) => (await trial(by, where, words('ermine'))).matched;
    expect([await matched(admin, null), await matched(owner, roomId)]).toEqual([2, 0]);
    for (const { id } of [rejecting, holding]) await remove(admin, id);
    await server.settle();
  });

  test('holds everywhere as soon as it is written, changed, switched off or removed', async () => {
    const { owner, member, roomId } = await room(server);
    const says = async (body: string) => {
      await server.settle();
      // On each node, where there are several.
      const tries = await Promise.allSettled([1, 2].map(() => member.say(roomId, body)));
      return tries.map(({ status }) => (status === 'fulfilled' ? 'said' : 'rejected'));
    };
    expect(await says('otter')).toEqual(['said', 'said']);
    const { id } = await addRule(owner, roomId, words('otter'), REJECT);
    expect(await says('otter')).toEqual(['rejected', 'rejected']);
    await change(owner, id, { trigger: words('marten') });
    expect(await says('otter')).toEqual(['said', 'said']);
    expect(await says('marten')).toEqual(['rejected', 'rejected']);
    await change(owner, id, { enabled: false });
    expect(await says('marten')).toEqual(['said', 'said']);
    await change(owner, id, { enabled: true });
    expect(await says('marten')).toEqual(['rejected', 'rejected']);
    await remove(owner, id);
    expect(await says('marten')).toEqual(['said', 'said']);
  });

  test('about first links asks for those of each person until one of theirs was let through', async () => {
    const { owner, member, other, roomId } = await room(server);
    await addRule(owner, roomId, { type: 'links', mode: 'first', hosts: [] });
    const body = 'https://site.example';
    const held = await member.say(roomId, body);
    expect(held).toMatchObject({ status: 'pending' });
    expect(await member.say(roomId, body)).toMatchObject({ status: 'pending' });
    expect(await member.say(roomId, 'no link')).not.toHaveProperty('status');
    await owner.call('decideHeld', { params: { roomId, messageId: held.id }, body: { approve: true } });
    expect(await member.say(roomId, body)).not.toHaveProperty('status');
    expect(await other.say(roomId, body)).toMatchObject({ status: 'pending' });
  });

  test('about floods counts what one person sends', async () => {
    const { owner, member, other, roomId } = await room(server);
    await addRule(owner, roomId, { type: 'flood', messages: 3, seconds: 3600 }, REJECT);
    const [device, another] = [await member.connect(), await other.connect()];
    const send = (by: typeof device, body: string) =>
      by.ask('message:send', { roomId, clientId: randomUUID(), body }).then(
        () => 'said',
        () => 'rejected',
      );
    expect([await send(device, 'a'), await send(device, 'b'), await send(another, 'c')]).toEqual(Array(3).fill('said'));
    expect([await send(device, 'd'), await send(another, 'e')]).toEqual(['rejected', 'said']);
  });

  test('about floods and repeats counts what comes by whichever node, of many at once exactly as many as may', async () => {
    const { owner, member, roomId } = await room(server);
    // Calls go to each node in turn.
    const outcomes = async (bodies: string[]) => {
      const tries = await Promise.allSettled(bodies.map((body) => member.say(roomId, body)));
      return tries.map(({ status }) => (status === 'fulfilled' ? 'said' : 'rejected'));
    };
    const flood = await addRule(owner, roomId, { type: 'flood', messages: 10, seconds: 3600 }, REJECT);
    const many = await outcomes(Array.from({ length: 30 }, (_, i) => `word ${i}`));
    expect(many.filter((outcome) => outcome === 'said')).toHaveLength(9);
    await remove(owner, flood.id);
    await addRule(owner, roomId, { type: 'repeats', times: 3, seconds: 3600 }, REJECT);
    const one = [
      await outcomes(['same']),
      await outcomes(['Same']),
      await outcomes(['other']),
      await outcomes(['SAME']),
    ];
    expect(one.flat()).toEqual(['said', 'said', 'said', 'rejected']);
  });

  test('sent again after it counted is not counted again', async () => {
    const { owner, member, roomId } = await room(server);
    await addRule(owner, roomId, { type: 'repeats', times: 2, seconds: 3600 }, REJECT);
    const device = await member.connect();
    const message = { roomId, clientId: randomUUID(), body: 'Hello again' };
    const first = await device.ask('message:send', message);
    expect(await device.ask('message:send', message)).toEqual(first);
    // Twice at the same time is once as well.
    const there = await room(server);
    await addRule(there.owner, there.roomId, { type: 'repeats', times: 3, seconds: 3600 }, REJECT);
    const double = await there.member.connect();
    const twice = { roomId: there.roomId, clientId: randomUUID(), body: 'Once more' };
    const [one, other] = await Promise.all([1, 2].map(() => double.ask('message:send', twice)));
    expect(other).toEqual(one);
    expect(await there.member.say(there.roomId, 'Once more')).not.toHaveProperty('status');
  });

  test('what is refused for another reason, or to who is no member, is not counted', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    await addRule(owner, roomId, { type: 'repeats', times: 2, seconds: 3600 }, REJECT);
    const body = 'Hello there';
    const params = { roomId };
    const reply = { clientId: randomUUID(), body, replyTo: randomUUID() };
    await expect(member.call('sendMessage', { params, body: reply })).rejects.toMatchObject(refusedWith('not_found'));
    const { id: messageId } = await owner.say(roomId, 'what the owner said');
    const edit = { params: { roomId, messageId }, body: { body } };
    await expect(member.call('editMessage', edit)).rejects.toMatchObject(refusedWith('forbidden'));
    expect(await member.say(roomId, body)).not.toHaveProperty('status');
    await expect(stranger.say(roomId, body)).rejects.toMatchObject(refusedWith('not_found'));
    await owner.call('addMembers', { params, body: { userIds: [stranger.id] } });
    expect(await stranger.say(roomId, body)).not.toHaveProperty('status');
    await expect(stranger.say(roomId, body)).rejects.toMatchObject(refusedWith('message_rejected'));
  });
});

describe('writing rules', () => {
  test('is for admins of a room, and of the instance, whose moderators read; others learn nothing of them', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const moderator = await server.person('moderator', 'moderator');
    const [own, general] = [await addRule(owner, roomId, words('a')), await addRule(admin, null, words('zzyzx'))];
    expect(await list(owner, roomId)).toEqual([own]);
    expect((await list(moderator)).map(({ id }) => id)).toContain(general.id);
    const refusals: [() => Promise<unknown>, string][] = [
      [() => list(member, roomId), 'forbidden'],
      [() => list(stranger, roomId), 'not_found'],
      [() => list(admin, roomId), 'not_found'],
      [() => list(owner), 'forbidden'],
      [() => addRule(member, roomId, words('b')), 'forbidden'],
      [() => addRule(stranger, roomId, words('b')), 'not_found'],
      [() => addRule(moderator, null, words('b')), 'forbidden'],
      [() => addRule(owner, null, words('b')), 'forbidden'],
      [() => change(member, own.id, { name: 'x' }), 'not_found'],
      [() => change(stranger, own.id, { name: 'x' }), 'not_found'],
      [() => change(moderator, general.id, { name: 'x' }), 'forbidden'],
      [() => change(owner, general.id, { name: 'x' }), 'not_found'],
      [() => remove(member, own.id), 'not_found'],
      [() => remove(moderator, general.id), 'forbidden'],
      [() => remove(owner, randomUUID()), 'not_found'],
      [() => trial(member, roomId, words('b')), 'forbidden'],
      [() => trial(stranger, roomId, words('b')), 'not_found'],
      [() => trial(owner, null, words('b')), 'forbidden'],
    ];
    for (const [refused, code] of refusals) await expect(refused()).rejects.toMatchObject(refusedWith(code));
    await trial(moderator, null, words('b'));
    await remove(admin, general.id);
    await expect(remove(admin, general.id)).rejects.toMatchObject(refusedWith('not_found'));
    expect(await list(owner, roomId)).toEqual([own]);
  });

  test('is not done in threads nor between two people, and not in an archived room', async () => {
    const { owner, member, roomId } = await room(server);
    const said = await owner.say(roomId, 'about this');
    const params = { roomId, messageId: said.id };
    const thread = (await owner.call('openThread', { params })).room.id;
    const direct = (await owner.call('directRoom', { body: { userId: member.id } })).room.id;
    for (const id of [thread, direct]) {
      await expect(addRule(owner, id, words('a'))).rejects.toMatchObject(refusedWith('forbidden'));
    }
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(addRule(owner, roomId, words('a'))).rejects.toMatchObject(refusedWith('room_archived'));
  });

  test('has an end, also for many at once, in number and in the cost of patterns', async () => {
    const { owner, roomId } = await room(server);
    await sql(
      server,
      `INSERT INTO safety.automod_rules
       SELECT gen_random_uuid(), $1, 'x', '{"type":"invites"}', '[{"type":"hold"}]', 'x', true, $2, now()
       FROM generate_series(5, $3::int)`,
      [roomId, owner.id, LIMITS.automodRules],
    );
    const many = await Promise.allSettled(Array.from({ length: 8 }, () => addRule(owner, roomId, words('a'))));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const [eldest] = await list(owner, roomId);
    await change(owner, eldest?.id ?? '', { name: 'Still changed' });

    const costly = await room(server);
    await addRule(costly.owner, costly.roomId, pattern('a{60}'));
    const limited = refusedWith('limit_reached');
    await expect(addRule(costly.owner, costly.roomId, pattern('b{60}'))).rejects.toMatchObject(limited);
    const { id } = await addRule(costly.owner, costly.roomId, words('a'));
    await expect(change(costly.owner, id, { trigger: pattern('b{60}') })).rejects.toMatchObject(limited);
    await addRule(costly.owner, costly.roomId, pattern('b'));
    // Rules with words of their own, those that count, and the length of all together.
    const large = await room(server);
    const save = (trigger: AutomodTrigger, many: number) =>
      sql(
        server,
        `INSERT INTO safety.automod_rules
         SELECT gen_random_uuid(), $1, 'x', $3, '[{"type":"hold"}]', 'x', false, $2, now() FROM generate_series(1, $4::int)`,
        [large.roomId, large.owner.id, JSON.stringify(trigger), many],
      );
    const adds = (trigger: AutomodTrigger) => addRule(large.owner, large.roomId, trigger);
    await save(words('a'), 19);
    await adds(words('b'));
    await expect(adds(words('c'))).rejects.toMatchObject(limited);
    await save({ type: 'repeats', times: 2, seconds: 10 }, 9);
    await adds({ type: 'flood', messages: 2, seconds: 10 });
    await expect(adds({ type: 'flood', messages: 2, seconds: 10 })).rejects.toMatchObject(limited);
    await adds({ type: 'words', lists: ['en'], words: [], spare: [] });
    const hosts = Array.from({ length: 1000 }, (_, i) => `${`host${i}`.padEnd(44, 'x')}.example`);
    await adds({ type: 'links', mode: 'denied', hosts });
    await expect(adds({ type: 'links', mode: 'denied', hosts })).rejects.toMatchObject(limited);
    await adds({ type: 'invites' });
    // Every message in a public place is held against those of the instance as well.
    const { id: general } = await addRule(admin, null, pattern('a{60}'));
    await expect(addRule(admin, null, pattern('b{60}'))).rejects.toMatchObject(limited);
    await admin.call('deleteAutomodRule', { params: { ruleId: general } });
  });

  test('names the field of what is no regular expression, or no list', async () => {
    const { owner, roomId } = await room(server);
    const wrong: [AutomodTrigger, string][] = [
      [pattern('(a'), 'trigger.pattern'],
      [pattern('(?=a)'), 'trigger.pattern'],
      [pattern('((a{30}){30}){30}'), 'trigger.pattern'],
      [{ type: 'words', lists: ['en', 'elvish'], words: [], spare: [] }, 'trigger.lists.1'],
    ];
    for (const [trigger, field] of wrong) {
      const refused = { body: { code: 'bad_input', details: { fields: [{ field }] } } };
      await expect(addRule(owner, roomId, trigger)).rejects.toMatchObject(refused);
      await expect(trial(owner, roomId, trigger)).rejects.toMatchObject(refused);
    }
    expect(await list(owner, roomId)).toEqual([]);
  });
});
