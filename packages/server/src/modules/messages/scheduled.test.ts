import { LIMITS, type ScheduledMessage } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

let made = 0;
interface Later {
  body?: string;
  clientId?: string;
  replyTo?: string | null;
  in?: number;
}
const schedule = (by: Person, roomId: string, later: Later = {}): Promise<ScheduledMessage> =>
  by.call('schedule', {
    params: { roomId },
    body: {
      clientId: later.clientId ?? `later-${(made += 1)}-xxxx`,
      body: later.body ?? 'good morning',
      replyTo: later.replyTo ?? null,
      sendAt: clock.now() + (later.in ?? 5 * MINUTE),
    },
  });
const list = async (by: Person) => (await by.call('scheduled', {})).scheduled;
const bodies = async (by: Person, roomId: string) =>
  (await by.call('messages', { params: { roomId }, query: {} })).messages.map((message) => message.body);
const failed = async (by: Person) => (await list(by)).map((one) => one.failed);

async function sql(text: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(text, values);
  await client.end();
}

describe('a scheduled message', () => {
  test('is sent at its time like any other, in its author’s name, and is mine alone until then', async () => {
    const { owner, member, other, roomId } = await room(server);
    const question = await owner.say(roomId, 'how are you?');
    const later = await schedule(member, roomId, { body: 'fine, @here', replyTo: question.id });
    expect(await list(member)).toEqual([later]);
    expect(await list(owner)).toEqual([]);
    await clock.advance(5 * MINUTE - 1);
    await server.runDueJobs();
    expect(await bodies(owner, roomId)).toEqual(['how are you?']);
    await clock.advance(1);
    await expectConverges(roomId, [owner, member, other], () => server.runDueJobs());
    const { messages } = await owner.call('messages', { params: { roomId }, query: { limit: '1' } });
    expect(messages[0]).toMatchObject({
      senderId: member.id,
      clientId: later.clientId,
      body: 'fine, @here',
      replyTo: question.id,
      createdAt: clock.now(),
      n: 2,
    });
    expect(await list(member)).toEqual([]);
  });

  test('is sent by a started server on its own', async () => {
    const live = await startServer();
    try {
      const { owner, member, roomId } = await room(live);
      const device = await owner.connect();
      await device.ask('room:join', { roomId });
      const body = { clientId: 'soon-soon', body: 'soon', sendAt: Date.now() + 20 };
      await member.call('schedule', { params: { roomId }, body });
      await device.until(
        ({ event, payload }: { event: string; payload: { message: { body: string } } }) =>
          event === 'message' && payload.message.body === 'soon',
      );
    } finally {
      await live.stop();
    }
  });

  test('is sent once, though its job runs twice, or the message went out on its own before', async () => {
    const { owner, member, roomId } = await room(server);
    const later = await schedule(member, roomId, { body: 'once' });
    const again = await schedule(member, roomId, { body: 'sent already' });
    await member.say(roomId, 'sent already', again.clientId);
    for (const { id } of [later, again]) {
      // As after a crash between the job's end and its record.
      await sql(`SELECT jobs.add_job('messages.sendScheduled', payload => $1::json)`, [
        JSON.stringify({ roomId, scheduledId: id }),
      ]);
    }
    await clock.advance(5 * MINUTE);
    await server.runDueJobs();
    await server.runDueJobs();
    expect((await bodies(owner, roomId)).toSorted()).toEqual(['once', 'sent already']);
    expect(await list(member)).toEqual([]);
    expect(await failed(member)).toEqual([]);
  });

  test('can be taken back until it is sent, by its author alone; then it is not sent', async () => {
    const { owner, member, roomId } = await room(server);
    const later = await schedule(member, roomId);
    const cancel = (by: Person) => by.call('unschedule', { params: { scheduledId: later.id } });
    await expect(cancel(owner)).rejects.toMatchObject(refusedWith('not_found'));
    await cancel(member);
    await expect(cancel(member)).rejects.toMatchObject(refusedWith('not_found'));
    await clock.advance(5 * MINUTE);
    await server.runDueJobs();
    expect(await bodies(owner, roomId)).toEqual([]);
  });

  test('taken back while it is being sent is either taken back or sent', async () => {
    const { member, roomId } = await room(server);
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => schedule(member, roomId, { body: `${i}` })));
    await clock.advance(5 * MINUTE);
    const [, ...taken] = await Promise.all([
      server.runDueJobs(),
      ...all.map(({ id }) =>
        member.call('unschedule', { params: { scheduledId: id } }).then(
          () => true,
          () => false,
        ),
      ),
    ]);
    const sent = await bodies(member, roomId);
    expect(taken.map((back, i) => back !== sent.includes(`${i}`))).toEqual(all.map(() => true));
    expect(await list(member)).toEqual([]);
  });

  test('of the list comes first what is sent first', async () => {
    const { owner, member, roomId } = await room(server);
    const second = await schedule(owner, roomId, { in: 20 * MINUTE });
    const first = await schedule(owner, roomId, { in: 10 * MINUTE });
    await schedule(member, roomId);
    expect(await list(owner)).toEqual([first, second]);
    for (const { id } of [first, second]) await owner.call('unschedule', { params: { scheduledId: id } });
  });
});

