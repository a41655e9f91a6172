/** Many clients that are cut at once and come back at once, as after a deployment or a network's failure. */
import { randomUUID } from 'node:crypto';
import type { ClientEventOutput } from '@confab/protocol';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { FakeClock } from '../src/platform/clock.ts';
import type { Connected, Person } from './person.ts';
import { startServer } from './server.ts';

const ROOMS = 3;
const CLIENTS = 60;
const MISSED = 5;

afterEach(() => {
  vi.restoreAllMocks();
});

test('all who come back at once learn what they missed, at a few database statements for all', async () => {
  // Time stands still: nothing asks the database but those who come back.
  const server = await startServer({}, { clock: new FakeClock() });
  try {
    const people = await Promise.all(Array.from({ length: CLIENTS + ROOMS }, () => server.person()));
    const owners = people.slice(0, ROOMS);
    const members = people.slice(ROOMS);
    const roomIds = await Promise.all(
      owners.map(async (owner, i) => {
        const memberIds = members.filter((_, j) => j % ROOMS === i).map(({ id }) => id);
        return (await owner.call('createRoom', { body: { name: 'Gardeners', kind: 'group', memberIds } })).room.id;
      }),
    );
    const stay = await Promise.all(owners.map((owner) => owner.connect()));
    const cut = await Promise.all(members.map((member) => comeBack(member, [])));
    const held = cut.map(({ answer }) =>
      answer.added.map(({ room, me }) => ({ roomId: room.id, rev: room.rev, mine: me.mine })),
    );
    for (const { connection } of cut) connection.socket.disconnect();
    const said = await Promise.all(
      stay.map(async (connection, i) => {
        const roomId = roomIds[i] ?? '';
        const bodies: string[] = [];
        for (let n = 1; n <= MISSED; n += 1) {
          const body = `message ${n} of room ${i}`;
          await connection.ask('message:send', { roomId, clientId: randomUUID(), body });
          bodies.push(body);
        }
        return bodies;
      }),
    );

    const database = holdDatabase();
    const waiting = await Promise.all(members.map((member, j) => ask(member, held[j] ?? [])));
    database.goOn();
    const back = await Promise.all(waiting.map(({ answered }) => answered));
    expect(back.map(({ answer }) => learnt(answer))).toEqual(members.map((_, j) => said[j % ROOMS]));
    expect(database.statements()).toBeGreaterThan(0);
    expect(database.statements()).toBeLessThan(CLIENTS / 4);

    // They are where they were: what is said from here on reaches them.
    await Promise.all(owners.map((owner, i) => owner.say(roomIds[i] ?? '', 'welcome back')));
    await Promise.all(back.map(({ connection }) => connection.until(({ event }) => event === 'message')));
  } finally {
    await server.stop();
  }
});

type Held = { roomId: string; rev: number; mine: number }[];

interface Back {
  connection: Connected;
  answer: ClientEventOutput<'sync'>;
}

async function comeBack(person: Person, rooms: Held): Promise<Back> {
  return (await ask(person, rooms)).answered;
}

/** Connects, and asks for what is missing. Resolves once the server has taken the question. */
async function ask(person: Person, rooms: Held): Promise<{ answered: Promise<Back> }> {
  const connection = await person.connect();
  const answered = connection.ask('sync', { rooms }).then((answer) => ({ connection, answer }));
  // Refused as it comes, and events are taken in order.
  await connection.socket.timeout(20_000).emitWithAck('nope' as 'heartbeat', {});
  return { answered };
}

/** The database answers nothing until it may go on, as one that many others ask. Counts what it is asked. */
function holdDatabase(): { goOn(): void; statements(): number } {
  const free = Promise.withResolvers<void>();
  let statements = 0;
  const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...args: unknown[]) => unknown;
  const held = function (this: pg.Client, ...args: unknown[]): unknown {
    statements += 1;
    return free.promise.then(() => query.apply(this, args));
  };
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(held);
  return { goOn: free.resolve, statements: () => statements };
}

/** Bodies of the messages, in order. */
function learnt({ replayed, changed }: ClientEventOutput<'sync'>): unknown[] {
  return [
    ...replayed.flatMap(({ events }) => events.flatMap((e) => (e.event === 'message' ? [e.payload.message.body] : []))),
    ...changed.flatMap(({ messages }) => messages.map(({ body }) => body)),
  ];
}
