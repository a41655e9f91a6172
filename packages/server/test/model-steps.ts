/** What each command of the model test does to the server, what it must be answered, and what it does to the model. */
import { LIMITS, type MemberRole, type Message } from '@confab/protocol';
import { expect } from 'vitest';
import type { Command } from './model-commands.ts';
import type { Answer, Run } from './model-run.ts';
import {
  type Expected,
  isModerator,
  mayDecide,
  maySetHold,
  mayAdd,
  mayDelete,
  mayEdit,
  mayPromote,
  mayRemove,
  type ModelMessage,
  ModelRoom,
} from './model-state.ts';

/** @throws when the answer is another than the model's */
export async function step(run: Run, command: Command): Promise<void> {
  await STEPS[command.do](run, command as never);
}

// What was answered, if that is what was to be expected.
function check<T>(answer: Answer<T>, ...expected: Expected[]): T | undefined {
  expect(expected, JSON.stringify(answer)).toContain(answer.outcome);
  return answer.outcome === 'ok' ? (answer as { value: T }).value : undefined;
}

function refused(answer: Answer<unknown>, expected: Expected): void {
  check(answer, expected);
}

type Of<D extends Command['do']> = Extract<Command, { do: D }>;
const STEPS: { [D in Command['do']]: (run: Run, command: Of<D>) => Promise<void> } = {
  async send(run, { by, room: index, mention, whom, reply }) {
    const room = run.room(index);
    const name = mention === 'person' ? run.person(whom).signedIn.user.username : mention;
    const clientId = run.nextId();
    const replied = reply === null ? undefined : room.at(reply);
    const sent = {
      body: mention === 'nobody' ? clientId : `${clientId} @${name}`,
      replyTo: replied?.id ?? null,
    };
    const answer = await run.act(by, 'message:send', room.id, null, { clientId, ...sent });
    const expected = maySend(run, room, by.person, replied);
    const message = check(answer, expected);
    if (message) recordSaid(room, by.person, sent, message);
  },

  async retry(run, { by, room: index, message: back, other }) {
    const room = run.room(index);
    const message = room.messages.filter(({ sender }) => sender === by.person).at(-1 - back);
    if (message === undefined) return;
    const { clientId, sent } = message;
    const body = other ? `${sent.body} or not` : sent.body;
    const answer = await run.act(by, 'message:send', room.id, null, { clientId, body, replyTo: sent.replyTo });
    if (room.roleOf(by.person) === undefined) return refused(answer, 'not_found');
    // Erased with the body: then there is nothing left to compare with.
    if (other && !message.deleted) return refused(answer, 'client_id_reused');
    const again = check(answer, 'ok');
    expect(again).toMatchObject({ id: message.id, n: message.n, body: message.body });
  },

  async burst(run, { room: index, count }) {
    const room = run.room(index);
    if (run.isBlocked(room) || room.isGone) return;
    const senders = [...room.governing.members.keys()];
    // More could be too many to wait.
    if (room.held.length + count > LIMITS.heldPerMember) return;
    const readers = readAsTold(run, room, senders[0] ?? 0);
    await Promise.all(
      Array.from({ length: senders.length === 0 ? 0 : count }, async (_, i) => {
        const by = { person: senders[i % senders.length] ?? 0, device: i, rest: i % 4 === 3 };
        const clientId = run.nextId();
        const sent = { body: clientId, replyTo: null };
        const once = () => run.act(by, 'message:send', room.id, null, { clientId, ...sent });
        // Some are tried twice at once, as after a lost answer.
        const answers = await Promise.all(i % 3 === 0 ? [once(), once()] : [once()]);
        const [message, again] = answers.map((answer) => check(answer, 'ok'));
        if (message) recordSaid(room, by.person, sent, message);
        if (again) expect(again).toEqual(message);
      }),
    );
    await readers();
  },

  async edit(run, { by, room: index, message: back, mention }) {
    const room = run.room(index);
    const message = room.at(back);
    if (message === undefined) return;
    const next = run.nextId();
    const body = mention ? `${next} @${run.person(0).signedIn.user.username} @room` : next;
    const answer = await run.act(by, 'message:edit', room.id, message.id, { body });
    if (check(answer, mayEdit(room, by.person, message))) message.body = body;
  },

  async delete(run, { by, room: index, message: back }) {
    const room = run.room(index);
    const message = room.at(back);
    if (message === undefined) return;
    const answer = await run.act(by, 'message:delete', room.id, message.id, {});
    if (!check(answer, mayDelete(room, by.person, message))) return;
    message.deleted = true;
    message.body = '';
    message.reactions.clear();
  },

  async react(run, { by, room: index, message: back, emoji, on }) {
    const room = run.room(index);
    const message = room.at(back);
    if (message === undefined) return;
    const answer = await run.act(by, 'message:react', room.id, message.id, { emoji, on });
    if (room.roleOf(by.person) === undefined) return refused(answer, 'not_found');
    if (message.deleted) return refused(answer, 'message_deleted');
    if (!check(answer, run.isHiddenFrom(by.person, room, message) ? 'blocked' : 'ok')) return;
    const people = message.reactions.get(emoji) ?? new Set();
    if (on) people.add(by.person);
    else people.delete(by.person);
    if (people.size > 0) message.reactions.set(emoji, people);
    else message.reactions.delete(emoji);
  },

  async star(run, { by, room: index, message: back, on }) {
    const room = run.room(index);
    const message = room.at(back);
    if (message === undefined || message.deleted) return;
    const params = { roomId: room.id, messageId: message.id };
    const answer = await run.call(by, 'star', { params, body: { on } });
    const refused = on && run.isHiddenFrom(by.person, room, message) ? 'blocked' : 'ok';
    if (!check(answer, room.has(by.person) ? refused : 'not_found')) return;
    const stars = room.stars.get(by.person) ?? new Set();
    if (on) stars.add(message.id);
    else stars.delete(message.id);
    room.stars.set(by.person, stars);
  },

  async read(run, { by, room: index, back }) {
    const room = run.room(index);
    const n = Math.max(0, (room.at(0)?.n ?? 0) - back);
    const answer = await run.act(by, 'room:read', room.id, null, { n });
    const mark = check(answer, room.has(by.person) ? 'ok' : 'not_found');
    if (!mark) return;
    expect(mark.lastReadN).toBeGreaterThanOrEqual(Math.max(n, room.marks.get(by.person) ?? 0));
    room.marks.set(by.person, mark.lastReadN);
  },

  async mark(run, { by, room: index, unread }) {
    const room = run.room(index);
    const body = { markedUnread: unread, favourite: !unread };
    const answer = await run.call(by, 'updateMe', { params: { roomId: room.id }, body });
    const me = check(answer, room.has(by.person) ? 'ok' : 'not_found');
    if (me) expect(me).toMatchObject(body);
  },

  async add(run, { by, room: index, whom }) {
    const room = run.room(index);
    const body = { userIds: [run.person(whom).id] };
    const answer = await run.call(by, 'addMembers', { params: { roomId: room.id }, body });
    // Nobody is brought into a room by someone they block. A room one is not in does not exist.
    const isThere = !room.isGone && room.roleOf(by.person) !== undefined;
    const isBlocked = isThere && run.blocks[whom]?.has(by.person) === true;
    const added = check(answer, isBlocked ? 'blocked' : mayAdd(room, by.person));
    if (!added) return;
    expect(added.members).toHaveLength(room.members.has(whom) ? 0 : 1);
    if (!room.members.has(whom)) room.members.set(whom, 'member');
  },

  async join(run, { by, room: index }) {
    const room = run.room(index);
    if (room.kind === 'group' || room.kind === 'direct') return;
    const answer = await run.call(by, 'joinRoom', { params: { roomId: room.id } });
    const open = !room.isGone && (room.kind === 'public' || room.roleOf(by.person) !== undefined);
    if (!check(answer, open ? 'ok' : 'not_found') || room.members.has(by.person)) return;
    // Who comes into a room that everyone has left owns it.
    const inherits = room.kind === 'public' && room.members.size === 0;
    room.members.set(by.person, inherits ? 'owner' : 'member');
  },

  async remove(run, { by, room: index, whom }) {
    const room = run.room(index);
    const params = { roomId: room.id, userId: run.person(whom).id };
    const answer = await run.call(by, 'removeMember', { params });
    const expected = mayRemove(room, by.person, whom);
    check(answer, expected);
    if (expected !== 'ok') return;
    const wasOwner = room.members.get(whom) === 'owner';
    room.leave(whom, run.rooms);
    const [first] = room.members.keys();
    if (wasOwner && first !== undefined) await learnRoles(run, room, first);
  },

  async promote(run, { by, room: index, whom, role }) {
    const room = run.room(index);
    const params = { roomId: room.id, userId: run.person(whom).id };
    const answer = await run.call(by, 'updateMember', { params, body: { role } });
    if (check(answer, mayPromote(room, by.person, whom, role))) room.members.set(whom, role);
  },

  async thread(run, { by, room: index, message: back }) {
    const room = run.room(index);
    const message = room.at(back);
    if (message === undefined || room.kind === 'thread') return;
    const params = { roomId: room.id, messageId: message.id };
    const answer = await run.call(by, 'openThread', { params });
    if (room.roleOf(by.person) === undefined) return refused(answer, 'not_found');
    const expected: Expected[] = run.isBlocked(room) ? ['ok', 'blocked'] : ['ok'];
    const snapshot = check(answer, ...(message.deleted ? (['ok', 'message_deleted'] as const) : expected));
    if (!snapshot) return;
    const known = run.rooms.find(({ id }) => id === snapshot.room.id);
    const followers = (snapshot.members ?? []).map(
      ({ userId, role }) => [run.stage.people.findIndex(({ id }) => id === userId), role] as const,
    );
    expect(followers.map(([person]) => person)).toContain(by.person);
    if (known === undefined) run.rooms.push(new ModelRoom(snapshot.room.id, 'thread', followers, room));
    else known.members.set(by.person, known.members.get(by.person) ?? 'member');
  },

  async hold(run, { by, room: index, on }) {
    const room = run.room(index);
    const body = { hold: on ? ['all' as const] : [] };
    const answer = await run.call(by, 'moderateRoom', { params: { roomId: room.id }, body });
    if (check(answer, maySetHold(room, by.person))) room.holds = on;
  },

  async decide(run, { by, room: index, message, approve }) {
    const room = run.room(index);
    const held = room.held[message % Math.max(1, room.held.length)];
    if (held === undefined) return;
    const params = { roomId: room.id, messageId: held.id };
    const body = approve ? { approve } : { approve, reason: 'No' };
    const decided = check(await run.call(by, 'decideHeld', { params, body }), mayDecide(room, by.person, held));
    if (decided === undefined) return;
    room.held.splice(room.held.indexOf(held), 1);
    expect(decided).toMatchObject({ id: held.id, clientId: held.clientId, body: held.sent.body });
    if (!approve) return;
    const { stopped, ...said } = held;
    room.messages.push({ ...said, n: decided.n, body: decided.body, deleted: false, reactions: new Map() });
    if (!stopped) room.follow(held.sender);
  },

  async takeBack(run, { by, room: index }) {
    const room = run.room(index);
    const [held] = room.heldOf(by.person);
    if (held === undefined) return;
    const answer = await run.call(by, 'dropHeld', { params: { roomId: room.id, messageId: held.id } });
    if (room.isGone) return refused(answer, 'not_found');
    check(answer, 'ok');
    room.held.splice(room.held.indexOf(held), 1);
  },

  async block(run, { by, whom, on }) {
    if (by.person === whom) return;
    check(await run.block(by, whom, on), 'ok');
  },

  async end(run, { by, room: index }) {
    const room = run.room(index);
    const answer = await run.call(by, 'deleteRoom', { params: { roomId: room.id } });
    if (room.roleOf(by.person) === undefined) return refused(answer, 'not_found');
    const isOwner = room.kind !== 'thread' && room.members.get(by.person) === 'owner';
    check(answer, isOwner ? 'ok' : 'forbidden');
    if (isOwner) room.ended = true;
  },

  async open(run, { by, room: index }) {
    const device = run.device(by);
    if (device.connection) await device.open(run.room(index).id);
  },

  async hear(run, { by, fates }) {
    const device = run.device(by);
    if (device.connection) await device.hear(fates);
  },

  async drop(run, { by }) {
    run.device(by).drop();
  },

  async resume(run, { by, node }) {
    const { urls } = run.stage;
    const device = run.device(by);
    device.drop();
    await device.resume(urls[node % urls.length] ?? urls[0]);
  },
};

