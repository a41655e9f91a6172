/** One run of the model test: fresh rooms, commands against server and model, and the invariants at its end. */
import {
  type ClientEventInput,
  type ClientEventName,
  type ErrorCode,
  type MemberRole,
  type Message,
  type RouteInput,
  type RouteName,
  type RouteOutput,
} from '@confab/protocol';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import { type By, type Command, DEVICES } from './model-commands.ts';
import { Device } from './model-device.ts';
import {
  type Expected,
  isModerator,
  mayAdd,
  mayDelete,
  mayEdit,
  mayPromote,
  mayRemove,
  type ModelMessage,
  ModelRoom,
} from './model-state.ts';
import { verify } from './model-verify.ts';
import { call, type Connected, type Person, Refusal } from './person.ts';

/** People, devices and connections that serve many runs, one after the other. */
export interface Stage {
  urls: readonly [string, ...string[]];
  pool: Pool;
  people: readonly Person[];
  devices: readonly (readonly Device[])[];
  /** Of each person a connection to each node, where there are several. */
  watches: readonly (readonly Connected[])[];
}

export async function createStage(
  urls: readonly [string, ...string[]],
  pool: Pool,
  person: () => Promise<Person>,
): Promise<Stage> {
  const people = await Promise.all(DEVICES.map(() => person()));
  const devices = people.map((who, i) => Array.from({ length: DEVICES[i] ?? 1 }, () => new Device(who)));
  const nodes = urls.length > 1 ? urls : [];
  const watches = await Promise.all(people.map((who) => Promise.all(nodes.map((url) => who.connect(url)))));
  return { urls, pool, people, devices, watches };
}

/** Runs the commands on rooms of their own and checks every invariant. @throws what is not as it should be */
export async function run(stage: Stage, commands: readonly Command[]): Promise<void> {
  const one = await Run.start(stage);
  try {
    for (const command of commands) await one.step(command);
    await verify(one);
  } finally {
    await one.end();
  }
}

type Answer<T> = { outcome: 'ok'; value: T } | { outcome: ErrorCode };
/** An event of the socket and the route that does the same. */
const SAME = {
  'message:send': 'sendMessage',
  'message:edit': 'editMessage',
  'message:delete': 'deleteMessage',
  'message:react': 'react',
  'room:read': 'markRead',
} as const satisfies Partial<Record<ClientEventName, RouteName>>;

export class Run {
  readonly stage: Stage;
  readonly rooms: ModelRoom[];
  /** Whom each blocks. */
  readonly blocks = DEVICES.map(() => new Set<number>());
  #counter = 0;

  private constructor(stage: Stage, rooms: ModelRoom[]) {
    this.stage = stage;
    this.rooms = rooms;
  }

  static async start(stage: Stage): Promise<Run> {
    const [a, b] = stage.people;
    const ids = stage.people.map(({ id }) => id);
    if (a === undefined || b === undefined) throw new Error('a run takes two people');
    const [group, open, direct] = await Promise.all([
      a.call('createRoom', { body: { name: 'Group', memberIds: ids.slice(1, 3) } }),
      b.call('createRoom', { body: { name: 'Public', kind: 'public', memberIds: ids.slice(0, 1) } }),
      a.call('directRoom', { body: { userId: b.id } }),
    ]);
    const rooms = [
      new ModelRoom(group.room.id, 'group', [
        [0, 'owner'],
        [1, 'member'],
        [2, 'member'],
      ]),
      new ModelRoom(open.room.id, 'public', [
        [1, 'owner'],
        [0, 'member'],
      ]),
      new ModelRoom(direct.room.id, 'direct', [
        [0, 'member'],
        [1, 'member'],
      ]),
    ];
    await Promise.all(
      stage.devices.flat().map(async (device) => {
        device.forget();
        await device.resume(stage.urls[0]);
      }),
    );
    // The first device of each person has the group open, the others only their chat list.
    await Promise.all(stage.devices.map(([device]) => device?.open(group.room.id)));
    return new Run(stage, rooms);
  }

  async step(command: Command): Promise<void> {
    await COMMANDS[command.do](this, command as never);
  }

