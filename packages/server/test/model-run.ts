/** One run of the model test: fresh rooms, the people in them, and the ways they act upon the server. */
import {
  type ClientEventInput,
  type ClientEventName,
  type ErrorCode,
  type RouteName,
  type RouteOutput,
} from '@confab/protocol';
import type { Pool } from 'pg';
import type { Input } from '../src/cli/demo/api.ts';
import { type By, DEVICES } from './model-commands.ts';
import { Device } from './model-device.ts';
import { type ModelMessage, ModelRoom } from './model-state.ts';
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

export type Answer<T> = { outcome: 'ok'; value: T } | { outcome: ErrorCode };
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
    await Promise.all(stage.devices.map(async ([device]) => device?.open(group.room.id)));
    return new Run(stage, rooms);
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

  call<N extends RouteName>(by: By, name: N, input: Input<N>): Promise<Answer<RouteOutput<N>>> {
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

async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { outcome: 'ok', value: await asked };
  } catch (error) {
    if (error instanceof Refusal) return { outcome: error.body.code };
    throw error;
  }
}
