/** The queue of what was reported: who sees what of it, and that each case is decided once. */
import type { Message } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room, type TestRoom } from '../../../test/rooms.ts';
import { sql } from '../../../test/sql.ts';
import { openDatabase } from '../../platform/db/database.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { createLogger } from '../../platform/log.ts';
import { queue as readQueue } from './case-rows.ts';

let server: World;
let moderator: Person;
let second: Person;
beforeAll(async () => {
  server = await startWorld();
  [moderator, second] = await Promise.all([
    server.person('moderator', 'moderator'),
    server.person('second', 'moderator'),
  ]);
});
afterAll(() => server.stop());

const report = (by: Person, { roomId, id: messageId }: Message, note = '') =>
  by.call('report', { body: { target: { type: 'message', roomId, messageId }, category: 'spam', note } });
const reportUser = (by: Person, { id: userId }: Person) =>
  by.call('report', { body: { target: { type: 'user', userId }, category: 'harassment' } });
const queue = async (by: Person, query: { roomId?: string; state?: 'open' | 'assigned' | 'closed'; mine?: 'true' }) =>
  (await by.call('cases', { query: { limit: '100', ...query } })).cases;
/** The undecided case of what somebody is accused of. */
const about = async (accused: Person) => {
  for (const state of ['open', 'assigned'] as const) {
    const found = (await queue(moderator, { state })).find(({ accusedId }) => accusedId === accused.id);
    if (found !== undefined) return found;
  }
  throw new Error('there is no such case');
};
const look = (by: Person, caseId: string) => by.call('case', { params: { caseId } });
const assign = (by: Person, { id, version }: { id: string; version: number }, assigneeId: string | null) =>
  by.call('assignCase', { params: { caseId: id }, body: { assigneeId, version } });
const close = (by: Person, { id, version }: { id: string; version: number }) =>
  by.call('closeCase', { params: { caseId: id }, body: { outcome: 'no_action', version } });
const note = (by: Person, caseId: string, text: string) => by.call('noteCase', { params: { caseId }, body: { text } });
const outcomeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error as { body?: { code?: string } }).body?.code,
  );
const logged = async (caseId: string) =>
  sql<{ action: string; actor_id: string }>(
    server,
    "SELECT action, actor_id FROM safety.log WHERE details->>'caseId' = $1 ORDER BY seq",
    [caseId],
  );

interface Officed extends TestRoom {
  keeper: Person;
}
/** A room with a moderator of its own. */
async function kept(kind: 'group' | 'public' = 'group'): Promise<Officed> {
  const there = await room(server, kind);
  const keeper = await server.person('keeper');
  const params = { roomId: there.roomId };
  await there.owner.call('addMembers', { params, body: { userIds: [keeper.id] } });
  await there.owner.call('updateMember', { params: { ...params, userId: keeper.id }, body: { role: 'moderator' } });
  return { ...there, keeper };
}

