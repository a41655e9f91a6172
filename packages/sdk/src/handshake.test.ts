/** Something happens at one step of a client's way to a room: nothing of it may be missing afterwards, or be told twice. */
import { randomUUID } from 'node:crypto';
import type { Message, RoomSnapshot } from '@confab/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connected, Person } from '../../server/test/person.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { eventually, newClient, PASSWORD, until } from '../test/clients.ts';
import { startRelay } from '../test/relay.ts';
import { ConfabClient, type LiveRoom } from './index.ts';
import { fromSnapshot } from './reducer.ts';

let server: TestServer;
/** On a device of hers that is always there. */
let ann: { id: string; email: string; client: ConfabClient };
let bob: Person;
let bobs: Connected;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

// Others in each test: the more rooms someone is in, the more each of their connections begins with.
beforeEach(async () => {
  [ann, bob] = await Promise.all([newClient(server.url), server.person('bob')]);
  bobs = await bob.connect();
});
afterEach(() => ann.client.disconnect());

/** More than one page of a sync lists. */
const MANY = 210;
/** Of those one connection sends, so as not to be refused for asking too much before it is answered. */
const AT_ONCE = 50;

/** A room of both, with a few messages. */
async function newRoom(): Promise<{ roomId: string; messages: Message[] }> {
  const { room } = await bob.call('createRoom', { body: { name: 'Tea', memberIds: [ann.id] } });
  const messages = await say(room.id, 3);
  return { roomId: room.id, messages };
}

async function say(roomId: string, count: number): Promise<Message[]> {
  const send = () => bobs.ask('message:send', { roomId, clientId: randomUUID(), body: randomUUID() });
  const said: Message[] = [];
  while (said.length < count) {
    said.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - said.length) }, send))));
  }
  return said;
}

interface Visit {
  client: ConfabClient;
  room: LiveRoom;
  heard: Message[];
  /** Carries out `act`, and `meanwhile` before the given step of it is taken: `ask sync 2` is the second of its kind. */
  during(step: string, meanwhile: () => Promise<void>, act: () => Promise<void>): Promise<void>;
}

/** Ann on a device of hers, behind a relay. */
async function visit(
  roomId: string,
  { keepsOrder }: { keepsOrder: boolean },
  run: (visit: Visit) => Promise<void>,
): Promise<void> {
  let onStep = (_step: string): Promise<void> => Promise.resolve();
  const relay = await startRelay({ target: server.url, keepsOrder, onStep: (step) => onStep(step) });
  const client = new ConfabClient({ url: relay.url, random: () => 0.02 });
  const heard: Message[] = [];
  client.on('message', (message) => heard.push(message));
  try {
    await client.signIn({ email: ann.email, password: PASSWORD });
    await run({
      client,
      room: client.room(roomId),
      heard,
      async during(stopAt, meanwhile, act) {
        const counts = new Map<string, number>();
        let reached = false;
        onStep = async (step) => {
          const count = (counts.get(step) ?? 0) + 1;
          counts.set(step, count);
          if (`${step} ${count}` !== stopAt) return;
          reached = true;
          await meanwhile();
        };
        await act();
        onStep = () => Promise.resolve();
        expect(reached, `${stopAt} among ${[...counts.keys()].join(', ')}`).toBe(true);
      },
    });
  } finally {
    client.disconnect();
    await relay.close();
  }
}

/** A new message, an edit and a deletion of older ones, and a new room with a message. */
async function much(roomId: string, [first, second]: Message[]): Promise<{ other: string }> {
  if (!first || !second) throw new Error('two messages');
  await bob.say(roomId, 'meanwhile');
  await bob.call('editMessage', { params: { roomId, messageId: first.id }, body: { body: 'edited meanwhile' } });
  await bob.call('deleteMessage', { params: { roomId, messageId: second.id } });
  const { room } = await bob.call('createRoom', { body: { name: 'Another', memberIds: [ann.id] } });
  await bob.say(room.id, 'meanwhile, elsewhere');
  return { other: room.id };
}

/** Resolves once the client is where the server is, and expects it to show the same. */
async function expectComplete({ client, room }: Visit): Promise<RoomSnapshot> {
  const snapshot = await client.call('room', { params: { roomId: room.id } });
  await until(client, () => room.state?.rev === snapshot.room.rev);
  const fresh = fromSnapshot(snapshot, ann.id);
  expect(room.state).toMatchObject({ room: fresh.room, me: fresh.me, unread: fresh.unread, members: fresh.members });
  expect(room.state?.messages.slice(-50)).toEqual(fresh.messages);
  return snapshot;
}

