import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '@confab/protocol';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { eventually, newClient, until } from '../test/clients.ts';
import { startRelay, type Relay } from '../test/relay.ts';
import type { ConfabClient } from './index.ts';
import { fromSnapshot } from './reducer.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A relay that loses questions and answers, each time with the connection, and loses, doubles and swaps events. */
function unruly(mood: { calm: boolean }, random: () => number): Promise<Relay> {
  let late: (() => void) | undefined;
  return startRelay({
    target: server.url,
    keepsOrder: false,
    onStep: (step) =>
      !mood.calm && / (message:|room:|sync)/.test(step) && random() < 0.06
        ? Promise.reject(new Error('cut'))
        : Promise.resolve(),
    onEvent(pass) {
      const fate = mood.calm ? 0.5 : random();
      if (fate < 0.1) return;
      if (fate < 0.25 && !late) {
        late = pass;
        return;
      }
      pass();
      if (fate > 0.85) pass();
      late?.();
      late = undefined;
    },
  });
}

/** Retries what may be retried by hand: sending needs no such thing. */
async function surely(act: () => Promise<unknown>): Promise<void> {
  for (let done = false; !done;) {
    done = await act().then(
      () => true,
      (error: { retryable?: boolean }) => {
        if (error.retryable !== true) throw error;
        return false;
      },
    );
    if (!done) await new Promise((resolve) => setImmediate(resolve));
  }
}

test.each([1, 2, 3])(
  'through lost questions, answers and events, doubled and swapped ones, each message is stored and told once (seed %i)',
  async (seed) => {
    const random = randomOf(seed);
    const mood = { calm: true };
    const relays = await Promise.all([unruly(mood, random), unruly(mood, random)]);
    const people = await Promise.all(relays.map((relay) => newClient(relay.url)));
    const watcher = await newClient(server.url);
    const [ann, bob] = people;
    if (!ann || !bob) throw new Error('two people');
    try {
      const { id: roomId } = await watcher.client.createRoom({ name: 'Storm', memberIds: [ann.id, bob.id] });
      for (const { client } of people) await until(client, () => client.room(roomId).state !== null);
      await Promise.all(people.map(({ client }) => client.room(roomId).open()));
      mood.calm = false;
      const sent: Promise<Message>[] = [];
      for (let round = 0; round < 10; round += 1) {
        for (const { client } of people) {
          const room = client.room(roomId);
          const first = room.send(`${round}`);
          sent.push(first.done, room.sendPoll({ question: `${round}?`, options: ['yes', 'no'] }).done);
          const { id } = await first.done;
          await surely(() => room.react(id, '🍵', true));
          if (round % 3 === 0) await surely(() => room.edit(id, `${round} again`));
          if (round % 5 === 0) await surely(() => room.delete(id));
          room.markRead();
        }
      }
      const stored = await Promise.all(sent);
      expect(new Set(stored.map(({ n }) => n)).size).toBe(stored.length);
      mood.calm = true;
      await expectSame(
        roomId,
        people,
        watcher.client,
        stored.map(({ n }) => n),
      );
    } finally {
      for (const { client } of [...people, watcher]) client.disconnect();
      await Promise.all(relays.map((relay) => relay.close()));
    }
  },
);

async function expectSame(
  roomId: string,
  people: { client: ConfabClient; heard: Message[]; id: string }[],
  watcher: ConfabClient,
  stored: number[],
): Promise<void> {
  // What was lost last is found by the next change.
  await watcher.call('updateRoom', { params: { roomId }, body: { topic: 'the storm is over' } });
  const said = (await history(watcher, roomId)).filter(({ kind }) => kind !== 'system');
  expect(said.map(({ n }) => n)).toEqual(stored.toSorted((a, b) => a - b));
  for (const { client, heard, id } of people) {
    const room = client.room(roomId);
    // Read marks may still be on their way: only states of the same rev can be compared.
    await eventually(async () => {
      const fresh = fromSnapshot(await client.call('room', { params: { roomId } }), id);
      if (room.state?.rev !== fresh.rev || room.state.me.mine !== fresh.me.mine) return false;
      const { unread, mentions, members, me } = fresh;
      expect(room.state).toMatchObject({ room: fresh.room, me, unread, mentions, members });
      expect(room.state.messages.slice(-50)).toEqual(fresh.messages);
      return room.pending.length === 0;
    });
    // A message deleted before it was told of need not be told of.
    const alive = said.filter((message) => message.deletedAt === null);
    await eventually(() => alive.every(({ n }) => heard.some((message) => message.n === n)));
    const told = heard.map(({ n }) => n);
    expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
  }
}

async function history(client: ConfabClient, roomId: string): Promise<Message[]> {
  const all: Message[] = [];
  for (let hasMore = true; hasMore;) {
    const query = { after: String(all.at(-1)?.n ?? 0) };
    const page = await client.call('messages', { params: { roomId }, query });
    all.push(...page.messages);
    hasMore = page.hasMoreAfter;
  }
  return all;
}