  /** Leaves nothing behind that a later run could see. */
  async end(): Promise<void> {
    for (const [person, blocked] of this.blocks.entries()) {
      for (const other of blocked) await this.block({ person, device: 0, rest: true }, other, false);
    }
    // The direct room of two people would be the same one again.
    await this.stage.pool.query('DELETE FROM chat.rooms WHERE room_id = ANY($1) OR parent_room_id = ANY($1)', [
      this.rooms.map((room) => room.id),
    ]);
  }

  person(index: number): Person {
    const person = this.stage.people[index];
    if (person === undefined) throw new Error('nobody');
    return person;
  }

  device({ person, device }: By): Device {
    const devices = this.stage.devices[person] ?? [];
    const chosen = devices[device % devices.length];
    if (chosen === undefined) throw new Error('no device');
    return chosen;
  }

  /** Room 0 is the newest. */
  room(index: number): ModelRoom {
    const room = this.rooms.at(-1 - (index % this.rooms.length));
    if (room === undefined) throw new Error('no room');
    return room;
  }

  nextId(): string {
    this.#counter += 1;
    return `client-${this.#counter}`;
  }

  /** Over the socket where the device has one, unless it is to go over HTTP. */
  async act<E extends keyof typeof SAME>(
    by: By,
    event: E,
    roomId: string,
    messageId: string | null,
    body: object,
  ): Promise<Answer<RouteOutput<(typeof SAME)[E]>>> {
    const { connection } = this.device(by);
    const params = { roomId, ...(messageId === null ? {} : { messageId }) };
    if (connection === null || by.rest) {
      return this.call(by, SAME[event], { params, body } as never) as never;
    }
    return answerOf(connection.ask(event, { ...params, ...body } as ClientEventInput<E>)) as never;
  }

  call<N extends RouteName>(by: By, name: N, input: CallInput<N>): Promise<Answer<RouteOutput<N>>> {
    const { urls } = this.stage;
    const url = urls[by.device % urls.length] ?? urls[0];
    return answerOf(call(url, this.person(by.person).signedIn.accessToken, name, input as never));
  }

  /** Once it is answered every node knows: their caches may be late, but not wrong for good. */
  async block(by: By, whom: number, on: boolean): Promise<Answer<void>> {
    const userId = this.person(whom).id;
    const blocked = this.blocks[by.person] ?? new Set();
    const watches = blocked.has(whom) === on ? [] : (this.stage.watches[by.person] ?? []);
    for (const { events } of watches) events.length = 0;
    const answer = await (on
      ? this.call(by, 'block', { body: { userId } })
      : this.call(by, 'unblock', { params: { userId } }));
    // A node hears of caches that are out of date before it hears this.
    await Promise.all(watches.map((watch) => watch.until(({ event }) => event === 'blocks')));
    if (on) blocked.add(whom);
    else blocked.delete(whom);
    return answer;
  }

  /** Whether either of the two people of a direct room blocks the other. */
  isBlocked({ governing }: ModelRoom): boolean {
    if (governing.kind !== 'direct') return false;
    return this.blocks[0]?.has(1) === true || this.blocks[1]?.has(0) === true;
  }

  /** Nobody acts on what they are not shown; in a direct room a block holds both ways. */
  isHiddenFrom(person: number, room: ModelRoom, { sender }: ModelMessage): boolean {
    if (sender === person) return false;
    return room.governing.kind === 'direct' ? this.isBlocked(room) : this.blocks[person]?.has(sender) === true;
  }
}

type CallInput<N extends RouteName> = {
  [K in keyof RouteInput<N> as RouteInput<N>[K] extends undefined ? never : K]: RouteInput<N>[K];
};

async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { outcome: 'ok', value: await asked };
  } catch (error) {
    if (error instanceof Refusal) return { outcome: error.body.code };
    throw error;
  }
}

// What was answered, if that is what was to be expected.
function check<T>(answer: Answer<T>, ...expected: Expected[]): T | undefined {
  expect(expected, JSON.stringify(answer)).toContain(answer.outcome);
  return answer.outcome === 'ok' ? (answer as { value: T }).value : undefined;
}

