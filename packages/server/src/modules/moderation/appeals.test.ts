import { LIMITS, type RouteInput, type SanctionType } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person, Refusal } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { runTask } from '../../../test/tasks.ts';
import { FakeClock } from '../../platform/clock.ts';

const PASSWORD = 'a good password';
const DAY = 86_400_000;
const MINUTE = 60_000;

let server: TestServer;
let clock: FakeClock;
let db: pg.Client;
beforeAll(async () => {
  clock = new FakeClock();
  server = await startServer({}, { clock });
  db = new pg.Client({ connectionString: server.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: Refusal) => error.body.code,
  );
}

type Body = RouteInput<'sanction'>['body'];

function sanction(by: Person, whom: Person, type: SanctionType, roomId: string | null, more: Partial<Body> = {}) {
  return by.call('sanction', { body: { type, userId: whom.id, roomId, reason: 'Be kind', ...more } });
}

const appeal = (by: Person, sanctionId: string) =>
  by.call('appeal', { params: { sanctionId }, body: { text: 'It was not me' } });
const decide = (by: Person, sanctionId: string, granted: boolean) =>
  by.call('decideAppeal', { params: { sanctionId }, body: { granted, note: 'Looked at' } });
const lift = (by: Person, sanctionId: string) =>
  by.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });

async function trail(targetId: string): Promise<string[]> {
  const { rows } = await db.query<{ action: string }>(
    'SELECT action FROM safety.log WHERE target_id = $1 ORDER BY seq',
    [targetId],
  );
  return rows.map((row) => row.action);
}

async function told(person: Person): Promise<string[]> {
  return (await person.call('notices', { query: {} })).notices.map(({ type }) => type).toReversed();
}

/** The refusal of a sign-in. */
async function refusedSignIn(whom: Person, password = PASSWORD): Promise<Refusal['body']> {
  const { username } = whom.signedIn.user;
  return whom.call('signIn', { body: { username, password, transport: 'body' } }).then(
    () => {
      throw new Error('they were let in');
    },
    (error: Refusal) => error.body,
  );
}

