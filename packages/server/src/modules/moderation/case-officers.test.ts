/** Cases against people with an office, and of those who decide themselves: nobody decides upwards, nor on their own. */
import type { Message, Role } from '@confab/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ AUTO_HIDE_REPORTS: '2' });
});
afterAll(() => server.stop());
// Who has an office is what each test says.
beforeEach(() => sql(server, "UPDATE accounts.users SET role = 'user'", []));

const officer = (role: Role) => server.person(role, role);
const reportUser = (by: Person, { id: userId }: Person) =>
  by.call('report', { body: { target: { type: 'user', userId }, category: 'spam' } });
const queue = async (by: Person) => (await by.call('cases', { query: { limit: '100' } })).cases;
const close = (by: Person, { id, version }: { id: string; version: number }, outcome: 'action_taken' | 'no_action') =>
  by.call('closeCase', { params: { caseId: id }, body: { outcome, version } });
const one = async (by: Person, { roomId, id }: Message) =>
  (await by.call('message', { params: { roomId, messageId: id } })).message;

async function caseOf(accused: Person): Promise<{ id: string; version: number }> {
  const [found] = await sql<{ id: string; version: number }>(
    server,
    'SELECT case_id AS id, version FROM safety.cases WHERE accused_id = $1 ORDER BY opened_at DESC LIMIT 1',
    [accused.id],
  );
  if (found === undefined) throw new Error('there is no such case');
  return found;
}

/** Who of them finds it in the queue, opens it, and may be given it. */
async function seeing(
  people: Readonly<Record<string, Person>>,
  found: { id: string; version: number },
): Promise<string[]> {
  const params = { caseId: found.id };
  const names: string[] = [];
  for (const [name, person] of Object.entries(people)) {
    const isListed = (await queue(person)).some(({ id }) => id === found.id);
    if (!isListed) {
      await expect(person.call('case', { params }), name).rejects.toMatchObject(refusedWith('not_found'));
      await expect(close(person, found, 'no_action')).rejects.toMatchObject(refusedWith('not_found'));
      continue;
    }
    const { users } = await person.call('caseAssignees', { params });
    expect(users.map(({ id }) => id)).toContain(person.id);
    names.push(name);
  }
  return names;
}

/** A message that enough people have reported to hide it. */
async function hidden(author: Person, roomId: string): Promise<Message> {
  const people = [await server.person('ann'), await server.person('bob')];
  await sql(server, "UPDATE accounts.users SET created_at = created_at - interval '2 days'", []);
  const said = await author.say(roomId, 'an announcement');
  for (const person of people) {
    await joinRoom(person, roomId);
    const target = { type: 'message', roomId, messageId: said.id } as const;
    await person.call('report', { body: { target, category: 'spam' } });
  }
  return said;
}

test('a case against somebody with an office is for those above them', async () => {
  const people = {
    owner: await officer('owner'),
    admin: await officer('admin'),
    other: await officer('admin'),
    moderator: await officer('moderator'),
    second: await officer('moderator'),
  };
  const user = await server.person();
  const against = async (accused: Person) => {
    await reportUser(user, accused);
    return seeing(people, await caseOf(accused));
  };
  expect(await against(people.moderator)).toEqual(['owner', 'admin', 'other']);
  expect(await against(people.admin)).toEqual(['owner']);
  // Nobody is above: whoever is highest of the others.
  expect(await against(people.owner)).toEqual(['admin', 'other']);
  const another = await officer('owner');
  expect(await seeing({ ...people, another }, await caseOf(people.owner))).toEqual(['another']);
});

test('of somebody with an office is for the highest who can act, where nobody above them can', async () => {
  const [owner, admin, moderator] = [await officer('owner'), await officer('admin'), await officer('moderator')];
  await reportUser(await server.person(), admin);
  expect(await seeing({ moderator }, await caseOf(admin))).toEqual([]);
  await sql(server, "UPDATE accounts.users SET state = 'deactivated' WHERE id = $1", [owner.id]);
  expect(await seeing({ moderator }, await caseOf(admin))).toEqual(['moderator']);
});

test('what somebody wrote is not deleted from below by way of a case', async () => {
  const [owner, moderator] = [await officer('owner'), await officer('moderator')];
  const { admin, roomId } = await languageRoom(server);
  const byAdmin = await hidden(admin, roomId);
  expect(await one(admin, byAdmin)).toMatchObject({ hidden: true });
  const found = await caseOf(admin);
  await expect(close(moderator, found, 'action_taken')).rejects.toMatchObject(refusedWith('not_found'));
  await close(owner, found, 'action_taken');
  expect((await one(admin, byAdmin)).deletedAt).not.toBe(null);

  const byOwner = await hidden(owner, roomId);
  const last = await caseOf(owner);
  await expect(close(admin, last, 'action_taken')).rejects.toMatchObject(refusedWith('forbidden'));
  await close(admin, last, 'no_action');
  expect(await one(admin, byOwner)).toMatchObject({ body: 'an announcement', deletedAt: null });
});

test('nobody decides on their own report, unless there is nobody else who could', async () => {
  const [admin, moderator] = [await officer('admin'), await officer('moderator')];
  const user = await server.person();
  await reportUser(moderator, user);
  const found = await caseOf(user);
  await expect(close(moderator, found, 'action_taken')).rejects.toMatchObject(refusedWith('forbidden'));
  await sql(server, "UPDATE accounts.users SET state = 'deactivated' WHERE id = $1", [admin.id]);
  expect(await close(moderator, found, 'action_taken')).toMatchObject({ state: 'closed' });
});

test('figures count neither cases nor reports that whoever asks does not see', async () => {
  const [accused, equal, above] = [await officer('moderator'), await officer('moderator'), await officer('admin')];
  const figures = async (by: Person) => {
    const { openCases, reportsToday } = await by.call('moderationFigures', {});
    return [openCases, reportsToday];
  };
  const people = [accused, equal, above];
  const before = await Promise.all(people.map(figures));
  await reportUser(await server.person('witness'), accused);
  const after = await Promise.all(people.map(figures));
  const grown = after.map((counts, i) => counts.map((count, k) => count - (before[i]?.[k] ?? 0)));
  expect(grown).toEqual([
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
});