type Of<D extends Command['do']> = Extract<Command, { do: D }>;
const COMMANDS: { [D in Command['do']]: (run: Run, command: Of<D>) => Promise<void> } = {
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
    if (message) recordSent(room, by.person, sent, message);
  },

  async retry(run, { by, room: index, message: back, other }) {
    const room = run.room(index);
    const message = room.messages.filter(({ sender }) => sender === by.person).at(-1 - back);
    if (message === undefined) return;
    const { clientId, sent } = message;
    const body = other ? `${sent.body} or not` : sent.body;
    const answer = await run.act(by, 'message:send', room.id, null, { clientId, body, replyTo: sent.replyTo });
    if (room.roleOf(by.person) === undefined) return void check(answer, 'not_found');
    // Erased with the body: then there is nothing left to compare with.
    if (other && !message.deleted) return void check(answer, 'client_id_reused');
    const again = check(answer, 'ok');
    expect(again).toMatchObject({ id: message.id, n: message.n, body: message.body });
  },

  async burst(run, { room: index, count }) {
    const room = run.room(index);
    if (run.isBlocked(room) || room.isGone) return;
    const senders = [...room.governing.members.keys()];
    await Promise.all(
      Array.from({ length: senders.length === 0 ? 0 : count }, async (_, i) => {
        const by = { person: senders[i % senders.length] ?? 0, device: i, rest: i % 4 === 3 };
        const clientId = run.nextId();
        const sent = { body: clientId, replyTo: null };
        const once = () => run.act(by, 'message:send', room.id, null, { clientId, ...sent });
        // Some are tried twice at once, as after a lost answer.
        const answers = await Promise.all(i % 3 === 0 ? [once(), once()] : [once()]);
        const [message, again] = answers.map((answer) => check(answer, 'ok'));
        if (message) recordSent(room, by.person, sent, message);
        if (again) expect(again).toEqual(message);
      }),
    );
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
    if (room.roleOf(by.person) === undefined) return void check(answer, 'not_found');
    if (message.deleted) return void check(answer, 'message_deleted');
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
    const added = check(answer, mayAdd(room, by.person));
    if (!added) return;
    expect(added.members).toHaveLength(room.members.has(whom) ? 0 : 1);
    if (!room.members.has(whom)) room.members.set(whom, 'member');
  },

  async join(run, { by, room: index }) {
    const room = run.room(index);
    if (room.kind === 'group' || room.kind === 'direct') return;
    const answer = await run.call(by, 'joinRoom', { params: { roomId: room.id } });
    const open = !room.isGone && (room.kind === 'public' || room.roleOf(by.person) !== undefined);
    if (check(answer, open ? 'ok' : 'not_found') && !room.members.has(by.person)) room.members.set(by.person, 'member');
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
    if (room.roleOf(by.person) === undefined) return void check(answer, 'not_found');
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

  async block(run, { by, whom, on }) {
    if (by.person === whom) return;
    check(await run.block(by, whom, on), 'ok');
  },

  async end(run, { by, room: index }) {
    const room = run.room(index);
    const answer = await run.call(by, 'deleteRoom', { params: { roomId: room.id } });
    if (!room.has(by.person)) return void check(answer, 'not_found');
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
  return replied?.deleted === true ? 'not_found' : 'ok';
}

function recordSent(room: ModelRoom, sender: number, sent: ModelMessage['sent'], message: Message): void {
  const { id, n, clientId, body } = message;
  expect(body).toBe(sent.body);
  room.messages.push({ id, n, sender, clientId, sent, body, deleted: false, reactions: new Map() });
  // Whoever says something in a thread follows it.
  if (room.kind === 'thread' && !room.members.has(sender)) room.members.set(sender, 'member');
}

// Who inherits a room depends on when they joined, to the millisecond: the model takes it as it is.
async function learnRoles(run: Run, room: ModelRoom, asker: number): Promise<void> {
  const { members } = await run.person(asker).call('members', { params: { roomId: room.id }, query: {} });
  const roles = new Map<number, MemberRole>(
    members.map((member) => [run.stage.people.findIndex(({ id }) => id === member.userId), member.role]),
  );
  expect([...roles.keys()].toSorted()).toEqual([...room.members.keys()].toSorted());
  if (room.kind !== 'thread') expect([...roles.values()]).toContain('owner');
  const above = [...room.members].filter(([, role]) => isModerator(role));
  if (above.length > 0 && room.kind !== 'thread') {
    const heirs = [...roles].filter(([, role]) => role === 'owner').map(([person]) => person);
    expect(above.map(([person]) => person)).toEqual(expect.arrayContaining(heirs));
  }
  for (const [person, role] of roles) room.members.set(person, role);
}
