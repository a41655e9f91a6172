/**
 * Everyone is cut at once, misses something, and comes back.
 *
 *     npm run bench -- storm [--clients 10000] [--rooms 100] [--missed 50] [--profile DIR]
 *
 * In each room one connection stays, and writes meanwhile. The others come back with the jittered backoff of the SDK, and
 * ask `sync` until nothing is missing; time counts from when the missed messages are all written and they may come back.
 * Blocks of the event loop count from the cut on. With --profile, the server's CPU profile is written there.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '../packages/sdk/src/backoff.ts';
import { systemClock } from '../packages/sdk/src/clock.ts';
import { ask, type Client, now, openClient, openClients } from './live/client.ts';
import { makeInstance } from './live/instance.ts';
import { type Measured, pinLoad } from './live/process.ts';
import { percentile, printTable, round } from './live/stats.ts';

const BODY = 'x'.repeat(200);

interface Held {
  roomId: string;
  rev: number;
  mine: number;
}

export async function storm(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const count = number('clients', 10_000);
  const rooms = number('rooms', 100);
  const missed = number('missed', 50);
  // One more for each room, who stays.
  const size = Math.ceil(count / rooms) + 1;
  const instance = await makeInstance(size * rooms);
  // PostgreSQL runs where there is room.
  await pinLoad();
  try {
    const roomIds: string[] = [];
    for (let i = 0; i < rooms; i += 1) roomIds.push(await instance.room(i * size, size));
    const people = await instance.people();
    const profile = options.get('profile');
    const server = await instance.start(
      { RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' },
      profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    );
    const open = (i: number) => openClient(server.port, { kind: 'socket.io', token: people[i]?.token });
    let clients: Client[] = [];
    try {
      clients = await openClients(size * rooms, open);
      const stay = clients.filter((_, i) => i % size === 0);
      const cut = [...clients.keys()].filter((i) => i % size !== 0);
      const held: Held[] = roomIds.map((roomId) => ({ roomId, rev: size, mine: 0 }));
      const before = server.residentBytes();
      await server.ask('blocks');
      for (const i of cut) clients[i]?.wire.cut();
      await delay(500);
      for (let n = 0; n < missed; n += 1) {
        await Promise.all(
          stay.map((client, room) =>
            ask(client, 'message:send', { roomId: roomIds[room], clientId: randomUUID(), body: BODY }),
          ),
        );
      }
      const { queries: asked } = await server.ask<{ queries: number }>('queries');
      const cpu = server.cpuUs();
      const began = now();
      const memory = watchMemory(server);
      const times = await Promise.all(
        cut.map(async (i) => {
          clients[i] = await comeBack(() => open(i), held[Math.floor(i / size)]);
          return now() - began;
        }),
      );
      const sorted = times.toSorted((a, b) => a - b);
      const { queries } = await server.ask<{ queries: number }>('queries');
      const longest = await server.ask<{ ms: number; cpuMs: number; threadMs: number }>('blocks');
      const figures = {
        clients: cut.length,
        'all in sync s': round((sorted.at(-1) ?? 0) / 1000),
        'median s': round(percentile(sorted, 0.5) / 1000),
        'longest block ms': round(longest.ms, 0),
        'in CPU time': round(longest.cpuMs, 0),
        'of its thread': round(longest.threadMs, 0),
        'queries a client': round((queries - asked) / cut.length),
        'CPU ms a client': round((server.cpuUs() - cpu) / 1000 / cut.length),
        'peak MB more': round((memory.stop() - before) / 2 ** 20, 0),
      };
      printTable([figures]);
      return { missed, rooms, ...figures };
    } finally {
      for (const client of clients) client.wire.cut();
      await server.stop();
    }
  } finally {
    await instance.stop();
  }
}

/** As the SDK does: tries until it is let in, and asks until nothing is missing. */
async function comeBack(open: () => Promise<Client>, start: Held | undefined): Promise<Client> {
  const backoff = new Backoff({ clock: systemClock, random: Math.random });
  let held = start;
  for (;;) {
    await backoff.wait();
    try {
      const client = await open();
      for (;;) {
        const answer = await ask(client, 'sync', { rooms: [held] });
        if (!answer.startsWith('[{"ok":true')) throw new Error(answer);
        if (answer.endsWith('"hasMore":false}}]')) return client;
        held = { ...(held as Held), rev: lastRev(answer) };
      }
    } catch {
      // Turned away: later.
    }
  }
}

function lastRev(answer: string): number {
  const [{ data }] = JSON.parse(answer) as [{ data: { changed: { rev: number }[] } }];
  return data.changed[0]?.rev ?? 0;
}

function watchMemory(server: Measured): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, server.residentBytes())), 100);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}
