/** What a rule would have done, what it then does, and what the trail keeps of it; and raids, which begin as people join. */
import type { AutomodTrigger, Message } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { startWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
let admin: Person;
beforeAll(async () => {
  server = await startWorld();
  admin = await server.person('admin', 'admin');
});
afterAll(() => server.stop());

const trial = (by: Person, roomId: string | null, trigger: AutomodTrigger, text?: string) =>
  by.call('tryAutomodRule', { body: { roomId, trigger, ...(text === undefined ? {} : { text }) } });
const content = (trigger: AutomodTrigger) => ({
  name: 'A rule',
  trigger,
  actions: [{ type: 'hold' as const }],
  reason: 'Not in this place.',
  enabled: true,
});
async function addRule(by: Person, roomId: string | null, trigger: AutomodTrigger) {
  const rule = await by.call('createAutomodRule', { body: { roomId, ...content(trigger) } });
  await server.settle();
  return rule;
}
const change = (by: Person, ruleId: string, trigger: AutomodTrigger) =>
  by.call('updateAutomodRule', { params: { ruleId }, body: { trigger } });
const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);
const words = (...own: string[]): AutomodTrigger => ({ type: 'words', lists: [], words: own, spare: [] });

const trail = (roomId: string) =>
  sql<{ action: string; actor_id: string | null; details: Record<string, unknown> }>(
    server,
    'SELECT action, actor_id, details FROM safety.log WHERE room_id = $1 ORDER BY seq',
    [roomId],
  );

const SAID = [
  'Good morning',
  'S H O U T I N G',
  'STOP SHOUTING AT ME',
  'see https://site.example',
  'and https://other.example again',
  'join discord.gg/abc',
  'fu.ck this',
  'hello @ann and @room',
  'Scunthorpe',
  'call 0800 123456',
];

describe('trying a rule', () => {
  test.each<AutomodTrigger>([
    { type: 'words', lists: ['en'], words: ['*horpe'], spare: ['scunthorpe'] },
    { type: 'links', mode: 'any', hosts: [] },
    { type: 'links', mode: 'denied', hosts: ['site.example'] },
    { type: 'links', mode: 'not_allowed', hosts: ['site.example'] },
    { type: 'mentions', more: 1 },
    { type: 'capitals', percent: 80, letters: 10 },
    { type: 'invites' },
    { type: 'newcomers', minutes: 5 },
    { type: 'pattern', pattern: '\\d{4,}' },
  ])('matches what it then does when the same is said: %j', async (trigger) => {
    const { owner, member, roomId } = await room(server);
    for (const body of SAID) await member.say(roomId, body);
    const tried = await trial(owner, roomId, trigger);
    expect(tried.tried).toBe(SAID.length);
    await addRule(owner, roomId, trigger);
    const again: Message[] = [];
    for (const body of SAID) again.push(await member.say(roomId, body));
    const held = bodies(again.filter(({ status }) => status === 'pending'));
    expect(bodies(tried.examples).toReversed()).toEqual(held);
    expect(tried.matched).toBe(held.length);
    expect(held.length).toBeGreaterThan(0);
  });

  test('counts in order and at the times at which things were said, as if all had been let through', async () => {
    const { owner, member, other, roomId } = await room(server);
    for (const [by, body] of [
      [member, 'one https://a.example'],
      [other, 'two'],
      [member, 'three https://a.example'],
      [member, 'same'],
      [other, 'SAME https://a.example'],
      [member, 'Same'],
      [owner, 'same https://a.example'],
    ] as const) {
      await by.say(roomId, body);
    }
    const matched = async (trigger: AutomodTrigger) => bodies((await trial(owner, roomId, trigger)).examples);
    const first: AutomodTrigger = { type: 'links', mode: 'first', hosts: [] };
    expect(await matched(first)).toEqual(['SAME https://a.example', 'one https://a.example']);
    expect(await matched({ type: 'flood', messages: 4, seconds: 3600 })).toEqual(['Same']);
    expect(await matched({ type: 'repeats', times: 2, seconds: 3600 })).toEqual(['Same']);
    await sql(
      server,
      `UPDATE chat.messages SET created_at = created_at + interval '2 hours' WHERE room_id = $1 AND body = 'Same'`,
      [roomId],
    );
    expect(await matched({ type: 'repeats', times: 2, seconds: 3600 })).toEqual([]);
  });

  test('looks at a room and its threads; of the instance, at public rooms; at the newest 1,000; shows the newest twenty', async () => {
    const { owner, member, roomId } = await room(server, 'public', 'Open');
    const said = await member.say(roomId, 'a wombat');
    const thread = await member.call('openThread', { params: { roomId, messageId: said.id } });
    await member.say(thread.room.id, 'another wombat');
    const group = await room(server);
    await group.member.say(group.roomId, 'a wombat in private');
    await sql(
      server,
      `INSERT INTO chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, created_at)
       SELECT $1, gen_random_uuid(), 2000 + i, 2000 + i, $2, 'filler-' || i, 'text',
         CASE WHEN i > 970 THEN 'late wombat ' || i ELSE 'x' END, now() + i * interval '1 ms'
       FROM generate_series(1, 999) i`,
      [roomId, member.id],
    );
    const moderator = await server.person('moderator', 'moderator');
    for (const [by, place] of [
      [owner, roomId],
      [moderator, null],
    ] as const) {
      const { tried, matched, examples, users } = await trial(by, place, words('wombat'));
      expect([tried, matched, examples.length]).toEqual([1000, 30, 20]);
      expect(examples[0]?.body).toBe('late wombat 999');
      expect(users.map(({ id }) => id)).toEqual([member.id]);
      expect(JSON.stringify(examples)).not.toContain('private');
    }
  });

  test('tells whether a text would match, and changes nothing', async () => {
    const { owner, member, roomId } = await room(server);
    await member.say(roomId, 'a numbat');
    const state = async () => {
      const { room: now, messages } = await owner.call('room', { params: { roomId } });
      return { now, messages };
    };
    const before = await state();
    expect((await trial(owner, roomId, words('numbat'), 'N.U.M.B.A.T')).text).toBe(true);
    expect((await trial(owner, roomId, words('numbat'), 'a wombat')).text).toBe(false);
    expect((await trial(owner, roomId, { type: 'mentions', more: 1 }, '@ann and @bob')).text).toBe(true);
    expect((await trial(owner, roomId, words('numbat'))).text).toBeNull();
    expect(await state()).toEqual(before);
    expect((await owner.call('automodRules', { query: { roomId } })).rules).toEqual([]);
    expect(await member.say(roomId, 'a numbat')).not.toHaveProperty('status');
  });
});