describe('scheduling', () => {
  test('again under the same clientId, also at once, answers the first; other content is refused', async () => {
    const { owner, member, roomId } = await room(server);
    const clientId = 'one-and-the-same';
    const tries = await Promise.all(Array.from({ length: 10 }, () => schedule(member, roomId, { clientId })));
    for (const answer of tries) expect(answer).toEqual(tries[0]);
    await expect(schedule(member, roomId, { clientId, body: 'other' })).rejects.toMatchObject(
      refusedWith('client_id_reused'),
    );
    await expect(schedule(owner, roomId, { clientId, body: 'mine' })).resolves.toMatchObject({ body: 'mine' });
    await clock.advance(5 * MINUTE);
    await server.runDueJobs();
    expect((await bodies(owner, roomId)).toSorted()).toEqual(['good morning', 'mine']);
  });

  test('needs the right to send now: not for strangers, in archived rooms, or to who blocks me', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    await expect(schedule(stranger, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    const elsewhere = await owner.call('createRoom', { body: { name: 'Elsewhere' } });
    const foreign = await owner.say(elsewhere.room.id, 'x');
    await expect(schedule(owner, roomId, { replyTo: foreign.id })).rejects.toMatchObject(refusedWith('not_found'));
    const { room: direct } = await owner.call('directRoom', { body: { userId: member.id } });
    await member.call('block', { body: { userId: owner.id } });
    await expect(schedule(owner, direct.id)).rejects.toMatchObject(refusedWith('blocked'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(schedule(owner, roomId)).rejects.toMatchObject(refusedWith('room_archived'));
    expect(await list(owner)).toEqual([]);
  });

  test('reaches a year ahead, and so many messages a person', async () => {
    const { owner, roomId } = await room(server);
    for (const far of [400 * DAY, Number.MAX_SAFE_INTEGER - clock.now()]) {
      await expect(schedule(owner, roomId, { in: far })).rejects.toMatchObject({
        body: { code: 'bad_input', details: { fields: [{ field: 'sendAt' }] } },
      });
    }
    await sql(
      `INSERT INTO chat.scheduled (room_id, scheduled_id, user_id, client_id, body, send_at)
       SELECT $1, gen_random_uuid(), $2, 'filler-' || i, 'x', '2031-01-01' FROM generate_series(1, $3::int) i`,
      [roomId, owner.id, LIMITS.scheduled],
    );
    await expect(schedule(owner, roomId)).rejects.toMatchObject(refusedWith('limit_reached'));
  });
});

describe('when its time has come, rights are checked again:', () => {
  test('who was removed, was blocked, or finds the room archived or deleted sends nothing, and is told why', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { room: direct } = await stranger.call('directRoom', { body: { userId: owner.id } });
    const groups = await Promise.all(
      ['archived', 'deleted'].map((name) => other.call('createRoom', { body: { name } })),
    );
    const [archived, deleted] = groups.map((snapshot) => snapshot.room.id);
    await schedule(member, roomId, { body: 'removed' });
    await schedule(stranger, direct.id, { body: 'blocked' });
    await schedule(other, archived ?? '', { in: 5 * MINUTE });
    await schedule(other, deleted ?? '', { in: 6 * MINUTE });
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    await owner.call('block', { body: { userId: stranger.id } });
    await other.call('updateRoom', { params: { roomId: archived ?? '' }, body: { archived: true } });
    await other.call('deleteRoom', { params: { roomId: deleted ?? '' } });
    await clock.advance(6 * MINUTE);
    await server.runDueJobs();
    expect(await failed(member)).toEqual(['not_found']);
    expect(await failed(stranger)).toEqual(['blocked']);
    expect(await failed(other)).toEqual(['room_archived', 'not_found']);
    expect(await bodies(owner, roomId)).not.toContain('removed');
    // It stays refused, and can be taken off the list.
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    await server.runDueJobs();
    expect(await bodies(owner, roomId)).not.toContain('removed');
    const [refused] = await list(member);
    await member.call('unschedule', { params: { scheduledId: refused?.id ?? '' } });
    expect(await list(member)).toEqual([]);
  });

  test('who was banned from the instance or disabled sends nothing, in rooms or threads, and reads why once back', async () => {
    const { owner: reader, member: banned, other: disabled, roomId } = await room(server);
    const admin = await server.person('admin', 'owner');
    const root = await reader.say(roomId, 'root');
    const { room: thread } = await banned.call('openThread', { params: { roomId, messageId: root.id } });
    const { room: direct } = await banned.call('directRoom', { body: { userId: reader.id } });
    for (const place of [roomId, thread.id, direct.id]) await schedule(banned, place, { body: 'from the banned' });
    await schedule(disabled, roomId, { body: 'from the disabled' });
    const reason = 'Sells things';
    const ban = await admin.call('sanction', { body: { userId: banned.id, roomId: null, type: 'ban', reason } });
    await admin.call('disableAccount', { params: { userId: disabled.id }, body: { reason } });
    await clock.advance(5 * MINUTE);
    await server.runDueJobs();
    for (const place of [roomId, thread.id, direct.id]) {
      expect((await bodies(reader, place)).filter((body) => body.startsWith('from'))).toEqual([]);
    }
    await admin.call('liftSanction', { params: { sanctionId: ban.id }, body: { reason } });
    await admin.call('enableAccount', { params: { userId: disabled.id } });
    await server.runDueJobs();
    const back = (person: Person) =>
      Person.signIn(server.url, `${person.signedIn.user.username}@example.com`, 'a good password');
    expect(await failed(await back(banned))).toEqual(['account_banned', 'account_banned', 'account_banned']);
    expect(await failed(await back(disabled))).toEqual(['account_disabled']);
    expect(await bodies(reader, roomId)).toEqual(['root']);
  });

  test('a reply to what was deleted meanwhile is refused', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'question');
    await schedule(member, roomId, { replyTo: id });
    await owner.call('deleteMessage', { params: { roomId, messageId: id } });
    await clock.advance(5 * MINUTE);
    await server.runDueJobs();
    expect(await failed(member)).toEqual(['not_found']);
  });
});
