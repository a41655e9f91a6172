/** The ws library, one text for all. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { messageText } from './message.ts';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 20_000 });
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = messageText(data.toString());
    for (const other of server.clients) other.send(text);
  });
});
process.on('SIGTERM', () => process.exit(0));