function maySend(run: Run, room: ModelRoom, person: number, replied: ModelMessage | undefined): Expected {
  if (room.roleOf(person) === undefined) return 'not_found';
  if (run.isBlocked(room)) return 'blocked';
  if (replied?.deleted === true) return 'not_found';
  return room.waits(person) && room.heldOf(person).length >= LIMITS.heldPerMember ? 'limit_reached' : 'ok';
}

function recordSaid(room: ModelRoom, sender: number, sent: ModelMessage['sent'], message: Message): void {
  expect(message.status).toBe(room.waits(sender) ? 'pending' : undefined);
  if (message.status === undefined) return recordSent(room, sender, sent, message);
  room.held.push({ id: message.id, sender, clientId: message.clientId, sent, stopped: false });
}

function recordSent(room: ModelRoom, sender: number, sent: ModelMessage['sent'], message: Message): void {
  const { id, n, clientId, body } = message;
  expect(body).toBe(sent.body);
  room.messages.push({ id, n, sender, clientId, sent, body, deleted: false, reactions: new Map() });
  room.follow(sender);
}

// Whoever is told of a message can read it at once. Answers the way to stop, which resolves once all was read.
function readAsTold(run: Run, room: ModelRoom, person: number): () => Promise<void> {
  const by = { person, device: 0, rest: true };
  const { connection } = run.device(by);
  if (connection === null || !room.has(person)) return () => Promise.resolve();
  const reads: Promise<Answer<unknown>>[] = [];
  const read = ({ roomId, message }: { roomId: string; message: Message }) => {
    if (roomId === room.id) reads.push(run.call(by, 'message', { params: { roomId, messageId: message.id } }));
  };
  connection.socket.on('message', read);
  return async () => {
    await connection.ask('heartbeat', {});
    connection.socket.off('message', read);
    for (const answer of await Promise.all(reads)) check(answer, 'ok');
  };
}

// Who inherits a room depends on when they joined, to the millisecond: the model takes it as it is.
async function learnRoles(run: Run, room: ModelRoom, asker: number): Promise<void> {
  const { members } = await run.person(asker).call('members', { params: { roomId: room.id }, query: {} });
  const roles = new Map<number, MemberRole>(
    members.map((member) => [run.stage.people.findIndex(({ id }) => id === member.userId), member.role]),
  );
  expect(new Set(roles.keys())).toEqual(new Set(room.members.keys()));
  if (room.kind !== 'thread') expect([...roles.values()]).toContain('owner');
  const above = [...room.members].filter(([, role]) => isModerator(role));
  if (above.length > 0 && room.kind !== 'thread') {
    const heirs = [...roles].filter(([, role]) => role === 'owner').map(([person]) => person);
    expect(above.map(([person]) => person)).toEqual(expect.arrayContaining(heirs));
  }
  for (const [person, role] of roles) room.members.set(person, role);
}
