/** The archive of what is known of somebody, which they download. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download, unzip } from '../../../test/archive.ts';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { FakeClock } from '../../platform/clock.ts';

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ DATABASE_POOL: '6' }, { clock });
});
afterAll(() => server.stop());

/** Once the server has noticed that an earlier one was given up. */
async function downloadOnceFree(person: Person, signal?: AbortSignal): Promise<Response> {
  for (;;) {
    const answer = await download(person, signal);
    if (answer.status !== 429) return answer;
    await answer.arrayBuffer();
  }
}

/** Messages of incompressible text, as if they had been sent. */
async function fill(roomId: string, senderId: string, count: number, characters: number): Promise<void> {
  await sql(
    server,
    `insert into chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, created_at)
     select $1, gen_random_uuid(), 1000000 + i, 1000000 + i, $2, gen_random_uuid()::text, 'text',
       left((select string_agg(md5(i || '.' || j), '') from generate_series(0, $4 / 32) as j), $4), now()
     from generate_series(1, $3) as i`,
    [roomId, senderId, count, characters],
  );
}

describe('the archive of one’s data', () => {
  test('holds everything of mine, nothing of others and no secret', async () => {
    const [me, other] = [await server.person('exports'), await server.person('someone')];
    await me.call('updateProfile', { body: { name: 'Ex Porter', bio: 'All mine' } });
    await me.call('updateSettings', { body: { chat: { clock: '24' } } });
    await me.call('addDevice', { body: { kind: 'fcm', token: 'token-of-my-telephone' } });
    await me.call('updatePreferences', { body: { shareReads: false } });
    const { room } = await me.call('createRoom', { body: { name: 'Roses', memberIds: [other.id] } });
    const params = { roomId: room.id };
    const mine = await me.say(room.id, 'first words');
    await me.call('editMessage', { params: { ...params, messageId: mine.id }, body: { body: 'better words' } });
    const gone = await me.say(room.id, 'regretted');
    await me.call('deleteMessage', { params: { ...params, messageId: gone.id } });
    const theirs = await other.say(room.id, 'words of another');
    await me.call('react', { params: { ...params, messageId: theirs.id }, body: { emoji: '🌹', on: true } });
    await me.call('star', { params: { ...params, messageId: theirs.id }, body: { on: true } });
    const later = { clientId: randomUUID(), body: 'not yet', sendAt: clock.now() + 86_400_000 };
    await me.call('schedule', { params, body: later });
    const blocked = await server.person();
    await me.call('block', { body: { userId: blocked.id } });
    const target = { type: 'user', userId: blocked.id } as const;
    const reported = await me.call('report', { body: { target, category: 'spam', note: 'rude' } });

    const moderator = await server.person('moderator', 'moderator');
    const body = { type: 'warn', userId: me.id, roomId: null, reason: 'Be kind' } as const;
    const warned = await moderator.call('sanction', { body });

    const answer = await download(me);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="confab-data.zip"');
    const files = await unzip(answer);
    expect(files['account/profile.json']).toMatchObject([
      { id: me.id, name: 'Ex Porter', bio: 'All mine', email: `${me.username}@example.com` },
    ]);
    expect(files['account/settings.json']).toMatchObject([{ chat: { clock: '24' } }]);
    expect(files['account/devices.jsonl']).toMatchObject([{ kind: 'fcm' }]);
    expect(files['account/sessions.jsonl']).toMatchObject([{ method: 'sign_up' }]);
    expect(files['account/audit.jsonl']?.map((entry) => entry['action'])).toContain('account.exported');
    expect(files['rooms/memberships.jsonl']).toMatchObject([{ roomId: room.id, role: 'owner', starred: [theirs.id] }]);
    expect(files['rooms/preferences.json']).toEqual([{ shareReads: false, shareLastSeen: true }]);
    expect(files['messages/messages.jsonl']).toMatchObject([
      { id: mine.id, body: 'better words', earlier: [{ body: 'first words' }] },
    ]);
    expect(files['messages/reactions.jsonl']).toEqual([{ roomId: room.id, n: theirs.n, emoji: '🌹' }]);
    expect(files['messages/scheduled.jsonl']).toMatchObject([{ body: 'not yet' }]);
    expect(files['blocks.jsonl']).toEqual([{ userId: blocked.id }]);
    expect(files['safety/reports.jsonl']).toEqual([reported]);
    expect(files['safety/sanctions.jsonl']).toEqual([{ ...warned, by: null }]);
    expect(files['safety/notices.jsonl']).toMatchObject([{ type: 'warned', reason: 'Be kind', sanctionId: warned.id }]);
    const text = JSON.stringify(files);
    expect(text).not.toMatch(/words of another|token-of-my-telephone|argon2|regretted/);
    expect(text).not.toContain(me.signedIn.refreshToken);
  });

  test('holds what waits for approval, which goes with the account', async () => {
    const [me, owner] = [await server.person(), await server.person()];
    const { room } = await owner.call('createRoom', { body: { name: 'Guarded', memberIds: [me.id] } });
    const params = { roomId: room.id };
    await owner.call('moderateRoom', { params, body: { hold: ['all'] } });
    const held = await me.say(room.id, 'may I?');
    const files = await unzip(await download(me));
    expect(files['messages/held.jsonl']).toMatchObject([{ id: held.id, body: 'may I?', status: 'pending' }]);
    expect(JSON.stringify(files['messages/messages.jsonl'] ?? [])).not.toContain('may I?');
    const theirs = await unzip(await download(owner));
    expect(JSON.stringify(theirs)).not.toContain('may I?');
    await me.call('deleteAccount', { body: { username: me.username } });
    await server.runDueJobs();
    expect((await owner.call('held', { query: params })).messages).toEqual([]);
    const kept = await sql(server, 'select from chat.members where user_id = $1 and held <> $2', [me.id, '[]']);
    expect(kept).toEqual([]);
  });

  test('is complete over many pages', async () => {
    const me = await server.person();
    const { room } = await me.call('createRoom', { body: { name: 'Long', memberIds: [] } });
    await fill(room.id, me.id, 1234, 10);
    const files = await unzip(await download(me));
    const numbers = files['messages/messages.jsonl']?.map((row) => row['n'] as number).toSorted((a, b) => a - b);
    const rows = await sql<{ n: string }>(
      server,
      `select n from chat.messages where room_id = $1 and kind = 'text' order by n`,
      [room.id],
    );
    expect(numbers).toEqual(rows.map(({ n }) => Number(n)));
    expect(numbers).toHaveLength(1234);
  });

  test('clients that go away midway, more often than there are connections to the database, take none with them', async () => {
    const me = await server.person();
    const { room } = await me.call('createRoom', { body: { name: 'Large', memberIds: [] } });
    await fill(room.id, me.id, 2000, 6000);
    for (let i = 0; i < 20; i++) {
      const abort = new AbortController();
      const answer = await downloadOnceFree(me, abort.signal);
      await answer.body?.getReader().read();
      abort.abort();
    }
    const busy = async () => {
      const rows = await sql<{ state: string }>(
        server,
        `select state from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name = 'confab'
           and state <> 'idle'`,
      );
      return rows;
    };
    await expect.poll(busy).toEqual([]);
    expect((await me.call('profile', {})).id).toBe(me.id);
    const answer = await downloadOnceFree(me);
    // While one is being made there is no other for the same person.
    expect((await download(me)).status).toBe(429);
    const files = await unzip(answer);
    expect(files['messages/messages.jsonl']).toHaveLength(2000);
  });
});
