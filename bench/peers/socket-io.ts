/** Socket.IO as it comes: a room, and `emit` to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { messageOf } from './message.ts';

const http = createServer();
const io = new Server(http, { perMessageDeflate: false });
io.on('connection', (socket) => {
  void socket.join('room');
  socket.on('say', (body: string) => io.to('room').emit('message', messageOf(body)));
});
http.listen(0, '127.0.0.1', 20_000, () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('SIGTERM', () => process.exit(0));
