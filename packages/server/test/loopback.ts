/** A bare Socket.IO server on loopback, as the program sets it up, and clients of it with what they hear. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { io as connect, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import type { ConfabServer, ConfabSocket } from '../src/platform/realtime/sockets.ts';
import { textParser } from '../src/platform/realtime/text-parser.ts';

export interface LoopbackClient {
  client: ReturnType<typeof connect>;
  /** The server's end. */
  socket: ConfabSocket;
  /** What the system was given to write to the TCP connection, call by call. Of clients that began with WebSocket. */
  writes: Buffer[];
  /** Payloads of all events received, in order. */
  heard: unknown[];
  /** Emits an event to this one, as Socket.IO does. */
  tell(payload: unknown): void;
  /** Resolves once everything written before has been received. */
  received(): Promise<void>;
}

export interface Loopback {
  io: ConfabServer;
  url: string;
  client(options?: Partial<ManagerOptions & SocketOptions>): Promise<LoopbackClient>;
  /** To be done before it stops. */
  cleanUp(task: () => void): void;
  stop(): Promise<void>;
}

export async function startLoopback(options: Partial<ServerOptions> = {}): Promise<Loopback> {
  const http = createServer();
  const io: ConfabServer = new Server(http, {
    parser: textParser,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: 1e8,
    ...options,
  });
  const byPort = new Map<number | undefined, Buffer[]>();
  http.on('upgrade', (_request, socket: NetSocket) => {
    const writes: Buffer[] = [];
    byPort.set(socket.remotePort, writes);
    onEachWrite(socket, (data) => void writes.push(data));
  });
  const tasks: (() => void)[] = [];
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    io,
    url,
    async client(options = {}) {
      const client = connect(url, { transports: ['websocket'], forceNew: true, reconnection: false, ...options });
      tasks.push(() => client.disconnect());
      const heard: unknown[] = [];
      client.onAny((event: string, payload: unknown) => {
        if (event === 'received?') (payload as () => void)();
        else heard.push(payload);
      });
      await new Promise<void>((resolve, reject) => {
        client.once('connect', resolve);
        client.once('connect_error', reject);
      });
      const socket = io.of('/').sockets.get(client.id ?? '');
      if (socket === undefined) throw new Error('the server does not know the client');
      // Untyped: the events of these tests are no events of the protocol.
      const bare = socket as unknown as Socket;
      return {
        client,
        socket,
        heard,
        writes: byPort.get((socket.request as IncomingMessage | undefined)?.socket.remotePort) ?? [],
        tell: (payload) => void bare.emit('event', payload),
        received: async () => void (await bare.timeout(20_000).emitWithAck('received?')),
      };
    },
    cleanUp: (task) => void tasks.push(task),
    async stop() {
      for (const task of tasks) task();
      await io.close();
    },
  };
}

/** Everything goes through the handle, whether by Node's stream or past it. */
function onEachWrite(socket: NetSocket, heard: (data: Buffer) => void): void {
  type Write = (request: unknown, data: unknown, all: boolean) => number;
  const { _handle: handle } = socket as unknown as { _handle: Record<string, Write> };
  const hear = (name: string, bytes: (data: never, all: boolean) => Buffer) => {
    const plain = handle[name]?.bind(handle);
    handle[name] = (request, data, all) => {
      heard(bytes(data as never, all));
      return plain?.(request, data, all) ?? 0;
    };
  };
  hear('writeBuffer', (data: Buffer) => Buffer.from(data));
  hear('writeUtf8String', (data: string) => Buffer.from(data));
  hear('writeLatin1String', (data: string) => Buffer.from(data, 'latin1'));
  hear('writev', (data: (Buffer | string)[], all) =>
    Buffer.concat(
      all
        ? (data as Buffer[])
        : data
            .filter((_, i) => i % 2 === 0)
            .map((chunk, i) => Buffer.from(chunk as string, data[2 * i + 1] as BufferEncoding)),
    ),
  );
}
