/** What somebody had under way when the whole instance banned them, and disabled accounts alike. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
let admin: Person;
beforeAll(async () => {
  server = await startServer();
  admin = await server.person('admin', 'admin');
});
afterAll(() => server.stop());

const WAYS = {
  ban: (whom: Person) =>
    admin.call('sanction', { body: { type: 'ban', userId: whom.id, roomId: null, reason: 'Spam', until: null } }),
  disabling: (whom: Person) => admin.call('disableAccount', { params: { userId: whom.id }, body: { reason: 'Spam' } }),
};
type Way = keyof typeof WAYS;
const ways = Object.keys(WAYS) as Way[];

async function database(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Keeps whoever wants what `lock` takes waiting, until it is let go. */
async function holding(lock: string, values: unknown[] = []) {
  const client = await database();
  await client.query('BEGIN');
  await client.query(lock, values);
  return () => client.query('ROLLBACK');
}

async function waiting(count: number): Promise<void> {
  const client = await database();
  await expect
    .poll(async () => {
      const { rows } = await client.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length;
    })
    .toBeGreaterThanOrEqual(count);
}

/** Once that is committed by which they are shut out. */
async function shutOut(person: Person): Promise<void> {
  const refused = () => person.call('rooms', { query: {} }).catch((error: unknown) => error);
  await expect.poll(refused).toMatchObject(refusedWith('session_ended'));
}

const stateOf = async (roomId: string) => {
  const { rows } = await (
    await database()
  ).query<{ rev: string }>('SELECT rev FROM chat.rooms WHERE room_id = $1', [roomId]);
  return rows[0]?.rev;
};

test.each(ways)(
  '%s: of all that waits for its turn nothing is stored after the answer, others’ changes are',
  async (way) => {
    const { owner, member, other, roomId } = await room(server, 'public');
    const mine = await member.say(roomId, 'hello');
    const body = { clientId: randomUUID(), poll: { question: 'Which?', options: ['This', 'That'] } };
    const poll = await owner.call('sendMessage', { params: { roomId }, body });
    const { room: elsewhere } = await other.call('createRoom', { body: { name: 'Elsewhere', kind: 'public' } });
    const release = await holding('SELECT FROM chat.rooms WHERE room_id = ANY($1) FOR UPDATE', [
      [roomId, elsewhere.id],
    ]);
    const on = { roomId, messageId: mine.id };
    // The first is in a transaction; whatever the lane, the others wait behind it or for the same lock.
    const begun = [member.say(roomId, 'first')];
    await waiting(1);
    begun.push(
      member.say(roomId, 'second'),
      member.call('editMessage', { params: on, body: { body: 'changed' } }),
      member.call('react', { params: on, body: { emoji: '👍', on: true } }),
      member.call('vote', { params: { roomId, messageId: poll.id }, body: { options: [0] } }),
    );
    const joins = [
      member.call('joinRoom', { params: { roomId: elsewhere.id } }),
      member.call('openThread', { params: { roomId, messageId: mine.id } }),
    ];
    const others = owner.say(roomId, 'still here');
    const refusals = Promise.allSettled([...begun, ...joins]);
    const answered = WAYS[way](member);
    await shutOut(member);
    await release();
    await answered;
    await others;
    const before = await stateOf(roomId);
    for (const one of await refusals) {
      expect(one).toMatchObject({ status: 'rejected', reason: refusedWith('session_ended') });
    }
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    expect(messages.map((message) => message.body)).toEqual(['hello', 'Which?', 'still here']);
    expect(await stateOf(roomId)).toBe(before);
    expect((await other.call('members', { params: { roomId: elsewhere.id }, query: {} })).members).toHaveLength(1);
  },
);

test.each(ways)('%s is answered when what was being stored is stored', async (way) => {
  const { member, roomId } = await room(server);
  await member.say(roomId, 'hello');
  // Past every question that is asked before it is stored.
  const release = await holding('LOCK TABLE chat.messages IN SHARE MODE');
  const sending = member.say(roomId, 'on its way');
  await waiting(1);
  let atAnswer: string | undefined;
  const answered = WAYS[way](member).then(async () => (atAnswer = await stateOf(roomId)));
  await shutOut(member);
  // Time for an answer that does not wait.
  for (let i = 0; i < 5; i += 1) await admin.call('rooms', { query: {} });
  await release();
  await Promise.all([answered, sending]);
  expect(await stateOf(roomId)).toBe(atAnswer);
});

test.each(ways)('%s: what a moderator was deciding is not decided', async (way) => {
  const { owner, member, roomId } = await room(server, 'public');
  const moderator = await server.person('moderator', 'moderator');
  const { id: messageId } = await owner.say(roomId, 'hello');
  await member.call('report', { body: { target: { type: 'message', roomId, messageId }, category: 'spam' } });
  const { cases } = await moderator.call('cases', { query: { roomId } });
  const [{ id: caseId, version } = { id: '', version: 0 }] = cases;
  const release = await holding('SELECT FROM chat.rooms WHERE room_id = $1 FOR UPDATE', [roomId]);
  const closing = moderator.call('closeCase', { params: { caseId }, body: { version, outcome: 'no_action' } });
  const refusal = closing.catch((error: unknown) => error);
  await waiting(1);
  const answered = WAYS[way](moderator);
  await shutOut(moderator);
  await release();
  await answered;
  expect(await refusal).toMatchObject(refusedWith('session_ended'));
  expect(await admin.call('case', { params: { caseId } })).toMatchObject({ state: 'open', version });
});

