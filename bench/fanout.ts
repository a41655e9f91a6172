/**
 * What it costs to deliver a message to everyone in a room.
 *
 *     npm run bench -- fanout [--members 1000] [--rate 30] [--seconds 10] [--rounds 3] [--peers floor,ws,bun,socket.io,confab] [--profile DIR]
 *
 * Each peer gets the same members and messages, one peer after the other, in as many rounds. Messages are sent when they
 * are due, whatever becomes of those before them, and latency counts from then. CPU time is that of the server's process.
 * Bun takes part where `bun` is installed, in node_modules or on the PATH. With --profile, Confab's CPU profile is written there.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bodyDue, type Client, now, openClient, openClients } from './live/client.ts';
import { type Instance, makeInstance } from './live/instance.ts';
import { type Measured, pinLoad, startMeasured } from './live/process.ts';
import { arrived, sendWhenDue, settled, totalReceived } from './live/open-loop.ts';
import { median, percentile, printTable, round } from './live/stats.ts';

const BODY = 200;
const SAMPLED_EVERY = 50;
const WARM_UP_S = 20;
const PEERS = ['floor', 'ws', 'bun', 'socket.io', 'confab'] as const;
type Peer = (typeof PEERS)[number];

interface Load {
  members: number;
  rate: number;
  seconds: number;
  profile: string | undefined;
}

interface Figures {
  cpuUs: number;
  kernelUs: number;
  p50: number;
  p99: number;
  delivered: number;
  /** How much of its core what makes the load used, of 1: near 1 it would be what is measured. */
  load: number;
}

export async function fanout(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const load: Load = {
    members: number('members', 1000),
    rate: number('rate', 30),
    seconds: number('seconds', 10),
    profile: options.get('profile'),
  };
  const rounds = number('rounds', 3);
  const chosen = options.get('peers')?.split(',') ?? PEERS;
  const bun = findBun();
  const peers = PEERS.filter((peer) => chosen.includes(peer) && (peer !== 'bun' || bun !== undefined));
  const instance = await makeInstance(load.members);
  // PostgreSQL runs where there is room.
  await pinLoad();
  const results = new Map<Peer, Figures[]>(peers.map((peer) => [peer, []]));
  try {
    const roomId = await instance.room(0, load.members);
    for (let i = 0; i < rounds; i += 1) {
      for (const peer of peers) {
        const figures = await measure(peer, instance, roomId, load);
        results.get(peer)?.push(figures);
        console.log(`round ${i + 1}, ${peer}: ${JSON.stringify(figures)}`);
      }
    }
  } finally {
    await instance.stop();
  }
  return summary(load, results);
}

async function measure(peer: Peer, instance: Instance, roomId: string, load: Load): Promise<Figures> {
  const server = await start(peer, instance, load.profile);
  let clients: Client[] = [];
  try {
    clients = await connect(peer, server, instance, load.members);
    const say = speaker(peer, clients, roomId);
    await sendWhenDue(WARM_UP_S, load.rate, say);
    await settled(clients);
    const [cpu, kernel, before] = [server.cpuUs(), server.kernelUs(), totalReceived(clients)];
    for (const client of clients) client.latencies.length = 0;
    const [began, loadCpu] = [now(), process.cpuUsage()];
    const sent = await sendWhenDue(load.seconds, load.rate, say);
    await arrived(clients, before + sent * load.members);
    const { user, system } = process.cpuUsage(loadCpu);
    const loadShare = (user + system) / 1000 / (now() - began);
    const delivered = totalReceived(clients) - before;
    if (delivered !== sent * load.members) throw new Error(`${peer}: ${delivered} of ${sent * load.members} delivered`);
    const latencies = clients.flatMap((client) => client.latencies).toSorted((a, b) => a - b);
    return {
      cpuUs: round((server.cpuUs() - cpu) / delivered),
      kernelUs: round((server.kernelUs() - kernel) / delivered),
      p50: round(percentile(latencies, 0.5)),
      p99: round(percentile(latencies, 0.99)),
      delivered,
      load: round(loadShare),
    };
  } finally {
    for (const client of clients) client.wire.cut();
    await server.stop();
  }
}

function start(peer: Peer, instance: Instance, profile: string | undefined): Promise<Measured> {
  const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return peer === 'confab'
    ? instance.start({ RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' }, nodeArgs)
    : startMeasured(
        join(import.meta.dirname, `peers/${peer.replace('.', '-')}.ts`),
        {},
        [],
        peer === 'bun' ? findBun() : undefined,
      );
}

function findBun(): string | undefined {
  const places = [join(import.meta.dirname, '../node_modules/.bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return places.map((place) => join(place, 'bun')).find((path) => existsSync(path));
}

async function connect(peer: Peer, server: Measured, instance: Instance, members: number): Promise<Client[]> {
  const people = peer === 'confab' ? await instance.people() : [];
  return openClients(members, (i) => {
    const token = people[i]?.token;
    const dialect =
      peer === 'floor' || peer === 'ws' || peer === 'bun'
        ? ({ kind: 'plain' } as const)
        : { kind: 'socket.io' as const, ...(token === undefined ? {} : { token }) };
    return openClient(server.port, dialect, i % SAMPLED_EVERY === 0);
  });
}

/** Everyone speaks in turn. */
function speaker(peer: Peer, clients: readonly Client[], roomId: string): (due: number) => void {
  let turn = 0;
  return (due) => {
    const client = clients[(turn += 1) % clients.length];
    const body = bodyDue(due, BODY);
    if (peer === 'confab') {
      const input = { roomId, clientId: randomUUID(), body };
      client?.wire.send(`42${turn}${JSON.stringify(['message:send', input])}`);
    } else if (peer === 'socket.io') {
      client?.wire.send(`42${JSON.stringify(['say', body])}`);
    } else {
      client?.wire.send(body);
    }
  };
}

function summary(load: Load, results: ReadonlyMap<Peer, readonly Figures[]>): object {
  const mid = (peer: Peer, pick: (figures: Figures) => number) => median((results.get(peer) ?? []).map(pick));
  const figures = [...results.keys()].map((peer) => ({
    peer,
    'CPU µs a delivery': round(mid(peer, (f) => f.cpuUs)),
    'in the kernel': round(mid(peer, (f) => f.kernelUs)),
    'over floor': round(mid(peer, (f) => f.cpuUs) / mid('floor', (f) => f.cpuUs)),
    'p50 ms': mid(peer, (f) => f.p50),
    'p99 ms': mid(peer, (f) => f.p99),
    "load's core": mid(peer, (f) => f.load),
  }));
  printTable(figures);
  if (findBun() === undefined) console.log('bun: absent (npm install --no-save bun)');
  return { ...load, body: BODY, figures, rounds: Object.fromEntries(results) };
}
