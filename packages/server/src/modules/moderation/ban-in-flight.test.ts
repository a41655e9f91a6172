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

test('who is let in again writes again', async () => {
  const { member, roomId } = await room(server);
  await WAYS.ban(member);
  await admin.call('unban', { params: { userId: member.id } });
  const { username } = member.signedIn.user;
  const again = await Person.signIn(server.url, `${username}@example.com`, 'a good password');
  expect(await again.say(roomId, 'hello again')).toMatchObject({ n: 1 });
});