/** What somebody does that waits for no room, and whether it was done. */
const DEEDS: Record<string, (by: Person, whom: Person) => Promise<() => Promise<unknown>>> = {
  'taking reports of a person': async (by, whom) => {
    const { caseId, version } = await reported(whom);
    return () => by.call('assignCase', { params: { caseId }, body: { assigneeId: by.id, version } });
  },
  'a note on them': async (by, whom) => {
    const { caseId } = await reported(whom);
    return () => by.call('noteCase', { params: { caseId }, body: { text: 'Known to us' } });
  },
  'deciding them': async (by, whom) => {
    const { caseId, version } = await reported(whom);
    return () => by.call('closeCase', { params: { caseId }, body: { version, outcome: 'action_taken' } });
  },
  'a note about somebody': async (by, whom) => () =>
    by.call('noteUser', { params: { userId: whom.id }, body: { text: 'Known to us' } }),
  'a mute everywhere': async (by, whom) => () =>
    by.call('sanction', { body: { type: 'mute', userId: whom.id, roomId: null, reason: 'Revenge' } }),
  'a status': async (by) => {
    const device = await by.connect();
    return () => device.ask('presence:set', { text: 'Revenge' });
  },
};

async function reported(whom: Person): Promise<{ caseId: string; version: number }> {
  const reporter = await server.person();
  await reporter.call('report', { body: { target: { type: 'user', userId: whom.id }, category: 'spam' } });
  const { cases } = await admin.call('cases', { query: { limit: '100' } });
  const found = cases.find(({ accusedId }) => accusedId === whom.id);
  return { caseId: found?.id ?? '', version: found?.version ?? 0 };
}

/** Begins, and comes to its turn once a ban is committed of which this node has heard nothing yet. */
async function overtakenByBan(person: Person, call: () => Promise<unknown>): Promise<unknown> {
  const client = await database();
  await client.query('BEGIN');
  await client.query('SELECT FROM accounts.users WHERE id = $1 FOR UPDATE', [person.id]);
  const answer = call().catch((error: unknown) => error);
  await waiting(1);
  await client.query("UPDATE accounts.users SET banned_at = now(), ban_reason = 'Spam' WHERE id = $1", [person.id]);
  await client.query('COMMIT');
  return answer;
}

test.each(Object.keys(DEEDS))('of whoever another node has banned a moment ago nothing is stored: %s', async (name) => {
  const [moderator, person] = [await server.person('moderator', 'moderator'), await server.person()];
  const deed = await DEEDS[name]?.(moderator, person);
  const traces = async () => {
    const { rows } = await (
      await database()
    ).query<object>(
      `SELECT (SELECT jsonb_agg(to_jsonb(c)) FROM safety.cases c WHERE accused_id = $2) AS cases,
         (SELECT count(*) FROM safety.case_notes WHERE written_by = $1) + (SELECT count(*) FROM safety.user_notes
          WHERE written_by = $1) + (SELECT count(*) FROM safety.sanctions WHERE imposed_by = $1)
          + (SELECT count(*) FROM safety.log WHERE actor_id = $1)
          + (SELECT count(*) FROM chat.statuses WHERE user_id = $1 AND text IS NOT NULL) AS kept`,
      [moderator.id, person.id],
    );
    return rows[0];
  };
  const before = await traces();
  expect(await overtakenByBan(moderator, async () => deed?.())).toMatchObject(refusedWith('session_ended'));
  expect(await traces()).toEqual(before);
});

test('two who were on their way to each other do not meet when one of them is banned', async () => {
  // Locked in this order: whoever is banned is given away already when the other is waited for.
  const [one, other] = [await server.person(), await server.person()];
  for (const person of [one, other]) await person.call('confirmAge', { body: { ofAge: true } });
  const [a, b] = [await one.connect(), await other.connect()];
  await b.ask('match:find', {});
  const client = await database();
  await client.query('BEGIN');
  await client.query('SELECT FROM chat.seekers WHERE user_id = $1 FOR UPDATE', [other.id]);
  await a.ask('match:find', {});
  await waiting(1);
  const answered = WAYS.ban(one);
  await shutOut(one);
  await client.query('ROLLBACK');
  await answered;
  const seeking = async () =>
    (await client.query<{ id: string }>('SELECT user_id AS id FROM chat.seekers')).rows.map(({ id }) => id);
  await expect.poll(seeking).toEqual([other.id]);
  expect((await client.query('SELECT FROM chat.meetings')).rows).toEqual([]);
  expect(await b.ask('match:state', {})).toMatchObject({ state: 'waiting' });
});

test('who is let in again writes again', async () => {
  const { member, roomId } = await room(server);
  await WAYS.ban(member);
  await admin.call('unban', { params: { userId: member.id } });
  const { username } = member.signedIn.user;
  const again = await Person.signIn(server.url, `${username}@example.com`, 'a good password');
  expect(await again.say(roomId, 'hello again')).toMatchObject({ n: 1 });
});
