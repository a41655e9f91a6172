/** What the console shows: the trail, its export, and how things stand. */
import { type ModerationLogEntry, rest, type Role } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../../test/nodes.ts';
import { startServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';

let server: World;
const people = new Map<Role, Person>();
beforeAll(async () => {
  server = await startWorld();
  for (const role of ['guest', 'user', 'moderator', 'admin', 'owner'] as const) {
    people.set(role, await server.person(role, role));
  }
});
afterAll(() => server.stop());

function by(role: Role): Person {
  const person = people.get(role);
  if (person === undefined) throw new Error(`there is no ${role}`);
  return person;
}
const exported = (person: Person, query = '') =>
  fetch(person.url + rest.exportModerationLog.path + query, {
    headers: { authorization: `Bearer ${person.signedIn.accessToken}` },
  });

test('the trail and figures are for moderators of the instance, its export for admins', async () => {
  const refused = { guest: 'members_only', user: 'forbidden' };
  for (const [role, code] of Object.entries(refused)) {
    const person = by(role as Role);
    await expect(person.call('moderationLog', { query: {} }), role).rejects.toMatchObject(refusedWith(code));
    await expect(person.call('moderationFigures', {}), role).rejects.toMatchObject(refusedWith(code));
  }
  for (const role of ['moderator', 'admin', 'owner'] as const) {
    await by(role).call('moderationLog', { query: {} });
    await by(role).call('moderationFigures', {});
  }
  const answers = { guest: 403, user: 403, moderator: 403, admin: 200, owner: 200 };
  for (const [role, status] of Object.entries(answers)) {
    const answer = await exported(by(role as Role));
    expect(answer.status, role).toBe(status);
    await answer.arrayBuffer();
  }
});

test('the trail is shown with the people in it, filtered, and exported as JSON lines in its order', async () => {
  const moderator = by('moderator');
  const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
  await ann.call('report', { body: { target: { type: 'user', userId: bob.id }, category: 'spam' } });
  const [found] = (await moderator.call('cases', { query: { limit: '100' } })).cases.filter(
    ({ accusedId }) => accusedId === bob.id,
  );
  const caseId = found?.id ?? '';
  for (const text of ['one', 'two']) await moderator.call('noteCase', { params: { caseId }, body: { text } });
  const query = { targetId: bob.id, action: 'case.*' };
  const { entries, users, hasMore } = await moderator.call('moderationLog', { query });
  expect({ entries, hasMore }).toMatchObject({
    entries: [
      { action: 'case.noted', actorId: moderator.id, targetId: bob.id },
      { action: 'case.noted', actorId: moderator.id, targetId: bob.id },
    ],
    hasMore: false,
  });
  expect(users.map(({ id }) => id).toSorted()).toEqual([bob.id, moderator.id].toSorted());
  const answer = await exported(by('admin'), `?targetId=${bob.id}&action=case.*`);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="confab-moderation-log.jsonl"');
  const lines = (await answer.text()).split('\n').slice(0, -1);
  expect(lines.map((line) => JSON.parse(line) as ModerationLogEntry)).toEqual(entries.toReversed());
});

test('who moderates is told nothing of what was done to themself by others: not by whom, nor what was noted', async () => {
  const [moderator, above] = await Promise.all([server.person('mod', 'moderator'), server.person('owner', 'owner')]);
  const userId = moderator.id;
  const { owner, roomId } = await room(server);
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [userId] } });
  const said = await moderator.say(roomId, 'rude');
  const target = { type: 'message', roomId, messageId: said.id } as const;
  await owner.call('report', { body: { target, category: 'harassment' } });
  const [found] = (await above.call('cases', { query: { roomId } })).cases;
  await above.call('noteCase', { params: { caseId: found?.id ?? '' }, body: { text: 'A pity' } });
  await above.call('noteUser', { params: { userId }, body: { text: 'Not reliable' } });
  await above.call('sanction', { body: { type: 'warn', userId, roomId: null, reason: 'Be kind' } });
  await moderator.call('noteUser', { params: { userId: owner.id }, body: { text: 'Talked to them' } });
  const log = async (by: Person) =>
    (await by.call('moderationLog', { query: { targetId: userId } })).entries.map(({ action }) => action);
  expect(await log(moderator)).toEqual([]);
  expect(await log(above)).toEqual(['member.warned', 'member.noted', 'case.noted']);
  const { entries, users } = await moderator.call('moderationLog', { query: { actorId: moderator.id } });
  expect(entries.map(({ action }) => action)).toEqual(['member.noted']);
  expect(users.map(({ id }) => id)).not.toContain(above.id);
  const mine = await moderator.call('moderatedUser', { params: { userId } });
  expect(mine).toMatchObject({ sanctions: [{ type: 'warn', reason: 'Be kind', by: null }], notes: [], users: [] });
  const theirs = await above.call('moderatedUser', { params: { userId } });
  expect(theirs).toMatchObject({ sanctions: [{ by: above.id }], notes: [{ text: 'Not reliable' }] });
});

