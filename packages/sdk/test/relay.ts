/** A relay in front of a server that stops at every step between a client and it, for as long as a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket as ServerSocket } from 'socket.io';
import { io } from 'socket.io-client';

interface RelayOptions {
  target: string;
  /**
   * Called before each step is taken: `connect` to the server, `welcome` of the client, `ask x` to the server and
   * `answer x` to the client, where x is an event or the last part of a REST path. The step waits for the promise; an
   * event's is never taken, and the connection cut instead, when it rejects.
   */
  onStep: (step: string) => Promise<void>;
  /** What becomes of something the server says on its own: `pass` lets it through, now or later, as often as it is called. */
  onEvent?: (pass: () => void) => void;
  /** Whether what the server says on its own waits behind an answer that is stopped, as on one socket, or passes it. */
  keepsOrder: boolean;
}

export interface Relay {
  url: string;
  close(): Promise<void>;
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const http = createServer((request, response) => void forward(options, request, response));
  const sockets = new Server(http, { transports: ['websocket'], cors: { origin: '*' } });
  const welcomed = new WeakMap<ServerSocket, () => void>();
  sockets.on('connection', (socket) => welcomed.get(socket)?.());
  sockets.use((socket, next) => {
    const isWelcome = new Promise<void>((resolve) => welcomed.set(socket, resolve));
    link(options, socket, isWelcome).then(
      () => next(),
      (error: Error) => next(error),
    );
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      await sockets.close();
    },
  };
}

async function link(
  { target, onStep, onEvent = (pass) => pass(), keepsOrder }: RelayOptions,
  client: ServerSocket,
  isWelcome: Promise<void>,
): Promise<void> {
  await onStep('connect');
  const server = io(target, {
    auth: client.handshake.auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  client.on('disconnect', () => server.disconnect());
  server.on('disconnect', () => client.disconnect(true));
  // What is said before the client is welcomed waits, and so does what is said behind an answer.
  let ahead = isWelcome;
  server.onAny((event: string, payload: unknown) => {
    void ahead.then(() => onEvent(() => client.emit(event, payload)));
  });
  client.onAny((event: string, input: unknown, ack: (answer: unknown) => void) => {
    const cut = () => void client.disconnect(true);
    void onStep(`ask ${event}`).then(() => {
      server.emit(event, input, (answer: unknown) => {
        const delivered = ahead
          .then(() => onStep(`answer ${event}`))
          .then(() => ack(answer))
          .catch(cut);
        if (keepsOrder) ahead = delivered;
      });
    }, cut);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('connect', resolve);
    server.once('connect_error', reject);
  });
  await onStep('welcome');
}

async function forward({ target, onStep }: RelayOptions, request: IncomingMessage, response: ServerResponse) {
  const path = request.url ?? '/';
  const name = new URL(path, target).pathname.split('/').at(-1) ?? '';
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  await onStep(`ask ${name}`);
  const { authorization, 'content-type': type } = request.headers;
  const answer = await fetch(new URL(path, target), {
    method: request.method ?? 'GET',
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  const body = await answer.text();
  await onStep(`answer ${name}`);
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  response.end(body);
}
