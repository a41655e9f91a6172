/**
 * Kills at random moments while people send. `FAULT_KILLS` sets how many, `TEST_SEED` which; `npm run test:faults` runs
 * many.
 */
import type { Message, SignedIn } from '@confab/protocol';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LIMITS_OFF } from '../packages/server/test/limits.ts';
import { call, signIn } from '../packages/server/test/person.ts';
import { SEED } from '../packages/server/test/seed.ts';
import { history, PASSWORD, signUp } from './support/people.ts';
import { childrenOf, postmasterPid, signalled } from './support/postgres.ts';
import { Random } from './support/random.ts';
import { Senders } from './support/senders.ts';
import { startServer, tempDataDir } from './support/server-process.ts';

const KILLS = Number(process.env['FAULT_KILLS'] ?? 10);
const SENDERS = 4;
const READERS = 2;
/** A token lives 15 minutes; a server is restarted in a few seconds at most. */
const KILLS_PER_SIGN_IN = 100;

interface Chat {
  people: SignedIn[];
  rooms: [string, string];
}

/** People, all of them in two rooms. */
async function createChat(url: string): Promise<Chat> {
  const people = await Promise.all(Array.from({ length: SENDERS + READERS }, () => signUp(url)));
  const memberIds = people.slice(1).map(({ user }) => user.id);
  const create = async (name: string) => {
    const { room } = await call(url, people[0]?.accessToken, 'createRoom', { body: { name, memberIds } });
    return room.id;
  };
  return { people, rooms: [await create('One'), await create('Another')] };
}

async function signInAgain(url: string, people: SignedIn[]): Promise<void> {
  for (const person of people) {
    const body = { email: person.user.email ?? '', password: PASSWORD };
    person.accessToken = (await signIn(url, body)).accessToken;
  }
}

/** A moment of the event loop: at once, when an acknowledgement was received, or a few turns later. */
async function anyMoment(random: Random): Promise<void> {
  if (random.chance(0.5)) return;
  for (let turns = random.int(1, 10); turns > 0; turns -= 1) await setImmediate();
}

/** Everything that was acknowledged or heard is there, once, in its place, for everybody; and nothing that nobody sent. */
async function expectNothingLost(url: string, { people, rooms }: Chat, senders: Senders): Promise<void> {
  const stored = new Map<string, Message>();
  for (const roomId of rooms) {
    const seen = await Promise.all(people.map((person) => history(url, person, roomId)));
    const messages = seen[0] ?? [];
    for (const other of seen) expect(other).toEqual(messages);
    expect(messages.map(({ n }) => n)).toEqual(messages.map((_, i) => i + 1));
    for (const message of messages) {
      expect(stored.has(message.clientId)).toBe(false);
      stored.set(message.clientId, message);
    }
    const { room } = await call(url, people[0]?.accessToken, 'room', { params: { roomId } });
    expect(room.n).toBe(messages.length);
  }
  for (const message of [...senders.acked.values(), ...senders.heard]) {
    expect(stored.get(message.clientId)).toEqual(message);
  }
  for (const message of stored.values()) expect(message).toMatchObject({ ...senders.wanted.get(message.clientId) });
  expect(senders.contradictions).toEqual([]);
  expect(senders.acked.size).toBe(senders.wanted.size - senders.givenUp.size);
}

test.concurrent(
  `no acknowledged message is lost, doubled or moved by killing the server ${KILLS} times (seed ${SEED})`,
  async ({ expect, onTestFinished: over }) => {
    const random = new Random(SEED);
    const dataDir = await tempDataDir(undefined, over);
    let server = await startServer({ dataDir, env: LIMITS_OFF, over });
    const chat = await createChat(server.url);
    const senders = new Senders(random, chat.rooms);
    senders.serverAt(server.url);
    senders.start(chat.people.slice(0, SENDERS));

    for (let kill = 1; kill <= KILLS; kill += 1) {
      await senders.acks(random.int(1, 60));
      await anyMoment(random);
      senders.serverGone();
      // Sometimes PostgreSQL dies with it, as when the machine does.
      if (random.chance(0.25)) process.kill(await postmasterPid(dataDir), 'SIGKILL');
      expect(await server.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      server = await startServer({ dataDir, env: LIMITS_OFF, over });
      if (kill % KILLS_PER_SIGN_IN === 0) await signInAgain(server.url, chat.people);
      senders.serverAt(server.url);
    }
    await senders.finish();

    await expectNothingLost(server.url, chat, senders);
    for (const code of senders.failures.keys()) expect(code).toBeOneOf(['lost', 'unavailable']);
  },
  60_000 + KILLS * 10_000,
);

/** Times PostgreSQL may be killed in a row before the server takes its pauses to be long. */
const KILLS_PER_SERVER = 3;

test.concurrent(
  `the server goes on by itself when its PostgreSQL is killed, and nothing acknowledged is lost (seed ${SEED})`,
  async ({ expect, onTestFinished: over }) => {
    const random = new Random(SEED);
    const dataDir = await tempDataDir(undefined, over);
    let server = await startServer({ dataDir, env: LIMITS_OFF, over });
    const chat = await createChat(server.url);
    const senders = new Senders(random, chat.rooms);
    senders.serverAt(server.url);
    senders.start(chat.people.slice(0, SENDERS));
    const health = async () => {
      const answer = await fetch(`${server.url}/health`);
      const { status, components } = (await answer.json()) as { status: string; components: object };
      return { http: answer.status, status, components };
    };
    const UP = { http: 200, status: 'ok', components: { database: { status: 'ok' } } };
    const DOWN = { http: 503, status: 'down', components: { database: { status: 'down' } } };

    for (let round = 1; round <= Math.ceil(KILLS / 20); round += 1) {
      for (let kill = 1; kill <= KILLS_PER_SERVER; kill += 1) {
        await senders.acks(random.int(20, 60));
        await anyMoment(random);
        const postmaster = await postmasterPid(dataDir);
        if (kill < KILLS_PER_SERVER) {
          process.kill(postmaster, 'SIGKILL');
        } else {
          // Made to hang first, so that it stays away until health was asked; from then on it begins no more processes.
          signalled(postmaster, 'SIGSTOP');
          const { all } = await childrenOf(postmaster);
          for (const pid of all) signalled(pid, 'SIGSTOP');
          await expect.poll(health, { timeout: 30_000 }).toMatchObject(DOWN);
          expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
          expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
          process.kill(postmaster, 'SIGKILL');
          for (const pid of all) signalled(pid, 'SIGCONT');
        }
        await senders.acks(50);
      }
      // One process that serves a connection: PostgreSQL then restarts all of them by itself.
      const killOne = async () => {
        const { backends } = await childrenOf(await postmasterPid(dataDir));
        const pid = backends[random.int(0, backends.length - 1)];
        return pid !== undefined && signalled(pid, 'SIGKILL');
      };
      await expect.poll(killOne).toBe(true);
      await senders.acks(50);
      await expect.poll(health, { timeout: 30_000 }).toMatchObject(UP);

      senders.serverGone();
      expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
      server = await startServer({ dataDir, env: LIMITS_OFF, over });
      senders.serverAt(server.url);
    }
    await senders.finish();

    await expectNothingLost(server.url, chat, senders);
    expect(senders.failures.get('unavailable')).toBeGreaterThan(0);
    for (const code of senders.failures.keys()) expect(code).toBeOneOf(['lost', 'unavailable']);
  },
  60_000 + KILLS * 10_000,
);