describe('a raid', () => {
  const raid = { type: 'raid', joins: 3, seconds: 60, lasts: 600 } as const;
  const raidUntil = async (by: Person, roomId: string) =>
    (await by.call('room', { params: { roomId } })).room.moderation.raidUntil;
  const trailOf = (roomId: string) =>
    sql<{ action: string; actor_id: string | null; details: { joins: number } }>(
      server,
      `SELECT action, actor_id, details FROM safety.log WHERE room_id = $1 AND action = 'raid.began'`,
      [roomId],
    );
  /** A public room whose members came long ago. */
  async function settled() {
    const there = await room(server, 'public');
    await sql(server, `UPDATE chat.members SET joined_at = now() - interval '3 days' WHERE room_id = $1`, [
      there.roomId,
    ]);
    return there;
  }
  const crowd = (count: number) => Promise.all(Array.from({ length: count }, () => server.person()));

  test('begins with the join that makes them too many: newcomers’ messages wait, moderators are told once, it converges', async () => {
    const { owner, member, other, roomId } = await settled();
    await addRule(owner, roomId, raid);
    const [device, ordinary] = [await owner.connect(), await member.connect()];
    const people = await crowd(7);
    const join = async (who: Person | undefined) => void (await who?.call('joinRoom', { params: { roomId } }));
    await join(people[0]);
    await join(people[1]);
    expect(await raidUntil(owner, roomId)).toBeNull();
    expect(await people[0]?.say(roomId, 'hello')).not.toHaveProperty('status');
    await expectConverges(roomId, [owner, other], () => join(people[2]));
    expect(await raidUntil(member, roomId)).toBeGreaterThan(Date.now() + 500_000);
    await Promise.all(people.slice(3).map(join));
    for (const one of people) expect(await one.say(roomId, 'buy this')).toMatchObject({ status: 'pending' });
    expect(await member.say(roomId, 'what is going on?')).not.toHaveProperty('status');
    expect(await trailOf(roomId)).toEqual([
      { action: 'raid.began', actor_id: null, details: expect.objectContaining({ joins: 3 }) },
    ]);
    await heard(server, device, ordinary);
    await device.until(({ event, payload }) => event === 'moderation' && (payload as { what: string }).what === 'raid');
    const raids = (events: typeof device.events) =>
      events.filter(({ event, payload }) => event === 'moderation' && (payload as { what: string }).what === 'raid');
    expect(raids(device.events)).toEqual([{ event: 'moderation', payload: { what: 'raid', roomId } }]);
    expect(raids(ordinary.events)).toEqual([]);
  });

  test('is begun once by many who join at once, and again only after it is over', async () => {
    const { owner, roomId } = await settled();
    await addRule(owner, roomId, raid);
    const people = await crowd(8);
    await Promise.all(people.slice(0, 6).map((one) => one.call('joinRoom', { params: { roomId } })));
    expect(await trailOf(roomId)).toHaveLength(1);
    await sql(server, `UPDATE chat.rooms SET raid_until = now() - interval '1 second' WHERE room_id = $1`, [roomId]);
    expect(await people[0]?.say(roomId, 'over')).not.toHaveProperty('status');
    await people[6]?.call('joinRoom', { params: { roomId } });
    await people[7]?.call('joinRoom', { params: { roomId } });
    expect(await trailOf(roomId)).toHaveLength(2);
  });

  test('is seen by a rule of the instance in public rooms, and by invitations in groups with one of their own', async () => {
    const group = await room(server);
    await sql(server, `UPDATE chat.members SET joined_at = now() - interval '3 days' WHERE room_id = $1`, [
      group.roomId,
    ]);
    const open = await settled();
    await addRule(admin, null, raid);
    const people = await crowd(3);
    const { code } = await group.owner.call('createInvite', { params: { roomId: group.roomId }, body: {} });
    for (const one of people) {
      await one.call('acceptInvite', { params: { code } });
      await one.call('joinRoom', { params: { roomId: open.roomId } });
    }
    expect(await raidUntil(open.owner, open.roomId)).not.toBeNull();
    expect(await raidUntil(group.owner, group.roomId)).toBeNull();
    const { rules } = await admin.call('automodRules', { query: {} });
    for (const { id: ruleId } of rules) await admin.call('deleteAutomodRule', { params: { ruleId } });
    await addRule(group.owner, group.roomId, { ...raid, joins: 4 });
    const [last] = await crowd(1);
    await last?.call('acceptInvite', { params: { code } });
    expect(await raidUntil(group.owner, group.roomId)).not.toBeNull();
  });

  test('can be tried: what newcomers said while it would have lasted', async () => {
    const { owner, member, roomId } = await settled();
    const people = await crowd(4);
    for (const one of people) {
      await one.call('joinRoom', { params: { roomId } });
      await one.say(roomId, 'hello there');
    }
    await member.say(roomId, 'so many');
    const { matched, examples } = await trial(owner, roomId, raid);
    expect(matched).toBe(2);
    expect(examples.map(({ senderId }) => senderId)).toEqual([people[3]?.id, people[2]?.id]);
    expect((await trial(owner, roomId, { ...raid, joins: 5 })).matched).toBe(0);
    await expect(trial(member, roomId, raid)).rejects.toMatchObject(refusedWith('forbidden'));
  });
});

