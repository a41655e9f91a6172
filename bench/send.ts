/**
 * How many messages a second are acknowledged, that is committed, and how long one waits for it.
 *
 *     npm run bench -- send [--rooms 1000] [--people 200] [--members 2] [--in-flight 256] [--seconds 8] [--rounds 3]
 *     [--peers textbook,confab] [--profile DIR]
 *
 * Everyone is connected and is delivered what is said in their rooms. So many messages are always under way; each
 * acknowledgement sends the next. `--rooms 1` is one hot room. The textbook server runs on the same PostgreSQL.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, type Client, now, openClient, openClients } from './live/client.ts';
import { type Instance, makeInstance } from './live/instance.ts';
import { type Measured, pinLoad, startMeasured } from './live/process.ts';
import { median, percentile, printTable, round } from './live/stats.ts';

const TEXT = 'A sentence of words, as people write them, repeated until it is long enough. '.repeat(3).slice(0, 200);
/** Client ids of different runs are different. */
let run = 10_000_000;
const WARM_UP_S = 2;
const ALL = ['textbook', 'confab'] as const;
type Peer = (typeof ALL)[number];

interface Load {
  inFlight: number;
  seconds: number;
  profile: string | undefined;
}

interface Place {
  roomId: string;
  /** Indexes of people. */
  from: number;
  count: number;
}

interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
  /** Of the server, PostgreSQL, and what makes the load, for each message. */
  cpuUs: number;
  postgresUs: number;
  loadUs: number;
  /** Messages not yet findable when the last was acknowledged, and when all were. */
  unindexed: number;
  indexedAfterS: number;
}

export async function send(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const people = number('people', 200);
  const load: Load = {
    inFlight: number('in-flight', 256),
    seconds: number('seconds', 8),
    profile: options.get('profile'),
  };
  const chosen = options.get('peers')?.split(',') ?? ALL;
  const peers = ALL.filter((peer) => chosen.includes(peer));
  const instance = await makeInstance(people);
  // PostgreSQL runs where there is room.
  await pinLoad();
  const results = new Map<Peer, Figures[]>(peers.map((peer) => [peer, []]));
  const [rooms, members] = [number('rooms', 1000), number('members', 2)];
  try {
    const places: Place[] = [];
    for (let i = 0; i < rooms; i += 1) {
      const from = (i * members) % (people - members + 1);
      places.push({ roomId: await instance.room(from, members), from, count: members });
    }
    for (let i = 0; i < number('rounds', 3); i += 1) {
      for (const peer of peers) {
        const figures = await measure(peer, instance, places, people, load);
        results.get(peer)?.push(figures);
        console.log(`round ${i + 1}, ${peer}: ${JSON.stringify(figures)}`);
      }
    }
  } finally {
    await instance.stop();
  }
  const mid = (peer: Peer, pick: (figures: Figures) => number) => median((results.get(peer) ?? []).map(pick));
  const figures = peers.map((peer) => ({
    peer,
    'acknowledged/s': Math.round(mid(peer, (f) => f.perSecond)),
    'over textbook': round(mid(peer, (f) => f.perSecond) / mid('textbook', (f) => f.perSecond)),
    'p50 ms': round(mid(peer, (f) => f.p50)),
    'p99 ms': round(mid(peer, (f) => f.p99)),
    'CPU µs each': Math.round(mid(peer, (f) => f.cpuUs)),
    'PostgreSQL µs': Math.round(mid(peer, (f) => f.postgresUs)),
    'load µs': Math.round(mid(peer, (f) => f.loadUs)),
    unindexed: mid(peer, (f) => f.unindexed),
    'indexed after s': round(mid(peer, (f) => f.indexedAfterS)),
  }));
  printTable(figures);
  return { rooms, members, people, ...load, figures, rounds: Object.fromEntries(results) };
}

async function measure(
  peer: Peer,
  instance: Instance,
  places: readonly Place[],
  people: number,
  load: Load,
): Promise<Figures> {
  const server = await start(peer, instance, load.profile);
  const tokens = await instance.people();
  const clients = await openClients(people, (i) =>
    openClient(server.port, { kind: 'socket.io', token: peer === 'confab' ? tokens[i]?.token : tokens[i]?.id }),
  );
  try {
    await sendFor(WARM_UP_S, load.inFlight, clients, places);
    const [cpu, postgresCpu, loadCpu] = [server.cpuUs(), instance.postgresCpuUs(), process.cpuUsage()];
    const began = now();
    const latencies = await sendFor(load.seconds, load.inFlight, clients, places);
    const ended = now();
    const seconds = (ended - began) / 1000;
    const used = [server.cpuUs() - cpu, instance.postgresCpuUs() - postgresCpu];
    const { user, system } = process.cpuUsage(loadCpu);
    const unindexed = await instance.unindexed();
    while ((await instance.unindexed()) > 0) await delay(20);
    const indexedAfterS = (now() - ended) / 1000;
    const each = (us = 0) => us / latencies.length;
    const sorted = latencies.toSorted((a, b) => a - b);
    return {
      perSecond: latencies.length / seconds,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      cpuUs: each(used[0]),
      postgresUs: each(used[1]),
      loadUs: each(user + system),
      unindexed,
      indexedAfterS,
    };
  } finally {
    for (const client of clients) client.wire.cut();
    await server.stop();
  }
}

function start(peer: Peer, instance: Instance, profile: string | undefined): Promise<Measured> {
  const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  if (peer === 'confab') return instance.start({ RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' }, nodeArgs);
  return startMeasured(join(import.meta.dirname, 'peers/textbook.ts'), { DATABASE_URL: instance.databaseUrl });
}

/** Answers how long each acknowledgement took, in ms. */
async function sendFor(
  seconds: number,
  inFlight: number,
  clients: readonly Client[],
  places: readonly Place[],
): Promise<number[]> {
  const latencies: number[] = [];
  run += 1;
  const end = now() + seconds * 1000;
  let turn = 0;
  async function one(): Promise<void> {
    while (now() < end) {
      turn += 1;
      const place = places[turn % places.length];
      const client = clients[(place?.from ?? 0) + (turn % (place?.count ?? 1))];
      if (place === undefined || client === undefined) throw new Error('nobody to send');
      const begun = now();
      const input = { roomId: place.roomId, clientId: `${run}-${turn}`, body: TEXT };
      const answer = await ask(client, 'message:send', input);
      if (!answer.startsWith('[{"ok":true')) throw new Error(answer);
      latencies.push(now() - begun);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one));
  return latencies;
}
