/** Connections made by hand, to do what no client library would. */
import { connect, type Socket } from 'node:net';

/** A connection that, once let in, reads nothing any more. */
export async function deafSocket(url: string, token: string): Promise<{ socket: Socket; send(packet: string): void }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  await new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      if (data.includes('101 Switching')) socket.write(frame(`40${JSON.stringify({ token })}`));
      if (data.includes('40{"sid"')) resolve();
    });
  });
  socket.pause();
  return { socket, send: (packet) => void socket.write(frame(packet)) };
}

// A masked text frame of 126 to 65,535 bytes (RFC 6455 §5.2) whose mask is zero.
function frame(packet: string): Buffer {
  const text = Buffer.from(packet.padEnd(126));
  return Buffer.concat([Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 0xff, 0, 0, 0, 0]), text]);
}