describe('a case', () => {
  test('is seen by moderators of the instance, and of a message by those of the room who stand above its author', async () => {
    const { owner, keeper, member, other, stranger, roomId } = await kept();
    await report(other, await member.say(roomId, 'by a member'));
    const ofMember = await about(member);
    await report(other, await keeper.say(roomId, 'by the moderator of the room'));
    const ofKeeper = await about(keeper);
    await report(other, await owner.say(roomId, 'by the owner'));
    const ofOwner = await about(owner);
    await other.call('report', { body: { target: { type: 'room', roomId }, category: 'other' } });
    const [ofRoom] = (await queue(moderator, {})).filter(({ target }) => target.type === 'room');
    await reportUser(other, stranger);
    const ofPerson = await about(stranger);
    await reportUser(other, moderator);
    const [ofModerator] = (await queue(second, {})).filter(({ accusedId }) => accusedId === moderator.id);
    const people = { moderator, second, owner, keeper, member, other, stranger };
    const cases = { ofMember, ofKeeper, ofOwner, ofRoom, ofPerson, ofModerator };
    const see: Record<keyof typeof cases, (keyof typeof people)[]> = {
      ofMember: ['moderator', 'second', 'owner', 'keeper'],
      ofKeeper: ['moderator', 'second', 'owner'],
      ofOwner: ['moderator', 'second'],
      ofRoom: ['moderator', 'second'],
      ofPerson: ['moderator', 'second'],
      ofModerator: ['second'],
    };
    for (const [name, found] of Object.entries(cases)) {
      if (found === undefined) throw new Error(`${name} is missing`);
      for (const [who, person] of Object.entries(people)) {
        const may = see[name as keyof typeof see].includes(who as keyof typeof people);
        const listed = (await queue(person, {})).some(({ id }) => id === found.id);
        expect(listed, `${who} lists ${name}`).toBe(may);
        const answer = await outcomeOf(look(person, found.id));
        expect(answer, `${who} opens ${name}`).toBe(may ? 'done' : 'not_found');
        const params = { caseId: found.id };
        if (name !== 'ofModerator') {
          const { users } = await moderator.call('caseAssignees', { params });
          expect(
            users.some(({ id }) => id === person.id),
            `${who} may be given ${name}`,
          ).toBe(may);
        }
        expect(await outcomeOf(person.call('caseAssignees', { params })), `${who} hands over ${name}`).toBe(answer);
        if (may) continue;
        const acts = [assign(person, found, person.id), note(person, found.id, 'hm'), close(person, found)];
        const answers = await Promise.all(acts.map(outcomeOf));
        expect(answers, `${who} acts on ${name}`).toEqual(acts.map(() => 'not_found'));
      }
    }
    const reach = async (person: Person, { id }: { id: string }) => (await look(person, id)).reach;
    // The group is not the moderators' of the instance.
    expect(await reach(keeper, ofMember)).toEqual(['room']);
    expect(await reach(moderator, ofMember)).toEqual(['everywhere']);
    if (ofModerator) expect(await reach(second, ofModerator)).toEqual([]);
    expect(await queue(keeper, { roomId })).toMatchObject([{ id: ofMember.id, accusedId: member.id }]);
    await expect(queue(member, { roomId })).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(queue(stranger, { roomId })).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('is not given to others by an author who steps down: who stands above them stands above what they were', async () => {
    for (const kind of ['group', 'public'] as const) {
      const { owner, member, other, roomId } = await room(server, kind);
      const params = (person: Person) => ({ roomId, userId: person.id });
      const said = await owner.say(roomId, 'by the owner');
      await report(other, said, 'Please help');
      const found = await about(owner);
      await owner.call('updateMember', { params: params(member), body: { role: 'owner' } });
      await owner.call('updateMember', { params: params(owner), body: { role: 'member' } });
      expect(await queue(member, {})).toEqual([]);
      const acts = [look(member, found.id), close(member, found), assign(moderator, found, member.id)];
      expect(await Promise.all(acts.map(outcomeOf))).toEqual(['not_found', 'not_found', 'forbidden']);
      // What they say from now on they say as a member.
      await report(other, await owner.say(roomId, 'by who was the owner'));
      expect(await queue(member, {})).toMatchObject([{ accusedId: owner.id, reportCount: 1, againstAccused: 1 }]);
    }
  });

  test('is listed without what is kept of it, which is not even read', async () => {
    const { member, other, roomId } = await room(server);
    await report(member, await other.say(roomId, 'a slur'));
    const log = createLogger({ level: 'fatal', format: 'json' }, { write: () => {} });
    const db = await openDatabase({ url: server.databaseUrl, poolSize: 6, log });
    const read: unknown[] = [];
    const watched: Queryable = {
      async query<Row>(text: string | { name: string; text: string }, values?: readonly unknown[]) {
        const result = await db.query<Row>(text, values);
        read.push(...result.rows);
        return result;
      },
    };
    const asker = { userId: moderator.id, hasOffice: true, beyond: [] };
    for (const state of ['open', 'closed'] as const)
      await readQueue(watched, asker, { state, mine: false, limit: 100 });
    await db.close();
    expect(read).toContainEqual(expect.objectContaining({ accused_id: other.id }));
    for (const row of read) expect(row).not.toHaveProperty('evidence');
  });

  test('is lost from sight with the office in the room', async () => {
    const { owner, keeper, member, other, roomId } = await kept('public');
    await report(other, await member.say(roomId, 'hello'));
    const found = await about(member);
    await look(keeper, found.id);
    const params = { roomId, userId: keeper.id };
    await owner.call('updateMember', { params, body: { role: 'member' } });
    await expect(look(keeper, found.id)).rejects.toMatchObject(refusedWith('not_found'));
    expect(await queue(keeper, {})).toEqual([]);
  });

  test('in a thread is one of the room it hangs on', async () => {
    const { owner, keeper, member, other, roomId } = await kept();
    const root = await owner.say(roomId, 'let us talk');
    const { room: thread } = await owner.call('openThread', { params: { roomId, messageId: root.id } });
    await report(other, await member.say(thread.id, 'in a thread'));
    expect(await queue(keeper, { roomId })).toMatchObject([{ roomId: thread.id, accusedId: member.id }]);
  });

  test('comes to moderators as it is opened and decided', async () => {
    const { keeper, member, other, roomId } = await kept();
    const [device, phone] = await Promise.all([keeper.connect(), moderator.connect()]);
    await report(other, await member.say(roomId, 'hello'));
    const of = (id: string | null) => ({ event: 'moderation', payload: { what: 'case', roomId: id } });
    const is = (id: string | null) => (one: unknown) => JSON.stringify(one) === JSON.stringify(of(id));
    await Promise.all([device.until(is(roomId)), phone.until(is(null))]);
  });

  test('is worked through: given to somebody, noted upon, put back, decided; all of it recorded', async () => {
    const [ann, bob] = await Promise.all([server.person('ann'), server.person('bob')]);
    await reportUser(ann, bob);
    const found = await about(bob);
    const taken = await assign(moderator, found, second.id);
    expect(taken).toMatchObject({ state: 'assigned', assigneeId: second.id });
    expect((await queue(second, { state: 'assigned', mine: 'true' })).map(({ id }) => id)).toContain(found.id);
    expect((await queue(moderator, { state: 'assigned', mine: 'true' })).map(({ id }) => id)).not.toContain(found.id);
    const noted = await note(second, found.id, 'known to us');
    expect(noted.notes).toMatchObject([{ by: second.id, text: 'known to us' }]);
    const back = await assign(second, noted, null);
    expect(back).toMatchObject({ state: 'open', assigneeId: null });
    for (const nobody of [ann, bob]) {
      await expect(assign(moderator, back, nobody.id)).rejects.toMatchObject(refusedWith('forbidden'));
    }
    const device = await ann.connect();
    const closed = await close(second, back);
    expect(closed).toMatchObject({ state: 'closed', outcome: 'no_action', closedAt: expect.any(Number) });
    const late = [close(moderator, closed), assign(moderator, closed, moderator.id)];
    expect(await Promise.all(late.map(outcomeOf))).toEqual(late.map(() => 'already_decided'));
    await note(moderator, found.id, 'agreed');
    await heard(server, device);
    expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
      { payload: { notice: { type: 'report_closed', reason: 'no_action' }, unseen: 1 } },
    ]);
    expect((await ann.call('notices', { query: {} })).notices).toHaveLength(1);
    expect((await bob.call('notices', { query: {} })).notices).toEqual([]);
    expect(await logged(found.id)).toEqual([
      { action: 'case.assigned', actor_id: moderator.id },
      { action: 'case.noted', actor_id: second.id },
      { action: 'case.assigned', actor_id: second.id },
      { action: 'case.closed', actor_id: second.id },
      { action: 'case.noted', actor_id: moderator.id },
    ]);
  });

  test('is taken or decided by one of those who try at once, whichever it is about', async () => {
    const { member, other, roomId } = await kept();
    const bob = await server.person('bob');
    await Promise.all([reportUser(other, bob), report(other, await member.say(roomId, 'hello'))]);
    for (const accused of [bob, member]) {
      const found = await about(accused);
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, i) => {
          const by = i % 2 === 0 ? moderator : second;
          return outcomeOf(assign(by, found, by.id));
        }),
      );
      expect(taken.filter((one) => one === 'done')).toHaveLength(1);
      expect(taken.filter((one) => one === 'already_decided')).toHaveLength(9);
      const now = await about(accused);
      const closed = await Promise.all(
        Array.from({ length: 10 }, (_, i) => outcomeOf(close(i % 2 === 0 ? moderator : second, now))),
      );
      expect(closed.filter((one) => one === 'done')).toHaveLength(1);
      expect(closed.filter((one) => one === 'already_decided')).toHaveLength(9);
      expect((await logged(found.id)).map(({ action }) => action)).toEqual(['case.assigned', 'case.closed']);
    }
    expect((await other.call('notices', { query: {} })).notices).toHaveLength(2);
  });

  test('is decided while it is reported: every report is in a case, and each is answered once that is closed', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
    const said = await other.say(roomId, 'hello');
    await report(owner, said);
    const found = await about(other);
    const [, first, later] = await Promise.all([close(moderator, found), report(member, said), report(stranger, said)]);
    const cases = await sql<{ case_id: string; state: string; reports: string[] }>(
      server,
      `SELECT case_id, state, array(SELECT report_id::text FROM safety.reports r WHERE r.case_id = c.case_id) AS reports
       FROM safety.cases c WHERE target_id = $1`,
      [said.id],
    );
    const reports = cases.flatMap((one) => one.reports);
    expect(reports).toHaveLength(3);
    expect(reports).toEqual(expect.arrayContaining([first.id, later.id]));
    for (const by of [owner, member, stranger]) {
      const [told] = (await by.call('reports', { query: {} })).reports;
      const holds = cases.find((one) => one.reports.includes(told?.id ?? ''));
      expect(told?.outcome).toBe(holds?.state === 'closed' ? 'no_action' : null);
      const { notices } = await by.call('notices', { query: {} });
      expect(notices).toHaveLength(holds?.state === 'closed' ? 1 : 0);
    }
    expect(cases.filter(({ state }) => state !== 'closed').length).toBeLessThanOrEqual(1);
  });
});

