/** Many moderators at one room and one person. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../../test/nodes.ts';
import { outcome, type Person } from '../../../test/person.ts';
import { room } from '../../../test/rooms.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
beforeAll(async () => {
  server = await startWorld();
});
afterAll(() => server.stop());

test('50 acts of every kind at once are each done or refused, and the trail is whole', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  const officers = await Promise.all([
    server.person('mod', 'moderator'),
    server.person('admin', 'admin'),
    server.person('admin', 'admin'),
  ]);
  const said = await member.say(roomId, 'a word');
  const { room: thread } = await other.call('openThread', { params: { roomId, messageId: said.id } });
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: ['all'] } });
  const held = await member.say(roomId, 'held');
  await owner.call('moderateRoom', { params: { roomId }, body: { hold: [] } });
  await other.call('report', { body: { target: { type: 'message', roomId, messageId: said.id }, category: 'spam' } });
  const [reported] = (await owner.call('cases', { query: {} })).cases;
  if (reported === undefined) throw new Error('there is no case');
  const { id: caseId, version } = reported;
  const muted = await owner.call('sanction', { body: { type: 'mute', userId: member.id, roomId, reason: 'x' } });
  const { id: sanctionId } = muted;
  await member.call('appeal', { params: { sanctionId }, body: { text: 'Please' } });

  const by = [owner, ...officers];
  const sanction = (type: 'warn' | 'mute' | 'kick' | 'ban', where: string | null) => (actor: Person) =>
    actor.call('sanction', { body: { type, userId: member.id, roomId: where, reason: 'x' } });
  const acts: ((actor: Person) => Promise<unknown>)[] = [
    sanction('warn', roomId),
    sanction('mute', roomId),
    sanction('kick', roomId),
    sanction('ban', thread.id),
    sanction('mute', null),
    sanction('ban', null),
    (actor) => actor.call('liftSanction', { params: { sanctionId }, body: { reason: 'x' } }),
    (actor) => actor.call('decideAppeal', { params: { sanctionId }, body: { granted: true, note: 'x' } }),
    (actor) => actor.call('decideHeld', { params: { roomId, messageId: held.id }, body: { approve: true } }),
    (actor) =>
      actor.call('removeMessages', { params: { roomId, userId: member.id }, body: { since: 'day', reason: 'x' } }),
    (actor) => actor.call('deleteMessage', { params: { roomId, messageId: said.id } }),
    (actor) => actor.call('closeCase', { params: { caseId }, body: { outcome: 'action_taken', version } }),
    (actor) => actor.call('removeMember', { params: { roomId, userId: member.id } }),
    (actor) => actor.call('moderateRoom', { params: { roomId }, body: { slowMode: 5 } }),
    (actor) => actor.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } }),
    () => member.call('joinRoom', { params: { roomId } }),
    () => member.say(thread.id, 'still here'),
    () => other.call('react', { params: { roomId, messageId: said.id }, body: { emoji: '👍', on: true } }),
    () =>
      other.call('report', { body: { target: { type: 'user', userId: member.id }, category: 'spam', block: true } }),
  ];
  const tries = Array.from({ length: 57 }, (_, i) => {
    const actor = by[(i + Math.floor(i / acts.length)) % by.length] ?? owner;
    return outcome(acts[i % acts.length]?.(actor) ?? Promise.resolve());
  });
  const seen = new Set(await Promise.all(tries));
  for (const code of ['internal', 'unavailable', 'overloaded', 'bad_input']) expect(seen).not.toContain(code);
  const trail = await sql<{ arrived: number; entries: number; last: number }>(
    server,
    `SELECT (SELECT count(*) FROM safety.log_arrivals)::int AS arrived, count(*)::int AS entries, max(seq)::int AS last
     FROM safety.log`,
    [],
  );
  expect(trail).toEqual([{ arrived: 0, entries: trail[0]?.last, last: trail[0]?.entries }]);
});