describe('an appeal', () => {
  test('is made once by the person concerned, also of 50 at the same time; moderators are told and find it', async () => {
    const { owner, member, other, roomId } = await room(server);
    const muted = await sanction(owner, member, 'mute', roomId);
    const device = await owner.connect();
    expect(await outcome(appeal(other, muted.id))).toBe('not_found');
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(appeal(member, muted.id))));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    await device.until(({ event }) => event === 'moderation');
    expect(device.events).toMatchObject([{ event: 'moderation', payload: { what: 'appeal', roomId } }]);
    const { sanctions, users } = await owner.call('appeals', { query: {} });
    expect(sanctions).toMatchObject([{ id: muted.id, by: owner.id, appeal: { state: 'open', text: 'It was not me' } }]);
    expect(users.map(({ id }) => id).toSorted()).toEqual([owner.id, member.id].toSorted());
    expect((await other.call('appeals', { query: {} })).sanctions).toEqual([]);
    expect((await member.call('appeals', { query: {} })).sanctions).toEqual([]);
  });

  test('granted lifts what it is about, and is decided once, also of 50 at the same time', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    const muted = await sanction(other, member, 'mute', roomId);
    await appeal(member, muted.id);
    const device = await member.connect();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => outcome(decide(owner, muted.id, i % 2 === 0))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_decided'), 'ok']);
    const [decided] = (await member.call('sanctions', {})).sanctions;
    const granted = decided?.appeal?.state === 'granted';
    expect(decided?.liftedAt !== null).toBe(granted);
    expect(await outcome(member.say(roomId, 'x'))).toBe(granted ? 'ok' : 'silenced');
    await heard(server, device);
    expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
      { payload: { notice: { type: 'appeal_decided', reason: 'Looked at', sanctionId: muted.id } } },
    ]);
    expect(await trail(member.id)).toEqual(['member.muted', granted ? 'appeal.granted' : 'appeal.refused']);
    expect((await owner.call('appeals', { query: {} })).sanctions).toEqual([]);
  });

  test('is not decided by whoever imposed it where somebody else could, nor by those below them', async () => {
    const { owner, member, other, roomId } = await room(server);
    const alone = await sanction(owner, member, 'ban', roomId);
    await appeal(member, alone.id);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    expect(await outcome(decide(other, alone.id, true))).toBe('forbidden');
    expect(await outcome(lift(other, alone.id))).toBe('forbidden');
    expect(await outcome(decide(member, alone.id, true))).toBe('not_found');
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'owner' } });
    expect(await outcome(decide(owner, alone.id, true))).toBe('forbidden');
    expect(await outcome(decide(other, alone.id, true))).toBe('ok');
    expect(await trail(member.id)).toEqual(['member.banned', 'appeal.granted']);
  });

  test('is decided by whoever imposed it where there is nobody else', async () => {
    const { owner, member, roomId } = await room(server);
    const banned = await sanction(owner, member, 'ban', roomId);
    expect(await outcome(decide(owner, banned.id, true))).toBe('not_found');
    await appeal(member, banned.id);
    expect((await decide(owner, banned.id, false)).appeal).toMatchObject({ state: 'refused', note: 'Looked at' });
    expect(await outcome(decide(owner, banned.id, true))).toBe('already_decided');
    expect(await outcome(appeal(member, banned.id))).toBe('already_appealed');
  });

  test('against what is replaced passes over to what takes its place: granted, they are free', async () => {
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    const [moderator, user] = [await server.person('m', 'moderator'), await server.person()];
    const [admin, second] = [await server.person('a', 'admin'), await server.person('b', 'admin')];
    for (const [whom, first, then, where, decider] of [
      [member, other, owner, roomId, owner],
      [user, moderator, admin, null, second],
    ] as const) {
      const before = await sanction(first, whom, 'mute', where, { until: clock.now() + MINUTE });
      await appeal(whom, before.id);
      const after = await sanction(then, whom, 'mute', where);
      expect(await outcome(appeal(whom, before.id))).toBe('already_decided');
      expect(await outcome(appeal(whom, after.id))).toBe('already_appealed');
      expect(await outcome(decide(decider, before.id, true))).toBe('not_found');
      expect((await whom.call('sanctions', {})).sanctions).toMatchObject([
        { id: after.id, liftedAt: null, appeal: { text: 'It was not me', state: 'open' } },
        { id: before.id, appeal: null },
      ]);
      await decide(decider, after.id, true);
    }
    await member.say(roomId, 'free');
    await user.call('createRoom', { body: { name: 'Free' } });
  });

  test('counts only those who can act: not whose account is disabled, deactivated or banned', async () => {
    const admin = await server.person('admin', 'admin');
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'owner' } });
    const params = { userId: other.id };
    const body = { reason: 'Spam' };
    const absences: [() => Promise<unknown>, (() => Promise<unknown>) | null][] = [
      [() => admin.call('disableAccount', { params, body }), () => admin.call('enableAccount', { params })],
      [() => sanction(admin, other, 'ban', null, { until: clock.now() + MINUTE }), () => clock.advance(MINUTE)],
      [() => db.query("UPDATE accounts.users SET state = 'deactivated' WHERE id = $1", [other.id]), null],
    ];
    for (const [begin, end] of absences) {
      const { id } = await sanction(owner, member, 'mute', roomId);
      await appeal(member, id);
      expect(await outcome(decide(owner, id, true))).toBe('forbidden');
      await begin();
      expect(await outcome(decide(owner, id, true))).toBe('ok');
      await end?.();
    }
  });

  test('of the whole instance counts only those who can act', async () => {
    const [high, low, member] = [
      await server.person('a', 'owner'),
      await server.person('b', 'owner'),
      await server.person(),
    ];
    const { rows } = await db.query<{ id: string }>("SELECT id FROM accounts.users WHERE role = 'owner'");
    const others = rows.map(({ id }) => id).filter((id) => id !== high.id && id !== low.id);
    await db.query("UPDATE accounts.users SET state = 'deactivated' WHERE id = ANY($1)", [others]);
    const { id } = await sanction(high, member, 'mute', null);
    await appeal(member, id);
    expect(await outcome(decide(high, id, true))).toBe('forbidden');
    await db.query("UPDATE accounts.users SET state = 'disabled' WHERE id = $1", [low.id]);
    expect(await outcome(decide(high, id, true))).toBe('ok');
    await db.query("UPDATE accounts.users SET state = 'active' WHERE id = ANY($1)", [[...others, low.id]]);
  });

  test('and lifting at the same time have one end, told once', async () => {
    const { owner, member, roomId } = await room(server);
    const muted = await sanction(owner, member, 'mute', roomId);
    await appeal(member, muted.id);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => outcome(i % 2 ? lift(owner, muted.id) : decide(owner, muted.id, true))),
    );
    expect(new Set([...outcomes, 'already_decided'])).toEqual(new Set(['ok', 'already_decided']));
    const [ended] = (await member.call('sanctions', {})).sanctions;
    expect(ended).toMatchObject({ liftedAt: expect.any(Number), appeal: { state: 'granted' } });
    expect(await trail(member.id)).toHaveLength(2);
    expect(await told(member)).toHaveLength(2);
  });

  test('queue: the oldest first, a page at a time', async () => {
    const { owner, member, other, roomId } = await room(server);
    const ids: string[] = [];
    for (const whom of [member, other, member]) {
      const { id } = await sanction(owner, whom, 'warn', roomId);
      await clock.advance(1000);
      await appeal(whom, id);
      ids.push(id);
    }
    const first = await owner.call('appeals', { query: { limit: '2' } });
    const rest = await owner.call('appeals', { query: { limit: '2', cursor: first.nextCursor ?? '' } });
    expect([...first.sanctions, ...rest.sanctions].map(({ id }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBe(null);
    await expect(owner.call('appeals', { query: { cursor: 'x' } })).rejects.toMatchObject(refusedWith('bad_input'));
  });
});

test('of appeals everybody is told of, finds and counts those that are theirs to decide', async () => {
  const [owner, head, admin, other, moderator, second] = await Promise.all([
    server.person('owner', 'owner'),
    server.person('head', 'owner'),
    server.person('admin', 'admin'),
    server.person('other', 'admin'),
    server.person('moderator', 'moderator'),
    server.person('second', 'moderator'),
  ]);
  const people = { owner, head, admin, other, moderator, second };
  const { owner: host, member, roomId } = await room(server, 'public');
  const devices = await Promise.all(Object.values(people).map(async (one) => one.connect()));
  const heardOf = () => devices.map(({ events }) => events.filter(({ event }) => event === 'moderation').length);
  const seeing = async (whom: Person, by: Person, type: SanctionType, where: string | null) => {
    const counts = async () =>
      Promise.all(Object.values(people).map(async (one) => (await one.call('moderationFigures', {})).openAppeals));
    const before = await counts();
    // They are told once a second at most.
    await clock.advance(1000);
    await heard(server, ...devices);
    const heardBefore = heardOf();
    const { id } = await sanction(by, whom, type, where);
    const { details } = type === 'ban' ? await refusedSignIn(whom) : {};
    const token = details?.ban?.appeal;
    await (token === undefined ? appeal(whom, id) : whom.call('appealBan', { body: { token, text: 'Please' } }));
    const names: string[] = [];
    for (const [name, one] of Object.entries(people)) {
      const { sanctions } = await one.call('appeals', { query: { limit: '100' } });
      if (sanctions.some((found) => found.id === id)) names.push(name);
    }
    const after = await counts();
    expect(Object.keys(people).filter((_, i) => after[i] !== before[i])).toEqual(names);
    const hearer = Object.keys(people).findIndex((name) => names.includes(name));
    await devices[hearer]?.until(() => heardOf()[hearer] !== heardBefore[hearer]);
    await heard(server, ...devices);
    const heardAfter = heardOf();
    expect(Object.keys(people).filter((_, i) => heardAfter[i] !== heardBefore[i])).toEqual(names);
    for (const [name, one] of Object.entries(people)) {
      if (!names.includes(name)) expect(await outcome(decide(one, id, false)), name).toBe('forbidden');
    }
    const [first] = Object.entries(people).filter(([name]) => names.includes(name));
    expect(first && (await outcome(decide(first[1], id, false)))).toBe('ok');
    return names;
  };
  expect(await seeing(member, moderator, 'mute', null)).toEqual(['owner', 'head', 'admin', 'other', 'second']);
  expect(await seeing(member, admin, 'warn', null)).toEqual(['owner', 'head', 'other']);
  expect(await seeing(admin, owner, 'warn', null)).toEqual(['head']);
  expect(await seeing(member, moderator, 'warn', roomId)).toEqual(['owner', 'head', 'admin', 'other', 'second']);
  expect(await seeing(member, host, 'warn', roomId)).toEqual(['owner', 'head', 'admin', 'other']);
  expect(await seeing(host, admin, 'warn', roomId)).toEqual(['owner', 'head', 'other']);
  expect(await seeing(member, admin, 'ban', null)).toEqual(['owner', 'head', 'other']);
});

test('against what was done where the room is gone, what the only owner says is for the highest of the others', async () => {
  const [owner, admin, moderator] = [
    await server.person('owner', 'owner'),
    await server.person('admin', 'admin'),
    await server.person('moderator', 'moderator'),
  ];
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM accounts.users WHERE role IN ('owner', 'admin') AND state = 'active' AND id <> ALL($1)",
    [[owner.id, admin.id]],
  );
  const others = rows.map(({ id }) => id);
  const host = await server.person();
  const { room: made } = await host.call('createRoom', { body: { name: 'Garden', memberIds: [owner.id] } });
  const muted = await sanction(host, owner, 'mute', made.id);
  const banned = await sanction(host, owner, 'ban', made.id);
  await host.call('deleteRoom', { params: { roomId: made.id } });
  await appeal(owner, banned.id);
  await appeal(owner, muted.id);
  const find = async (one: Person, id: string) =>
    (await one.call('appeals', { query: { limit: '100' } })).sanctions.some((found) => found.id === id);

  // While there is another owner, it is for them.
  const second = await server.person('second', 'owner');
  expect(await Promise.all([second, admin].map(async (one) => find(one, banned.id)))).toEqual([true, false]);
  expect(await outcome(decide(admin, banned.id, true))).toBe('forbidden');
  expect(await outcome(decide(second, banned.id, true))).toBe('ok');

  await db.query("UPDATE accounts.users SET state = 'deactivated' WHERE id = ANY($1)", [[...others, second.id]]);
  const seen = await Promise.all([owner, admin, moderator].map(async (one) => find(one, muted.id)));
  expect(seen).toEqual([false, true, false]);
  expect(await outcome(decide(owner, muted.id, true))).toBe('forbidden');
  expect(await outcome(decide(moderator, muted.id, true))).toBe('forbidden');
  expect(await outcome(decide(admin, muted.id, true))).toBe('ok');
  await db.query("UPDATE accounts.users SET state = 'active' WHERE id = ANY($1)", [[...others, second.id]]);
});

