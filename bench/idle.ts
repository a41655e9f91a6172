/**
 * What a connection costs that does nothing.
 *
 *     npm run bench -- idle [--connections 10000] [--rooms 100] [--seconds 20]
 *
 * Everyone is in one room, all of which are the same size. Heap is measured after a collection, before and with them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, openClient, openClients } from './live/client.ts';
import { makeInstance } from './live/instance.ts';
import { pinLoad } from './live/process.ts';
import { printTable, round } from './live/stats.ts';

interface Memory {
  heapUsed: number;
  external: number;
}

export async function idle(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const connections = number('connections', 10_000);
  const rooms = number('rooms', 100);
  const seconds = number('seconds', 20);
  const instance = await makeInstance(connections);
  // PostgreSQL runs where there is room.
  await pinLoad();
  let clients: Client[] = [];
  try {
    const size = Math.ceil(connections / rooms);
    for (let from = 0; from < connections; from += size) await instance.room(from, Math.min(size, connections - from));
    const people = await instance.people();
    const server = await instance.start({}, ['--expose-gc']);
    const open = (count: number) =>
      openClients(count, (i) => openClient(server.port, { kind: 'socket.io', token: people[i]?.token }));
    try {
      // What the first connections make it compile is none of theirs.
      for (const client of await open(Math.min(200, connections))) client.wire.cut();
      await delay(2000);
      const [before, residentBefore] = [await server.ask<Memory>('heap'), server.residentBytes()];
      clients = await open(connections);
      await delay(3000);
      const [after, residentAfter] = [await server.ask<Memory>('heap'), server.residentBytes()];
      const cpu = server.cpuUs();
      await delay(seconds * 1000);
      const figures = {
        connections,
        'heap KB each': round((after.heapUsed - before.heapUsed) / connections / 1024, 1),
        'external KB each': round((after.external - before.external) / connections / 1024, 1),
        'resident KB each': round((residentAfter - residentBefore) / connections / 1024, 1),
        'CPU ms a second': round((server.cpuUs() - cpu) / 1000 / seconds, 1),
      };
      printTable([figures]);
      return figures;
    } finally {
      for (const client of clients) client.wire.cut();
      await server.stop();
    }
  } finally {
    await instance.stop();
  }
}