const inRoom = (heard: Message[], roomId: string) => heard.filter((m) => m.roomId === roomId).map((m) => m.n);

const ways = [{ keepsOrder: true }, { keepsOrder: false }];
const FIRST = ['connect', 'welcome', 'ask blocks', 'answer blocks', 'ask sync', 'answer sync', 'ask room:join'];
const firstSteps = [...FIRST, 'answer room:join'].map((step) => `${step} 1`);
const SYNCS = ['ask sync 1', 'answer sync 1', 'ask sync 2', 'answer sync 2'];
const returnSteps = ['connect 1', 'welcome 1', 'ask blocks 1', 'answer blocks 1', ...SYNCS];

describe.each(ways)('on a first visit, with events kept in order: $keepsOrder', (way) => {
  test.each(firstSteps)('what happens before "%s" is not lost', async (step) => {
    const { roomId, messages } = await newRoom();
    await visit(roomId, way, async (here) => {
      let other = '';
      await here.during(
        step,
        async () => {
          ({ other } = await much(roomId, messages));
        },
        async () => {
          await here.client.connect();
          await here.room.open();
        },
      );
      await expectComplete(here);
      await until(here.client, () => here.client.room(other).state?.lastMessage?.body === 'meanwhile, elsewhere');
      // What was there before is not new; the one that may be is told of once.
      const news = inRoom(here.heard, roomId);
      expect(news).toEqual(news.length === 0 ? [] : [4]);
    });
  });

  test.each(firstSteps)('removed from the room before "%s", it is gone', async (step) => {
    const { roomId } = await newRoom();
    await visit(roomId, way, async (here) => {
      const { client, room } = here;
      await here.during(
        step,
        () => bob.call('removeMember', { params: { roomId, userId: ann.id } }),
        async () => {
          await client.connect();
          await room.open().catch((error: unknown) => expect(error).toMatchObject({ code: 'not_found' }));
        },
      );
      await until(client, () => room.state === null || room.state.gone);
      expect(client.rooms.map(({ id }) => id)).not.toContain(roomId);
    });
  });
});

describe.each(ways)('on a return after many changes, with events kept in order: $keepsOrder', (way) => {
  test.each(returnSteps)('what happens before "%s" is neither lost nor told twice', async (step) => {
    const { roomId, messages } = await newRoom();
    await visit(roomId, way, async (here) => {
      const { client, room, heard } = here;
      await client.connect();
      await room.open();
      client.disconnect();
      await say(roomId, MANY);
      let other = '';
      await here.during(
        step,
        async () => {
          ({ other } = await much(roomId, messages));
        },
        () => client.connect(),
      );
      const { room: now } = await expectComplete(here);
      await eventually(() => inRoom(heard, roomId).length >= now.n - 3 && inRoom(heard, other).length > 0);
      expect(inRoom(heard, roomId)).toEqual(Array.from({ length: now.n - 3 }, (_, i) => i + 4));
      expect(inRoom(heard, other)).toEqual([1]);
    });
  });
});

describe('someone blocked from another device', () => {
  async function expectHidden({ client, room }: Visit): Promise<void> {
    await until(client, () => {
      const { messages = [], unread } = room.state ?? {};
      return messages.length === 3 && messages.every(({ hidden }) => hidden) && unread === 0;
    });
  }

  test.each(firstSteps)('before "%s" of a first visit is hidden', async (step) => {
    const { roomId } = await newRoom();
    await visit(roomId, { keepsOrder: false }, async (here) => {
      await here.during(
        step,
        () => ann.client.block(bob.id),
        async () => {
          await here.client.connect();
          await here.room.open();
        },
      );
      await expectHidden(here);
    });
  });

  test.each(['connect 1', 'welcome 1', 'ask blocks 1', 'answer blocks 1', 'ask sync 1', 'answer sync 1'])(
    'before "%s" of a return is hidden',
    async (step) => {
      const { roomId } = await newRoom();
      await visit(roomId, { keepsOrder: false }, async (here) => {
        await here.client.connect();
        await here.room.open();
        here.client.disconnect();
        await here.during(
          step,
          () => ann.client.block(bob.id),
          () => here.client.connect(),
        );
        await expectHidden(here);
      });
    },
  );
});