test('appeals against what has no effect any more, as the room is gone, wait for nobody: they are closed, and their authors told', async () => {
  const admin = await server.person('admin', 'admin');
  const { owner, member, other, roomId } = await room(server);
  const waiting = async () => (await admin.call('moderationFigures', {})).openAppeals;
  const before = await waiting();
  const [warned, early] = [
    await sanction(owner, member, 'warn', roomId),
    await sanction(owner, member, 'warn', roomId),
  ];
  const muted = await sanction(owner, member, 'mute', roomId);
  const short = await sanction(owner, other, 'mute', roomId, { until: clock.now() + MINUTE });
  await appeal(member, warned.id);
  await appeal(member, muted.id);
  await appeal(other, short.id);
  await owner.call('deleteRoom', { params: { roomId } });
  // Before any time passes, which may be when the task is due.
  const device = await member.connect();
  expect(await waiting()).toBe(before + 2);
  expect(await outcome(appeal(member, early.id))).toBe('already_decided');
  await clock.advance(MINUTE);
  expect(await waiting()).toBe(before + 1);
  const { sanctions } = await admin.call('appeals', { query: { limit: '100' } });
  expect(sanctions.filter((found) => found.roomId === roomId)).toMatchObject([{ id: muted.id }]);

  await runTask(server, clock, 'moderation.moot_appeals');
  await runTask(server, clock, 'moderation.moot_appeals');
  await device.until(({ event }) => event === 'notice');
  await heard(server, device);
  expect(device.events.filter(({ event }) => event === 'notice')).toMatchObject([
    { payload: { notice: { type: 'appeal_decided', sanctionId: warned.id, reason: '' } } },
  ]);
  const states = async (whom: Person) =>
    new Map((await whom.call('sanctions', {})).sanctions.map((one) => [one.id, one.appeal?.state ?? null]));
  expect(await states(member)).toEqual(
    new Map([
      [muted.id, 'open'],
      [early.id, null],
      [warned.id, 'moot'],
    ]),
  );
  expect(await states(other)).toEqual(new Map([[short.id, 'moot']]));
  expect(await outcome(decide(admin, warned.id, true))).toBe('already_decided');
  expect(await outcome(appeal(member, warned.id))).toBe('already_appealed');
  expect(await trail(member.id)).toEqual(['member.warned', 'member.warned', 'member.muted', 'appeal.moot']);
});