test('the queue has those with most reports first, each once, whatever the page', async () => {
  const { owner, member, other, roomId } = await room(server);
  const said: Message[] = [];
  for (let i = 0; i < 3; i += 1) said.push(await other.say(roomId, `message ${i}`));
  const [first, twice, last] = said;
  if (first === undefined || twice === undefined || last === undefined) throw new Error('messages are missing');
  for (const message of said) await report(member, message);
  await report(owner, twice);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { roomId, limit: '1', ...(cursor === undefined ? {} : { cursor }) };
    const page = await moderator.call('cases', { query });
    for (const { target } of page.cases) seen.push(target.type === 'message' ? target.messageId : '');
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([twice.id, first.id, last.id]);
  for (const found of await queue(moderator, { roomId })) await close(moderator, found);
  const closed = (await queue(moderator, { roomId, state: 'closed' })).map(({ closedAt }) => closedAt ?? 0);
  expect(closed).toEqual(closed.toSorted((a, b) => b - a));
  await expect(moderator.call('cases', { query: { cursor: 'x' } })).rejects.toMatchObject(refusedWith('bad_input'));
});

test('whoever may not see a case hears nothing of it, and is not told of it by numbers', async () => {
  const { owner, keeper, member, other, stranger, roomId } = await kept('public');
  const theirs = await keeper.connect();
  const above = await owner.connect();
  const heardOf = ({ events }: typeof theirs) => events.filter(({ event }) => event === 'moderation');
  await report(other, await keeper.say(roomId, 'by the moderator of the room'));
  await above.until(({ event, payload }: { event: string; payload: { roomId: string | null } }) => {
    return event === 'moderation' && payload.roomId === roomId;
  });
  await heard(server, theirs);
  expect(heardOf(theirs)).toEqual([]);
  // Reports from elsewhere are not of the room.
  await reportUser(other, member);
  await reportUser(stranger, member);
  await report(other, await member.say(roomId, 'by a member'));
  const [seen] = (await queue(owner, { roomId })).filter(({ accusedId }) => accusedId === member.id);
  expect(seen).toMatchObject({ reportCount: 1, againstAccused: 1 });
  expect(await look(owner, seen?.id ?? '')).toMatchObject({ againstAccused: 1 });
  expect(await look(moderator, seen?.id ?? '')).toMatchObject({ againstAccused: 3 });
});

test('whoever moderates a room does not learn by numbers who reported themselves, or people above them', async () => {
  const { owner, member, other, roomId } = await room(server);
  await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
  const numbers = async (by: Person, of: Person) => {
    const { reported, reporting } = await by.call('moderatedUser', { params: { userId: of.id } });
    return { reported, reporting };
  };
  await report(member, await owner.say(roomId, 'I am the owner'));
  await member.call('report', { body: { target: { type: 'room', roomId }, category: 'spam' } });
  await reportUser(member, moderator);
  for (const by of [owner, other]) expect(await numbers(by, member)).toEqual({ reported: 0, reporting: 0 });
  expect(await numbers(other, owner)).toEqual({ reported: 0, reporting: 0 });
  // What they may decide they may count.
  await report(member, await other.say(roomId, 'I am a moderator'));
  expect(await numbers(owner, member)).toEqual({ reported: 0, reporting: 1 });
  expect(await numbers(owner, other)).toEqual({ reported: 1, reporting: 0 });
  expect(await numbers(moderator, member)).toEqual({ reported: 0, reporting: 3 });
});
