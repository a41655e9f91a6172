/** Bun's own server, one `publish` to all. Runs in Bun only; what Node has no types for is declared here. */
import { messageText } from './message.ts';

interface BunSocket {
  subscribe(topic: string): void;
}
interface BunServer {
  port: number;
  publish(topic: string, text: string): number;
  upgrade(request: Request): boolean;
}
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: {
      perMessageDeflate: boolean;
      open(socket: BunSocket): void;
      message(socket: BunSocket, body: string): void;
    };
  }): BunServer;
};

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, own) => (own.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    perMessageDeflate: false,
    open: (socket) => socket.subscribe('room'),
    message: (_socket, body) => void server.publish('room', messageText(body)),
  },
});
process.send?.({ port: server.port });
process.on('SIGTERM', () => process.exit(0));
