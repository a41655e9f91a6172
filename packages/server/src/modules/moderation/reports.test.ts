/** Reports: what may be reported, what is kept of it, and what enough of them do to a message. */
import { randomUUID } from 'node:crypto';
import { LIMITS, type Message, type ReportTarget } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { startWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { heard, joinRoom, languageRoom, refusedWith, room } from '../../../test/rooms.ts';
import { sanction } from '../../../test/sanctions.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
let moderator: Person;
beforeAll(async () => {
  server = await startWorld({ AUTO_HIDE_REPORTS: '2' });
  moderator = await server.person('moderator', 'moderator');
});
afterAll(() => server.stop());

const ofMessage = ({ roomId, id }: Message): ReportTarget => ({ type: 'message', roomId, messageId: id });
const ofUser = (person: Person): ReportTarget => ({ type: 'user', userId: person.id });
const report = (by: Person, target: ReportTarget, more: { note?: string; block?: true } = {}) =>
  by.call('report', { body: { target, category: 'spam', ...more } });
const mine = async (by: Person) => (await by.call('reports', { query: {} })).reports;
const caseOf = async (target: ReportTarget) => {
  const { cases } = await moderator.call('cases', { query: { limit: '100' } });
  const found = cases.find((one) => JSON.stringify(one.target) === JSON.stringify(target));
  if (found === undefined) throw new Error('there is no such case');
  return moderator.call('case', { params: { caseId: found.id } });
};
const close = ({ id, version }: { id: string; version: number }, outcome: 'action_taken' | 'no_action') =>
  moderator.call('closeCase', { params: { caseId: id }, body: { outcome, version } });
const ageByDays = (...people: Person[]) =>
  sql(server, "UPDATE accounts.users SET created_at = created_at - interval '2 days' WHERE id = ANY($1)", [
    people.map(({ id }) => id),
  ]);
const one = async (by: Person, { roomId, id }: Message) =>
  (await by.call('message', { params: { roomId, messageId: id } })).message;

describe('what is reported', () => {
  test('is kept as it was with what was around it, whatever becomes of it', async () => {
    const { owner, member, other, roomId } = await room(server);
    const params = { roomId };
    const before: Message[] = [];
    for (let i = 0; i < 6; i += 1) before.push(await owner.say(roomId, `before ${i}`));
    const said = await other.say(roomId, 'a vile thing');
    for (let i = 0; i < 6; i += 1) await owner.say(roomId, `after ${i}`);
    await member.call('block', { body: { userId: owner.id } });
    const told = await report(member, ofMessage(said), { note: 'look' });
    expect(told).toMatchObject({ target: ofMessage(said), category: 'spam', note: 'look', outcome: null });
    await other.call('editMessage', { params: { ...params, messageId: said.id }, body: { body: 'a nice thing' } });
    await other.call('deleteMessage', { params: { ...params, messageId: said.id } });
    await owner.call('updateRoom', { params, body: { name: 'Florists', topic: 'Roses' } });
    const { evidence, ...kept } = await caseOf(ofMessage(said));
    expect(kept).toMatchObject({ accusedId: other.id, roomId, state: 'open', reportCount: 1, categories: ['spam'] });
    expect(evidence.message).toMatchObject({ id: said.id, body: 'a vile thing', deletedAt: null });
    expect(evidence.room).toEqual({ id: roomId, name: 'Gardeners', topic: '' });
    expect(evidence.user).toMatchObject({ id: other.id });
    expect(evidence.around.map(({ n }) => n - said.n)).toEqual([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]);
    // As the reporter saw them, who blocks their author.
    expect(evidence.around.every(({ hidden, body }) => hidden === true && body === '')).toBe(true);
    expect(kept.users.map(({ id }) => id)).toEqual(expect.arrayContaining([member.id, other.id, owner.id]));
  });

  test('was edited before, or is reported again for what it became: every version is kept', async () => {
    const { owner, member, other, roomId } = await room(server);
    await ageByDays(owner, member);
    const said = await other.say(roomId, 'a slur');
    const params = { roomId, messageId: said.id };
    const edit = (body: string) => other.call('editMessage', { params, body: { body } });
    const bodies = async () => (await caseOf(ofMessage(said))).evidence.versions?.map(({ body }) => body);
    await edit('a nice thing');
    await report(owner, ofMessage(said));
    expect((await caseOf(ofMessage(said))).evidence.message).toMatchObject({ body: 'a nice thing' });
    expect(await bodies()).toEqual(['a slur', 'a nice thing']);
    await edit('a threat');
    expect(await owner.call('messageEdits', { params })).toMatchObject({ edits: [{}, {}] });
    await report(member, ofMessage(said));
    expect(await bodies()).toEqual(['a slur', 'a nice thing', 'a threat']);
    expect((await caseOf(ofMessage(said))).evidence.versions?.at(-1)).toEqual({ body: 'a threat', until: null });
    // Hidden by now, so that its earlier words are read there alone.
    for (const by of [owner, other]) expect(await by.call('messageEdits', { params })).toEqual({ edits: [] });
    await other.call('deleteMessage', { params });
    expect(await bodies()).toEqual(['a slur', 'a nice thing', 'a threat']);
  });

  test('was edited many times: the first version and the newest are kept, and how many are not', async () => {
    const { owner, member, other, roomId } = await room(server);
    const said = await other.say(roomId, 'a slur');
    const params = { roomId, messageId: said.id };
    await other.call('editMessage', { params, body: { body: 'a nice thing' } });
    // As if edited 99 more times, with much to say.
    await sql(
      server,
      `INSERT INTO chat.message_edits (room_id, n, rev, body, until)
       SELECT room_id, n, rev + i, 'version ' || i || repeat(' 一', CASE WHEN i < 90 THEN 3900 ELSE 0 END), until
       FROM chat.message_edits, generate_series(1, 99) AS i WHERE room_id = $1 AND n = $2`,
      [roomId, said.n],
    );
    await report(owner, ofMessage(said));
    const { evidence } = await caseOf(ofMessage(said));
    const versions = evidence.versions?.map(({ body }) => body.trimEnd().split(' 一')[0]) ?? [];
    expect(versions.slice(0, 1)).toEqual(['a slur']);
    expect(versions.slice(-11)).toEqual([...Array.from({ length: 10 }, (_, i) => `version ${i + 90}`), 'a nice thing']);
    expect(evidence.versionsLeftOut).toBe(101 - versions.length);
    expect(evidence.versions?.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(120_000);
    await sql(
      server,
      `INSERT INTO chat.message_edits (room_id, n, rev, body, until)
       SELECT room_id, n, rev + 100 + i, 'short ' || i, until FROM chat.message_edits, generate_series(1, 99) AS i
       WHERE room_id = $1 AND n = $2 AND body = 'a slur'`,
      [roomId, said.n],
    );
    await report(member, ofMessage(said));
    expect((await caseOf(ofMessage(said))).evidence).toMatchObject({
      versions: { length: 52, 0: { body: 'a slur' }, 1: { body: 'short 50' } },
      versionsLeftOut: 148,
    });
  });

  test('by the same person again is their first report; once decided, a new case', async () => {
    const { member, other, roomId } = await room(server);
    const said = await other.say(roomId, 'buy this');
    const first = await report(member, ofMessage(said));
    expect(await report(member, ofMessage(said), { note: 'again' })).toEqual(first);
    const decided = await close(await caseOf(ofMessage(said)), 'no_action');
    expect(decided).toMatchObject({ state: 'closed', outcome: 'no_action', reportCount: 1 });
    expect(await mine(member)).toMatchObject([{ id: first.id, outcome: 'no_action' }]);
    const second = await report(member, ofMessage(said));
    expect(second.id).not.toBe(first.id);
    expect((await caseOf(ofMessage(said))).id).not.toBe(decided.id);
    expect(await mine(member)).toEqual([second, { ...first, outcome: 'no_action' }]);
    expect(await caseOf(ofMessage(said))).toMatchObject({ againstAccused: 2 });
  });

  test('must be something the reporter can see, and not their own', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const open = await room(server, 'public');
    const said = await owner.say(roomId, 'hello');
    const gone = await owner.say(roomId, 'oops');
    await owner.call('deleteMessage', { params: { roomId, messageId: gone.id } });
    await owner.call('updateRoom', { params: { roomId }, body: { topic: 'Roses' } });
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    const announced = messages.find(({ kind }) => kind === 'system');
    const refused: [string, Person, ReportTarget, string][] = [
      ['a message elsewhere', stranger, ofMessage(said), 'not_found'],
      ['a message that is not there', member, { ...ofMessage(said), messageId: randomUUID() } as never, 'not_found'],
      ['a deleted message', member, ofMessage(gone), 'not_found'],
      ['what the room says', member, ofMessage(announced ?? said), 'bad_input'],
      ['their own message', owner, ofMessage(said), 'bad_input'],
      ['themselves', member, ofUser(member), 'bad_input'],
      ['their own room', owner, { type: 'room', roomId }, 'bad_input'],
      ['nobody', member, { type: 'user', userId: randomUUID() }, 'not_found'],
      ['a group they are not in', stranger, { type: 'room', roomId }, 'not_found'],
      ['no room', member, { type: 'room', roomId: randomUUID() }, 'not_found'],
    ];
    for (const [what, by, target, code] of refused) {
      await expect(report(by, target), what).rejects.toMatchObject(refusedWith(code));
    }
    expect(await report(stranger, { type: 'room', roomId: open.roomId })).toMatchObject({ outcome: null });
    expect(await report(member, { type: 'room', roomId })).toMatchObject({ outcome: null });
    const { evidence, accusedId } = await caseOf({ type: 'room', roomId });
    expect({ accusedId, room: evidence.room?.id }).toEqual({ accusedId: owner.id, room: roomId });
  });

  test('with `block` is blocked as well', async () => {
    const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
    await report(ann, ofUser(bob), { block: true });
    expect((await ann.call('blocks', {})).userIds).toEqual([bob.id]);
    expect((await caseOf(ofUser(bob))).evidence).toMatchObject({ message: null, room: null, user: { id: bob.id } });
  });

  test('of a direct message is shown to moderators of the instance as evidence, and nothing else of the room', async () => {
    const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
    const { room: direct } = await ann.call('directRoom', { body: { userId: bob.id } });
    const said = await bob.say(direct.id, 'psst');
    await report(ann, ofMessage(said));
    expect((await caseOf(ofMessage(said))).evidence.message).toMatchObject({ body: 'psst' });
    const params = { roomId: direct.id };
    await expect(moderator.call('messages', { params, query: {} })).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('as a room of two means the other one, with what was said last', async () => {
    const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
    const { room: direct } = await ann.call('directRoom', { body: { userId: bob.id } });
    for (let i = 0; i < 12; i += 1) await (i % 2 ? bob : ann).say(direct.id, `psst ${i}`);
    const target = { type: 'room' as const, roomId: direct.id };
    await report(ann, target, { block: true });
    expect((await ann.call('blocks', {})).userIds).toEqual([bob.id]);
    const { accusedId, evidence } = await caseOf(target);
    expect({ accusedId, user: evidence.user?.id }).toEqual({ accusedId: bob.id, user: bob.id });
    expect(evidence.around.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, (_, i) => `psst ${i + 2}`));
  });

  test(`waits ${LIMITS.openReports} times at most for one person, also of reports made at once`, async () => {
    const ann = await server.person('ann');
    const { owner } = await room(server);
    const before = LIMITS.openReports - 1;
    const guests = await Promise.all(Array.from({ length: before + 10 }, () => server.person('guest', 'guest')));
    await Promise.all(guests.slice(0, before).map((guest) => report(ann, ofUser(guest))));
    const outcomes = await Promise.allSettled(guests.slice(before).map((guest) => report(ann, ofUser(guest))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(refusedWith('limit_reached'));
    }
    await expect(report(ann, ofUser(owner))).rejects.toMatchObject(refusedWith('limit_reached'));
  });

  test('is shown to whoever reported it, and to nobody else but moderators', async () => {
    const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
    const told = await report(ann, ofUser(bob), { note: 'rude' });
    expect(await mine(ann)).toEqual([told]);
    expect(await mine(bob)).toEqual([]);
  });
});

describe('enough reports', () => {
  test('by people who have been here for a day hide a message from everyone until it is decided; it converges', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
    await ageByDays(owner, member);
    const said = await other.say(roomId, `spam spam @${member.signedIn.user.username}`);
    const viewers = [owner, member, other];
    const unread = async () => (await member.call('room', { params: { roomId } })).unread;
    const [counted] = [await unread()];
    await report(stranger, ofMessage(said));
    await report(owner, ofMessage(said));
    expect(await one(member, said)).toMatchObject({ body: said.body });
    const device = await owner.connect();
    await device.ask('room:join', { roomId });
    await expectConverges(roomId, viewers, () => report(member, ofMessage(said)));
    for (const by of viewers) {
      expect(await one(by, said)).toMatchObject({ n: said.n, body: '', hidden: true, reported: true });
    }
    expect(await unread()).toBe(counted);
    const params = { roomId };
    const answers: unknown[] = [
      await owner.call('messages', { params, query: {} }),
      await owner.call('room', { params }),
      await owner.call('changes', { params, query: { since: '0' } }),
      await owner.call('rooms', { query: {} }),
      await member.call('mentions', { query: {} }),
      await owner.call('search', { query: { q: 'spam', roomId } }),
    ];
    await heard(server, device);
    answers.push(device.events);
    // Nor does an empty page before another tell that it would have been on it.
    await owner.say(roomId, 'spam of mine');
    const found = await owner.call('search', { query: { q: 'spam', roomId, limit: '1' } });
    expect(found).toMatchObject({ hits: [{ message: { body: 'spam of mine' } }], nextCursor: null });
    expect(JSON.stringify(answers)).not.toContain('spam spam');
    const messageId = said.id;
    const acts = {
      react: () => owner.call('react', { params: { roomId, messageId }, body: { emoji: '👍', on: true } }),
      edit: () => other.call('editMessage', { params: { roomId, messageId }, body: { body: 'nice' } }),
    };
    for (const [name, act] of Object.entries(acts)) {
      await expect(act(), name).rejects.toMatchObject(refusedWith('forbidden'));
    }
    const forward = { clientId: randomUUID(), forward: { roomId, messageId } };
    await expect(owner.call('sendMessage', { params, body: forward })).rejects.toMatchObject(refusedWith('bad_input'));
    expect((await caseOf(ofMessage(said))).evidence.message).toMatchObject({ body: said.body });
  });

  test('are undone by `no_action`, and do not hide it again by the same people; it converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    await ageByDays(owner, member);
    const said = await other.say(roomId, 'an opinion');
    await Promise.all([report(owner, ofMessage(said)), report(member, ofMessage(said))]);
    expect(await one(owner, said)).toMatchObject({ hidden: true });
    const decide = async () => close(await caseOf(ofMessage(said)), 'no_action');
    await expectConverges(roomId, [owner, member, other], decide);
    expect(await one(owner, said)).toMatchObject({ body: 'an opinion' });
    expect((await one(owner, said)).hidden).toBeUndefined();
    const again = await owner.call('search', { query: { q: said.body, roomId: said.roomId } });
    expect(again.hits.map(({ message }) => message.id)).toEqual([said.id]);
    await Promise.all([report(owner, ofMessage(said)), report(member, ofMessage(said))]);
    expect(await one(owner, said)).toMatchObject({ body: 'an opinion' });
  });

  test('with `action_taken` delete it; it converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    await ageByDays(owner, member);
    const said = await other.say(roomId, 'a scam');
    await Promise.all([report(owner, ofMessage(said)), report(member, ofMessage(said))]);
    const decide = async () => close(await caseOf(ofMessage(said)), 'action_taken');
    await expectConverges(roomId, [owner, member, other], decide);
    expect(await one(owner, said)).toMatchObject({ body: '', deletedAt: expect.any(Number) });
    expect((await caseDetail(said)).evidence.message).toMatchObject({ body: 'a scam' });
  });

  test('do not hide anything as far as they are by people whom moderators keep from writing; they are in the case', async () => {
    const { owner, member, other, stranger, roomId } = await room(server, 'public');
    await joinRoom(stranger, roomId);
    await ageByDays(member, other, stranger);
    const said = await owner.say(roomId, 'an opinion');
    for (const [person, where] of [
      [member, roomId],
      [stranger, null],
    ] as const) {
      await sanction(where === null ? moderator : owner, person, 'mute', where);
    }
    await server.settle();
    for (const person of [member, stranger, other]) await report(person, ofMessage(said));
    expect(await one(owner, said)).toMatchObject({ body: 'an opinion' });
    expect((await caseOf(ofMessage(said))).reportCount).toBe(3);
  });

  test('at once, of one message, are one case that counts them all; those of guests hide nothing', async () => {
    const { admin, roomId } = await languageRoom(server, { lounge: { guests: 'write' }, room: { capacity: 100 } });
    await joinRoom(admin, roomId);
    const said = await admin.say(roomId, 'welcome');
    const guests = await Promise.all(Array.from({ length: 50 }, () => server.person('guest', 'guest')));
    await Promise.all(guests.map((guest) => joinRoom(guest, roomId)));
    const told = await Promise.all(guests.map((guest) => report(guest, ofMessage(said))));
    expect(new Set(told.map(({ id }) => id)).size).toBe(50);
    const { reportCount, againstAccused, reports, state } = await caseOf(ofMessage(said));
    expect({ reportCount, againstAccused, state }).toEqual({ reportCount: 50, againstAccused: 50, state: 'open' });
    expect(new Set(reports.map(({ by }) => by))).toEqual(new Set(guests.map(({ id }) => id)));
    const cases = await sql(server, 'SELECT FROM safety.cases WHERE target_id = $1', [said.id]);
    expect(cases).toHaveLength(1);
    expect(await one(admin, said)).toMatchObject({ body: 'welcome' });
  });
});

async function caseDetail(message: Message) {
  const { cases } = await moderator.call('cases', { query: { state: 'closed', limit: '100' } });
  const found = cases.find(({ target }) => target.type === 'message' && target.messageId === message.id);
  return moderator.call('case', { params: { caseId: found?.id ?? '' } });
}
