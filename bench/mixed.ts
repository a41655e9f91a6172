/**
 * How many people, doing what people do, are served well.
 *
 *     npm run bench -- mixed [--from 625] [--most 10000] [--every 5] [--seconds 10]
 *
 * Everyone is in four rooms of 50, and does something every 5 seconds on average: so many in a hundred times what `MIX`
 * says. Operations begin when they are due, whatever becomes of those before them, and time counts from when they were due to
 * the answer, or to the arrival at others. The number of people doubles until the p99 of all operations passes 200 ms, and
 * is then narrowed down twice.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, bodyDue, type Client, now, openClient, openClients } from './live/client.ts';
import { type Instance, makeInstance } from './live/instance.ts';
import { sendWhenDue, takeLatencies } from './live/open-loop.ts';
import { type Measured, pinLoad } from './live/process.ts';
import { percentile, printTable, round } from './live/stats.ts';

const MIX = { 'switch room': 25, 'scroll back': 20, send: 20, type: 15, read: 13, react: 5, reconnect: 2 };
type Operation = keyof typeof MIX;
const OPERATIONS = Object.keys(MIX) as Operation[];
/** OPERATIONS, each as often as it happens. */
const DRAWN = OPERATIONS.flatMap((operation) => Array.from({ length: MIX[operation] }, () => operation));

const ROOM = 50;
const ROOMS_EACH = 4;
const SEEDED = 60;
const BODY = 120;
const SAMPLED_EVERY = 20;
const BAR_MS = 200;
const PATIENCE_MS = 10_000;

/** A room as of its newest message. */
interface Room {
  roomId: string;
  messageId: string;
  n: number;
  rev: number;
}

interface Person {
  token: string;
  rooms: Room[];
  client: Client | undefined;
}

