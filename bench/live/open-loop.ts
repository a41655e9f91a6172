/** Load that does not wait for the server. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, now } from './client.ts';

/** Calls `say` whenever a message is due, at once for those that are late. Answers how many there were. */
export async function sendWhenDue(seconds: number, rate: number, say: (due: number) => void): Promise<number> {
  const begin = now();
  const count = seconds * rate;
  for (let i = 0; i < count; i += 1) {
    const due = begin + (i * 1000) / rate;
    const wait = due - now();
    if (wait > 1) await delay(wait - 0.5);
    say(due);
  }
  return count;
}

/** Resolves when nothing has arrived for a while. */
export async function settled(clients: readonly Client[]): Promise<void> {
  for (let before = -1; before !== totalReceived(clients);) {
    before = totalReceived(clients);
    await delay(1000);
  }
}

/** Resolves when so many have arrived, or after 10 s. */
export async function arrived(clients: readonly Client[], count: number): Promise<void> {
  for (const end = now() + 10_000; totalReceived(clients) < count && now() < end;) await delay(20);
}

export function totalReceived(clients: readonly Client[]): number {
  return clients.reduce((sum, client) => sum + client.received, 0);
}

/** Latencies of all, sorted, and forgotten. */
export function takeLatencies(clients: readonly Client[]): number[] {
  const latencies = clients.flatMap((client) => client.latencies).toSorted((a, b) => a - b);
  for (const client of clients) client.latencies.length = 0;
  return latencies;
}
