/** The floor: Node's own sockets, and one frame, built once, written to each. What no server in this language goes below. */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { messageFrame } from './message.ts';

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  socket.once('data', (request) => {
    const key = /Sec-WebSocket-Key: (.*)\r/i.exec(request.toString('latin1'))?.[1] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    // Whatever a client says is said to all; its mask is zero.
    socket.on('data', (frame) => {
      const header = (frame[1] ?? 0) & 127 ? (((frame[1] ?? 0) & 127) < 126 ? 6 : 8) : 6;
      const wire = messageFrame(frame.toString('utf8', header));
      for (const other of sockets) other.write(wire);
    });
  });
});
server.listen(0, '127.0.0.1', 20_000, () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('SIGTERM', () => process.exit(0));