export async function mixed(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const most = number('most', 10_000);
  const load = { every: number('every', 5), seconds: number('seconds', 10) };
  const instance = await makeInstance(most);
  // PostgreSQL runs where there is room.
  await pinLoad();
  try {
    const people = await settle(instance, most);
    const server = await instance.start({ RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' });
    try {
      const steps: Step[] = [];
      const held = await search(number('from', 625), most, async (count) => {
        await gather(server, people, count);
        const step = await measure(server, people.slice(0, count), load);
        steps.push(step);
        console.log(`${count} people: p99 ${step.all.p99} ms, ${step['CPU %']} % CPU`);
        return step.all.p99 <= BAR_MS;
      });
      const best = steps.find(({ people: count }) => count === held);
      printTable(steps.map(({ people: count, all, ...rest }) => ({ people: count, ...all, 'CPU %': rest['CPU %'] })));
      if (best !== undefined) printTable(best.operations);
      console.log(`${held} people at a p99 under ${BAR_MS} ms`);
      return { ...load, mix: MIX, held, steps };
    } finally {
      for (const { client } of people) client?.wire.cut();
      await server.stop();
    }
  } finally {
    await instance.stop();
  }
}

/** The largest number that is served well: doubles, then halves the gap twice. */
async function search(from: number, most: number, isServed: (count: number) => Promise<boolean>): Promise<number> {
  let held = 0;
  let count = Math.min(from, most);
  while (await isServed(count)) {
    held = count;
    if (count === most) return held;
    count = Math.min(count * 2, most);
  }
  for (let i = 0; i < 2; i += 1) {
    const middle = Math.round((held + count) / 2);
    if (await isServed(middle)) held = middle;
    else count = middle;
  }
  return held;
}

/** Four layers of rooms, each shifted, so that one's rooms have different people. */
async function settle(instance: Instance, count: number): Promise<Person[]> {
  const people = (await instance.people()).map(({ token }): Person => ({ token, rooms: [], client: undefined }));
  for (let layer = 0; layer < ROOMS_EACH; layer += 1) {
    const shift = (layer * ROOM) / ROOMS_EACH;
    for (let from = shift; from < count; from += ROOM) {
      const members = people.slice(from, from + ROOM);
      const roomId = await instance.room(from, members.length);
      const room: Room = { roomId, messageId: '', n: 0, rev: members.length };
      for (const person of members) person.rooms.push(room);
    }
  }
  return people;
}

/** So many are there, and the rooms of all have something to scroll back to. */
async function gather(server: Measured, people: readonly Person[], count: number): Promise<void> {
  const [there, away] = [people.slice(0, count), people.slice(count)];
  for (const person of away) {
    person.client?.wire.cut();
    person.client = undefined;
  }
  const coming = there.filter(({ client }) => client === undefined);
  const clients = await openClients(coming.length, (i) => open(server, coming[i], i));
  for (const [i, person] of coming.entries()) person.client = clients[i];
  const empty = new Map(there.flatMap((one) => one.rooms.map((room) => [room, one] as const)));
  for (let i = 0; i < SEEDED; i += 1) {
    const lacking = [...empty].filter(([room]) => room.n < SEEDED);
    await Promise.all(lacking.map(async ([room, { client }]) => client && send(client, room, 'x'.repeat(BODY))));
  }
  takeLatencies(clientsOf(there));
}

function open(server: Measured, person: Person | undefined, i: number): Promise<Client> {
  return openClient(server.port, { kind: 'socket.io', token: person?.token }, i % SAMPLED_EVERY === 0);
}

function clientsOf(people: readonly Person[]): Client[] {
  return people.flatMap(({ client }) => client ?? []);
}

async function send(client: Client, room: Room, body: string): Promise<string> {
  const answer = await ask(client, 'message:send', { roomId: room.roomId, clientId: randomUUID(), body });
  const [, id] = /"data":\{"id":"([^"]+)"/.exec(answer) ?? [];
  const counter = (name: string) => Number(new RegExp(`"${name}":(\\d+)`).exec(answer)?.[1] ?? 0);
  if (id === undefined || counter('n') <= room.n) return answer;
  // What is reacted to is told of again: its body must not say when it was due.
  if (room.n < SEEDED) room.messageId = id;
  Object.assign(room, { n: counter('n'), rev: counter('rev') });
  return answer;
}

interface Step {
  people: number;
  all: { 'operations/s': number; p50: number; p99: number };
  operations: { operation: string; p50: number; p99: number; count: number }[];
  'CPU %': number;
}

async function measure(
  server: Measured,
  people: readonly Person[],
  { every, seconds }: { every: number; seconds: number },
): Promise<Step> {
  const took = new Map<Operation, number[]>(OPERATIONS.map((operation) => [operation, []]));
  const underWay = new Set<Promise<void>>();
  const begin = (due: number) => {
    const operation = pick(DRAWN);
    const person = anyoneThere(people);
    const done = perform(server, person, operation, due)
      .then((answer) => answer.startsWith('[{"ok":true'))
      .catch(() => false)
      // What fails counts as never answered.
      .then((isDone) => void took.get(operation)?.push(isDone ? now() - due : Infinity))
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const rate = people.length / every;
  // The first ones compile.
  await sendWhenDue(2, rate, begin);
  await Promise.race([Promise.all(underWay), delay(PATIENCE_MS)]);
  for (const times of took.values()) times.length = 0;
  takeLatencies(clientsOf(people));
  const cpu = server.cpuUs();
  const began = now();
  await sendWhenDue(seconds, rate, begin);
  const cpuShare = (server.cpuUs() - cpu) / 10 / (now() - began);
  await Promise.race([Promise.all(underWay), delay(PATIENCE_MS)]);
  const lost = Array.from({ length: underWay.size }, () => Infinity);
  const all = [...[...took.values()].flat(), ...lost];
  return {
    people: people.length,
    all: { 'operations/s': Math.round(rate), ...percentiles(all) },
    operations: [
      ...OPERATIONS.map((operation) => ({ operation, ...counted(took.get(operation) ?? []) })),
      { operation: '(arrival of a message)', ...counted(takeLatencies(clientsOf(people))) },
    ],
    'CPU %': round(cpuShare, 0),
  };
}

function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: round(percentile(sorted, 0.5), 1), p99: round(percentile(sorted, 0.99), 1) };
}

function counted(times: readonly number[]) {
  return { ...percentiles(times), count: times.length };
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

/** Who comes back just now does nothing else. */
function anyoneThere(people: readonly Person[]): Person {
  for (;;) {
    const person = pick(people);
    if (person.client !== undefined) return person;
  }
}

async function perform(server: Measured, person: Person, operation: Operation, due: number): Promise<string> {
  const client = person.client as Client;
  const room = pick(person.rooms);
  const { roomId, messageId, n } = room;
  switch (operation) {
    case 'switch room':
      return ask(client, 'room:join', { roomId });
    case 'scroll back':
      return ask(client, 'message:history', { roomId, before: 1 + Math.ceil(Math.random() * n) });
    case 'send':
      return send(client, room, bodyDue(due, BODY));
    case 'type':
      return ask(client, 'typing', { roomId });
    case 'read':
      return ask(client, 'room:read', { roomId, n });
    case 'react':
      return ask(client, 'message:react', { roomId, messageId, emoji: '👍', on: Math.random() < 0.5 });
    case 'reconnect': {
      person.client = undefined;
      client.wire.cut();
      person.client = await open(server, person, client.sampled ? 0 : 1);
      const rooms = person.rooms.map((held) => ({ roomId: held.roomId, rev: held.rev, mine: 0 }));
      return ask(person.client, 'sync', { rooms });
    }
  }
}