test('a rule is tried on so many characters only: what it costs has an end', async () => {
  const { owner, member, roomId } = await room(server);
  await member.say(roomId, 'x');
  await Promise.all(Array.from({ length: 26 }, (_, i) => member.say(roomId, `${i}`.padEnd(8000, 'ab'))));
  const pattern = { type: 'pattern', pattern: '(?i)a[ab]{90}[cd]' } as const;
  expect(await trial(owner, roomId, pattern)).toMatchObject({ tried: 25, matched: 0 });
  expect(await trial(owner, roomId, words('x'))).toMatchObject({ tried: 25, matched: 0 });
});

describe('what is written of rules', () => {
  test('is in the trail, with how it was and how it is', async () => {
    const { owner, roomId } = await room(server);
    const { id } = await addRule(owner, roomId, words('a'));
    await change(owner, id, words('b'));
    await owner.call('deleteAutomodRule', { params: { ruleId: id } });
    const [a, b] = [content(words('a')), content(words('b'))];
    const by = { actor_id: owner.id };
    expect(await trail(roomId)).toEqual([
      { ...by, action: 'automod_rule.created', details: { ruleId: id, before: null, after: a } },
      { ...by, action: 'automod_rule.changed', details: { ruleId: id, before: a, after: b } },
      { ...by, action: 'automod_rule.removed', details: { ruleId: id, before: b, after: null } },
    ]);
  });

  test('with long lists is in the trail with what a change adds and removes, as far as that is short itself', async () => {
    const { owner, roomId } = await room(server);
    const many = (prefix: string) => Array.from({ length: 900 }, (_, i) => `${prefix}${i}${'q'.repeat(40)}`);
    const spare = Array.from({ length: 20 }, (_, i) => `fine ${i}`);
    const rule = (...own: string[]): AutomodTrigger => ({ type: 'words', lists: [], words: own, spare });
    const { id } = await addRule(owner, roomId, rule(...many('a')));
    await change(owner, id, rule(...many('a').slice(2), 'news'));
    await change(owner, id, rule(...many('b')));
    const entries = await trail(roomId);
    const list = (count: number) => ({ count, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    const [before, after] = [
      { ...list(900), only: many('a').slice(0, 2), leftOut: 0 },
      { ...list(899), only: ['news'], leftOut: 0 },
    ];
    expect(entries[1]?.details).toMatchObject({
      before: { trigger: { words: before, spare } },
      after: { trigger: { words: after, spare } },
    });
    const last = entries[2]?.details['after'] as { trigger: { words: { only: string[]; leftOut: number } } };
    const { only, leftOut } = last.trigger.words;
    expect(only).toEqual(many('b').slice(0, only.length));
    expect(only.length + leftOut).toBe(900);
    for (const { details } of entries) expect(JSON.stringify(details).length).toBeLessThan(5000);
  });
});
