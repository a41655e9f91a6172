/** A connection of the load: speaks as much of Engine.IO and Socket.IO as it takes, and counts. */
import { openWire, type Wire } from './wire.ts';

/** `plain`: a WebSocket and nothing else. `socket.io`: with its handshake, and a token where the server asks for one. */
export type Dialect = { kind: 'plain' } | { kind: 'socket.io'; token?: string | undefined };

const ENGINE_PATH = '/socket.io/?EIO=4&transport=websocket';
const MESSAGE = Buffer.from('42["message",');
const AT = Buffer.from('"at=');
/** Of a connect packet and of an acknowledgement, after the digits of Engine.IO (4: message). */
const CONNECTED = 0x30;
const ACK = 0x33;

export interface Client {
  /** Messages delivered so far. */
  received: number;
  /** ms from when each message was due to its arrival; kept only where `sampled`. */
  latencies: number[];
  sampled: boolean;
  wire: Wire;
  /** What waits for an acknowledgement, by packet id. */
  asked: Map<number, (answer: string) => void>;
}

let packetId = 0;

/** Sends an event. Resolves to its acknowledgement as it came: a JSON array of one answer. */
export function ask(client: Client, event: string, input: unknown): Promise<string> {
  packetId += 1;
  const id = packetId;
  return new Promise((resolve) => {
    client.asked.set(id, resolve);
    client.wire.send(`42${id}${JSON.stringify([event, input])}`);
  });
}

/** What a message's body begins with: when it was due to be sent. */
export function bodyDue(at: number, length: number): string {
  return `at=${at.toFixed(1)};`.padEnd(length, 'x');
}

/** Milliseconds that are the same for all in this process. */
export const now = () => performance.now();

/** Resolves once the server would deliver to it. */
export async function openClient(port: number, dialect: Dialect, sampled = false): Promise<Client> {
  const ready = Promise.withResolvers<void>();
  const client: Client = { received: 0, latencies: [], sampled, wire: undefined as never, asked: new Map() };
  client.wire = await openWire(port, dialect.kind === 'plain' ? '/' : ENGINE_PATH, (wire, opcode, data, from, to) => {
    if (opcode !== 1) return;
    const first = data[from];
    if (first === 0x32) wire.send('3');
    else if (first === 0x30) wire.send(dialect.kind === 'plain' ? '' : `40${connectPayload(dialect.token)}`);
    else if (data[from + 1] === CONNECTED) ready.resolve();
    else if (data[from + 1] === 0x34) ready.reject(new Error(data.toString('utf8', from, to)));
    else if (data[from + 1] === ACK) acknowledge(client, data.toString('utf8', from, to));
    else if (startsWith(data, from, MESSAGE)) deliver(client, data, from, to);
  });
  client.wire.onClose = () => ready.reject(new Error('closed while connecting'));
  if (dialect.kind === 'plain') ready.resolve();
  await ready.promise;
  client.wire.onClose = () => undefined;
  return client;
}

function connectPayload(token: string | undefined): string {
  return token === undefined ? '' : JSON.stringify({ token });
}

function acknowledge(client: Client, text: string): void {
  const answer = text.indexOf('[');
  const id = Number(text.slice('43'.length, answer));
  client.asked.get(id)?.(text.slice(answer));
  client.asked.delete(id);
}

function deliver(client: Client, data: Buffer, from: number, to: number): void {
  client.received += 1;
  if (!client.sampled) return;
  const at = data.indexOf(AT, from);
  if (at < 0 || at >= to) return;
  client.latencies.push(now() - Number(data.toString('latin1', at + AT.length, data.indexOf(0x3b, at))));
}

function startsWith(data: Buffer, at: number, prefix: Buffer): boolean {
  return data.length >= at + prefix.length && data.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0;
}

/** Opens many, some at a time. */
export async function openClients(count: number, open: (i: number) => Promise<Client>): Promise<Client[]> {
  const clients: Client[] = [];
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({ length: Math.min(100, count - from) }, (_, i) => open(from + i));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}
