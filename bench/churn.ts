/**
 * People come and go while messages flow.
 *
 *     npm run bench -- churn [--members 500] [--rate 10] [--in-flight 20] [--seconds 20]
 *
 * So many at a time connect with their token, and are cut once they are let in. 500 members at 10 messages a second are
 * 5,000 deliveries a second.
 */
import { randomUUID } from 'node:crypto';
import { bodyDue, type Client, now, openClient, openClients } from './live/client.ts';
import { makeInstance } from './live/instance.ts';
import { sendWhenDue, takeLatencies } from './live/open-loop.ts';
import { pinLoad } from './live/process.ts';
import { percentile, printTable, round } from './live/stats.ts';

const BODY = 200;
const SAMPLED_EVERY = 10;
const PASSING = 1000;

export async function churn(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const members = number('members', 500);
  const rate = number('rate', 10);
  const seconds = number('seconds', 20);
  const instance = await makeInstance(members + PASSING);
  // PostgreSQL runs where there is room.
  await pinLoad();
  let clients: Client[] = [];
  try {
    const roomId = await instance.room(0, members);
    await instance.room(members, PASSING);
    const people = await instance.people();
    const server = await instance.start({ RATE_LIMIT_MESSAGES: 'off', RATE_LIMIT_EVENTS: 'off' });
    const open = (i: number) =>
      openClient(server.port, { kind: 'socket.io', token: people[i]?.token }, i % SAMPLED_EVERY === 0);
    try {
      clients = await openClients(members, open);
      let turn = 0;
      const say = (due: number) => {
        turn += 1;
        const input = { roomId, clientId: randomUUID(), body: bodyDue(due, BODY) };
        clients[turn % members]?.wire.send(`42${turn}${JSON.stringify(['message:send', input])}`);
      };
      await sendWhenDue(5, rate, say);
      takeLatencies(clients);
      await sendWhenDue(seconds, rate, say);
      const before = takeLatencies(clients);
      const end = now() + seconds * 1000;
      const took: number[] = [];
      async function comeAndGo(): Promise<void> {
        while (now() < end) {
          const begun = now();
          const passing = await open(members + (took.length % PASSING));
          took.push(now() - begun);
          passing.wire.cut();
        }
      }
      const coming = Promise.all(Array.from({ length: number('in-flight', 20) }, comeAndGo));
      await sendWhenDue(seconds, rate, say);
      await coming;
      const meanwhile = takeLatencies(clients);
      const figures = {
        'connects/s': Math.round(took.length / seconds),
        'connect p99 ms': round(
          percentile(
            took.toSorted((a, b) => a - b),
            0.99,
          ),
        ),
        'delivery p99 ms before': round(percentile(before, 0.99)),
        'delivery p99 ms meanwhile': round(percentile(meanwhile, 0.99)),
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