test('who takes the trail along is in it, and who reads what is kept of a report: once, however often they do', async () => {
  const [reader, other] = await Promise.all([server.person('mod', 'moderator'), server.person('mod', 'moderator')]);
  const { owner, member, roomId } = await room(server);
  const { id: messageId } = await member.say(roomId, 'rude');
  await owner.call('report', { body: { target: { type: 'message', roomId, messageId }, category: 'harassment' } });
  const [found] = (await reader.call('cases', { query: { limit: '100' } })).cases.filter(
    ({ accusedId }) => accusedId === member.id,
  );
  const params = { caseId: found?.id ?? '' };
  const trail = async (targetId?: string) =>
    (await by('admin').call('moderationLog', { query: targetId === undefined ? {} : { targetId } })).entries;
  expect(await trail(member.id)).toEqual([]);
  await Promise.all([reader, reader, reader, other].map((one) => one.call('case', { params })));
  await reader.call('case', { params });
  const read = { action: 'case.read', roomId, targetId: member.id, messageId, details: params };
  expect(await trail(member.id)).toMatchObject([read, read]);
  expect(new Set((await trail(member.id)).map(({ actorId }) => actorId))).toEqual(new Set([reader.id, other.id]));
  const answer = await exported(by('admin'), `?targetId=${member.id}&action=case.*`);
  await answer.arrayBuffer();
  const [latest] = await trail();
  const details = { action: 'case.*' };
  expect(latest).toMatchObject({ action: 'trail.exported', actorId: by('admin').id, targetId: member.id, details });
});

test('figures tell how things stand', async () => {
  const moderator = by('moderator');
  const before = await moderator.call('moderationFigures', {});
  const { owner, member, roomId } = await room(server);
  const device = await member.connect();
  await device.ask('heartbeat', {});
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['all'] } });
  const said = await member.say(roomId, 'may I?');
  await member.say(roomId, 'and I?');
  const held = { params: { roomId, messageId: said.id }, body: { approve: false, reason: 'No' } as const };
  await owner.call('decideHeld', held);
  await member.call('report', { body: { target: { type: 'user', userId: owner.id }, category: 'spam' } });
  await owner.call('sanction', { body: { type: 'warn', userId: member.id, roomId, reason: 'Mind your words' } });
  const [sanction] = (await member.call('sanctions', {})).sanctions;
  await member.call('appeal', { params: { sanctionId: sanction?.id ?? '' }, body: { text: 'I did' } });
  expect(await moderator.call('moderationFigures', {})).toEqual({
    openCases: before.openCases + 1,
    held: before.held + 1,
    // Of a group, which is not theirs.
    openAppeals: before.openAppeals,
    sanctionsToday: before.sanctionsToday + 1,
    reportsToday: before.reportsToday + 1,
    rejectedToday: before.rejectedToday + 1,
    raidedRooms: 0,
    online: before.online + 1,
  });
});

test('the head of the trail is written to the log every hour, for those who check it later', async () => {
  const clock = new FakeClock();
  const own = await startServer({}, { clock });
  try {
    const [moderator, ann] = await Promise.all([own.person('moderator', 'moderator'), own.person('ann')]);
    await moderator.call('noteUser', { params: { userId: ann.id }, body: { text: 'Talked to them' } });
    const [entry] = (await moderator.call('moderationLog', { query: {} })).entries;
    await clock.advance(3_600_000);
    await own.runDueTasks();
    const line = own
      .logged()
      .split('\n')
      .find((one) => one.includes('head of the audit trail of moderation'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ seq: 1, hash: entry?.hash });
  } finally {
    await own.stop();
  }
});