test(`of one person ${LIMITS.openAppeals} appeals against what was done in rooms wait, also of those made at once; the instance hears them all the same`, async () => {
  const admin = await server.person('admin', 'admin');
  const { owner, member, roomId } = await room(server);
  const warnings: string[] = [];
  for (let i = 0; i < 2 * LIMITS.openAppeals; i += 1) {
    warnings.push((await sanction(owner, member, 'warn', roomId)).id);
  }
  const outcomes = await Promise.all(warnings.map(async (id) => outcome(appeal(member, id))));
  const refused = Array.from({ length: LIMITS.openAppeals }, () => 'limit_reached');
  expect(outcomes.toSorted()).toEqual([...refused, ...refused.map(() => 'ok')]);
  const byInstance = await sanction(admin, member, 'warn', null);
  expect(await outcome(appeal(member, byInstance.id))).toBe('ok');
  // One that is decided makes room for another.
  const [open, left] = [warnings[outcomes.indexOf('ok')] ?? '', warnings[outcomes.indexOf('limit_reached')] ?? ''];
  expect(await outcome(appeal(member, left))).toBe('limit_reached');
  await decide(owner, open, false);
  expect(await outcome(appeal(member, left))).toBe('ok');
});

describe('a ban from the instance', () => {
  test('by a moderator lasts 7 days at most; admins ban for good; nobody above', async () => {
    const [moderator, admin, owner] = await Promise.all(
      (['moderator', 'admin', 'owner'] as const).map((role) => server.person('by', role)),
    );
    if (moderator === undefined || admin === undefined || owner === undefined) throw new Error('somebody is missing');
    const [user, guest] = [await server.person(), await server.person('g', 'guest')];
    expect(await outcome(sanction(moderator, user, 'ban', null))).toBe('forbidden');
    expect(await outcome(sanction(moderator, user, 'ban', null, { until: clock.now() + 8 * DAY }))).toBe('forbidden');
    expect(await outcome(sanction(moderator, admin, 'ban', null, { until: clock.now() + DAY }))).toBe('forbidden');
    expect(await outcome(sanction(admin, owner, 'ban', null))).toBe('forbidden');
    expect(await outcome(sanction(owner, owner, 'ban', null))).toBe('forbidden');
    const banned = await sanction(moderator, user, 'ban', null, { until: clock.now() + 7 * DAY });
    expect(banned).toMatchObject({ type: 'ban', roomId: null, by: moderator.id });
    expect(await outcome(user.call('profile', {}))).toBe('session_ended');
    expect((await refusedSignIn(user)).code).toBe('account_banned');
    await sanction(moderator, guest, 'ban', null, { until: clock.now() + DAY });
    expect(await outcome(guest.call('profile', {}))).toBe('session_ended');
    expect(await trail(user.id)).toEqual(['member.banned']);
  });

  test('ends on every live connection at once, and ends itself at its time', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    const device = await user.connect();
    const cut = new Promise((resolve) => device.socket.once('disconnect', resolve));
    await sanction(admin, user, 'ban', null, { until: clock.now() + DAY });
    await cut;
    expect(device.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason: 'banned' } });
    await clock.advance(DAY);
    const { username } = user.signedIn.user;
    const body = { username, password: PASSWORD, transport: 'body' as const };
    expect(await outcome(user.call('signIn', { body }))).toBe('ok');
  });

  test('is appealed against with the token of the refused sign-in, once, and by nobody else', async () => {
    const [admin, other, user] = [
      await server.person('a', 'admin'),
      await server.person('b', 'admin'),
      await server.person(),
    ];
    const banned = await sanction(admin, user, 'ban', null);
    expect(JSON.stringify(await refusedSignIn(user, 'not the password'))).not.toContain('appeal');
    const tokens = await Promise.all(
      Array.from({ length: 2 }, async () => (await refusedSignIn(user)).details?.ban?.appeal ?? ''),
    );
    const body = { text: 'It was not me' };
    for (const wrong of ['x', `${tokens[0]?.slice(0, -4)}AAAA`, user.signedIn.accessToken.slice(0, 400)]) {
      expect(await outcome(user.call('appealBan', { body: { ...body, token: wrong } }))).toBe('invalid_link');
      expect(await outcome(user.call('ownBan', { body: { token: wrong } }))).toBe('invalid_link');
    }
    const own = () => user.call('ownBan', { body: { token: tokens[0] ?? '' } });
    expect(await own()).toMatchObject({ id: banned.id, reason: 'Be kind', until: null, by: null, appeal: null });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        outcome(user.call('appealBan', { body: { ...body, token: tokens[i % 2] ?? '' } })),
      ),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    expect((await own()).appeal).toMatchObject({ text: 'It was not me', state: 'open' });
    expect(await outcome(decide(admin, banned.id, true))).toBe('forbidden');
    const granted = await decide(other, banned.id, true);
    expect(await outcome(own())).toBe('invalid_link');
    expect(granted).toMatchObject({ liftedAt: clock.now(), appeal: { state: 'granted' } });
    const { username } = user.signedIn.user;
    const signIn = { username, password: PASSWORD, transport: 'body' as const };
    expect(await outcome(user.call('signIn', { body: signIn }))).toBe('ok');
    expect(await outcome(user.call('appealBan', { body: { ...body, token: tokens[0] ?? '' } }))).toBe('invalid_link');
  });

  test('of a guest, who has nothing else, is appealed against with the refresh token they hold, once', async () => {
    const [admin, guest] = [await server.person('a', 'admin'), await server.person('g', 'guest')];
    const banned = await sanction(admin, guest, 'ban', null, { until: clock.now() + DAY, reason: 'Spam' });
    const body = { refreshToken: guest.signedIn.refreshToken };
    const refused = (): Promise<Refusal['body']> =>
      guest.call('refresh', { body }).then(
        () => {
          throw new Error('they were let in');
        },
        (error: Refusal) => error.body,
      );
    const { code, details } = await refused();
    expect([code, details?.ban]).toMatchObject(['account_banned', { until: clock.now() + DAY, reason: 'Spam' }]);
    const token = details?.ban?.appeal ?? '';
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => outcome(guest.call('appealBan', { body: { token, text: 'It was not me' } }))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    const other = await server.person('b', 'admin');
    const { sanctions, users } = await other.call('appeals', { query: {} });
    expect(sanctions.at(-1)).toMatchObject({ id: banned.id, userId: guest.id, appeal: { state: 'open' } });
    expect(users.map(({ id }) => id)).toContain(guest.id);
    await admin.call('unban', { params: { userId: guest.id } });
    expect((await refused()).code).toBe('session_ended');
  });

  test('appeal tokens are good for a day', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    await sanction(admin, user, 'ban', null);
    const token = (await refusedSignIn(user)).details?.ban?.appeal ?? '';
    await clock.advance(DAY);
    expect(await outcome(user.call('appealBan', { body: { token, text: 'x' } }))).toBe('invalid_link');
  });

  test('by the account’s administration is the same: recorded, appealed against, ended', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    const params = { userId: user.id };
    await admin.call('ban', { params, body: { reason: 'Spam', until: null } });
    const token = (await refusedSignIn(user)).details?.ban?.appeal ?? '';
    await user.call('appealBan', { body: { token, text: 'It was not me' } });
    await admin.call('unban', { params });
    await admin.call('unban', { params });
    expect(await trail(user.id)).toEqual(['member.banned', 'sanction.lifted']);
    const { sanctions } = await admin.call('moderatedUser', { params });
    expect(sanctions).toMatchObject([{ type: 'ban', liftedAt: clock.now(), appeal: { state: 'granted' } }]);
  });

  test('is not lifted from below: what admins decided is for admins', async () => {
    const [moderator, admin, user] = [
      await server.person('m', 'moderator'),
      await server.person('a', 'admin'),
      await server.person(),
    ];
    const banned = await sanction(admin, user, 'ban', null, { until: clock.now() + DAY });
    expect(await outcome(lift(moderator, banned.id))).toBe('forbidden');
    expect(await outcome(lift(await server.person(), banned.id))).toBe('not_found');
    const again = await sanction(admin, user, 'ban', null);
    expect((await lift(admin, banned.id)).liftedAt).not.toBe(null);
    expect((await refusedSignIn(user)).code).toBe('account_banned');
    await lift(admin, again.id);
    expect((await lift(admin, again.id)).liftedAt).toBe(clock.now());
    expect(await trail(user.id)).toEqual(['member.banned', 'member.banned', 'sanction.lifted']);
  });

  test('50 at the same time leave one in force, and a trail of all', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    await Promise.all(Array.from({ length: 50 }, () => sanction(admin, user, 'ban', null)));
    const { sanctions } = await admin.call('moderatedUser', { params: { userId: user.id } });
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toHaveLength(1);
    expect(await trail(user.id)).toHaveLength(50);
  });
});

test('mutes and bans of rooms end by themselves at their time', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  await sanction(owner, member, 'mute', roomId, { until: clock.now() + MINUTE });
  await sanction(owner, other, 'ban', roomId, { until: clock.now() + MINUTE });
  await clock.advance(MINUTE - 1);
  expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  expect(await outcome(other.call('joinRoom', { params: { roomId } }))).toBe('banned_here');
  await clock.advance(1);
  expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  expect(await outcome(other.call('joinRoom', { params: { roomId } }))).toBe('ok');
});
