/**
 * One reader in a hundred stops reading while messages flow.
 *
 *     npm run bench -- slow [--members 1000] [--rate 100] [--seconds 60]
 *
 * First everyone reads, for comparison, then they do not. In the end those who were cut come back and ask for what they
 * missed.
 */
import { randomUUID } from 'node:crypto';
import { ask, bodyDue, type Client, openClient, openClients } from './live/client.ts';
import { makeInstance } from './live/instance.ts';
import { sendWhenDue, settled, takeLatencies } from './live/open-loop.ts';
import { pinLoad } from './live/process.ts';
import { percentile, printTable, round } from './live/stats.ts';

const BODY = 200;
/** As in `fanout`. */
const WARM_UP_S = 20;
const SLOW_EVERY = 100;
const SAMPLED_EVERY = 50;

export async function slow(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const members = number('members', 1000);
  const rate = number('rate', 100);
  const seconds = number('seconds', 60);
  const instance = await makeInstance(members);
  // PostgreSQL runs where there is room.
  await pinLoad();
  let clients: Client[] = [];
  try {
    const roomId = await instance.room(0, members);
    const people = await instance.people();
    const server = await instance.start({ RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' });
    const open = (i: number) =>
      openClient(server.port, { kind: 'socket.io', token: people[i]?.token }, i % SAMPLED_EVERY === 1);
    try {
      clients = await openClients(members, open);
      const reading = clients.filter((_, i) => i % SLOW_EVERY !== 0);
      let turn = 0;
      const say = (due: number) => {
        turn += 1;
        const input = { roomId, clientId: randomUUID(), body: bodyDue(due, BODY) };
        reading[turn % reading.length]?.wire.send(`42${turn}${JSON.stringify(['message:send', input])}`);
      };
      await sendWhenDue(WARM_UP_S, rate, say);
      takeLatencies(clients);
      await sendWhenDue(seconds / 2, rate, say);
      const before = takeLatencies(reading);
      const residentBefore = server.residentBytes();
      let cut = 0;
      const stopped = clients.flatMap((client, i) => (i % SLOW_EVERY === 0 ? [{ client, i }] : []));
      for (const { client } of stopped) {
        client.wire.pause();
        client.wire.onClose = () => (cut += 1);
      }
      let peak = 0;
      const watch = setInterval(() => (peak = Math.max(peak, server.residentBytes())), 200);
      await sendWhenDue(seconds, rate, say);
      clearInterval(watch);
      const after = takeLatencies(reading);
      // Who was cut finds out when reading again.
      for (const { client } of stopped) client.wire.resume();
      await settled(clients);
      for (const { i } of stopped) {
        const client = await open(i);
        clients[i] = client;
        const answer = await ask(client, 'sync', { rooms: [{ roomId, rev: members, mine: 0 }] });
        if (!answer.startsWith('[{"ok":true')) throw new Error(answer);
      }
      const figures = {
        'stopped reading': stopped.length,
        cut,
        'p99 ms before': round(percentile(before, 0.99)),
        'p99 ms meanwhile': round(percentile(after, 0.99)),
        'p99 ratio': round(percentile(after, 0.99) / percentile(before, 0.99)),
        'resident MB before': Math.round(residentBefore / 2 ** 20),
        'resident MB at most': Math.round(peak / 2 ** 20),
      };
      printTable([figures]);
      return { members, rate, seconds, ...figures };
    } finally {
      for (const client of clients) client.wire.cut();
      await server.stop();
    }
  } finally {
    await instance.stop();
  }
}
