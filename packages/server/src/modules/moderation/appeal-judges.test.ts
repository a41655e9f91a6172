/** Whose an appeal is to decide: who may, and who is told of it. */
import type { SanctionType } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcome, type Person, refusal } from '../../../test/person.ts';
import { heard, room } from '../../../test/rooms.ts';
import { actionsOn, appeal, decide, lift, sanction } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sql } from '../../../test/sql.ts';
import { FakeClock } from '../../platform/clock.ts';

const MINUTE = 60_000;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

describe('an appeal', () => {
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
    expect(await actionsOn(server, member.id)).toEqual(['member.banned', 'appeal.granted']);
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

  test('counts only those who can act: not whose account is disabled, deactivated or banned', async () => {
    const admin = await server.person('admin', 'admin');
    const { owner, member, other, roomId } = await room(server);
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'owner' } });
    const params = { userId: other.id };
    const body = { reason: 'Spam' };
    const absences: [() => Promise<unknown>, (() => Promise<unknown>) | null][] = [
      [() => admin.call('disableAccount', { params, body }), () => admin.call('enableAccount', { params })],
      [() => sanction(admin, other, 'ban', null, { until: clock.now() + MINUTE }), () => clock.advance(MINUTE)],
      [() => sql(server, "UPDATE accounts.users SET state = 'deactivated' WHERE id = $1", [other.id]), null],
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
    const rows = await sql<{ id: string }>(server, "SELECT id FROM accounts.users WHERE role = 'owner'");
    const others = rows.map(({ id }) => id).filter((id) => id !== high.id && id !== low.id);
    await sql(server, "UPDATE accounts.users SET state = 'deactivated' WHERE id = ANY($1)", [others]);
    const { id } = await sanction(high, member, 'mute', null);
    await appeal(member, id);
    expect(await outcome(decide(high, id, true))).toBe('forbidden');
    await sql(server, "UPDATE accounts.users SET state = 'disabled' WHERE id = $1", [low.id]);
    expect(await outcome(decide(high, id, true))).toBe('ok');
    await sql(server, "UPDATE accounts.users SET state = 'active' WHERE id = ANY($1)", [[...others, low.id]]);
  });
});

test('of appeals everybody is told of, finds and counts those that are theirs to decide, and is told when they are decided', async () => {
  await clock.advance(1000);
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
  // They are told once a second at most, also of what came before.
  await clock.advance(1000);
  const devices = await Promise.all(Object.values(people).map(async (one) => one.connect()));
  const heardOf = () => devices.map(({ events }) => events.filter(({ event }) => event === 'moderation').length);
  const seeing = async (whom: Person, by: Person, type: SanctionType, where: string | null) => {
    const counts = async () =>
      Promise.all(Object.values(people).map(async (one) => (await one.call('moderationFigures', {})).openAppeals));
    const before = await counts();
    let heardBefore = heardOf();
    /** Who has heard something since then. */
    const hearers = async (hearer: string | undefined) => {
      const at = Object.keys(people).findIndex((name) => name === hearer);
      await devices[at]?.until(() => heardOf()[at] !== heardBefore[at]);
      await heard(server, ...devices);
      const heardAfter = heardOf();
      const found = Object.keys(people).filter((_, i) => heardAfter[i] !== heardBefore[i]);
      heardBefore = heardAfter;
      await clock.advance(1000);
      return found;
    };
    const { id } = await sanction(by, whom, type, where);
    const { details } = type === 'ban' ? await refusal(whom.signInAgain()) : {};
    const token = details?.ban?.appeal;
    await (token === undefined ? appeal(whom, id) : whom.call('appealBan', { body: { token, text: 'Please' } }));
    const names: string[] = [];
    for (const [name, one] of Object.entries(people)) {
      const { sanctions } = await one.call('appeals', { query: { limit: '100' } });
      if (sanctions.some((found) => found.id === id)) names.push(name);
    }
    const after = await counts();
    expect(Object.keys(people).filter((_, i) => after[i] !== before[i])).toEqual(names);
    expect(await hearers(names[0])).toEqual(names);
    for (const [name, one] of Object.entries(people)) {
      if (!names.includes(name)) expect(await outcome(decide(one, id, false)), name).toBe('forbidden');
    }
    const [first] = Object.entries(people).filter(([name]) => names.includes(name));
    expect(first && (await outcome(decide(first[1], id, false)))).toBe('ok');
    expect(await hearers(names[0])).toEqual(names);
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
  const rows = await sql<{ id: string }>(
    server,
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

  await sql(server, "UPDATE accounts.users SET state = 'deactivated' WHERE id = ANY($1)", [[...others, second.id]]);
  const seen = await Promise.all([owner, admin, moderator].map(async (one) => find(one, muted.id)));
  expect(seen).toEqual([false, true, false]);
  expect(await outcome(decide(owner, muted.id, true))).toBe('forbidden');
  expect(await outcome(decide(moderator, muted.id, true))).toBe('forbidden');
  expect(await outcome(decide(admin, muted.id, true))).toBe('ok');
  await sql(server, "UPDATE accounts.users SET state = 'active' WHERE id = ANY($1)", [[...others, second.id]]);
});
