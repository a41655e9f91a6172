import { Encoder, PacketType, type Packet } from 'socket.io-parser';
import { expect, test } from 'vitest';
import { textParser } from './text-parser.ts';

const PACKETS: Packet[] = [
  { type: PacketType.CONNECT, nsp: '/', data: { sid: 'x' } },
  { type: PacketType.CONNECT, nsp: '/' },
  { type: PacketType.CONNECT_ERROR, nsp: '/elsewhere', data: { message: 'no' } },
  { type: PacketType.DISCONNECT, nsp: '/' },
  { type: PacketType.EVENT, nsp: '/', data: ['message', { body: 'héllo "you"', n: 1, replyTo: null }] },
  { type: PacketType.EVENT, nsp: '/elsewhere', id: 0, data: ['message'] },
  { type: PacketType.ACK, nsp: '/', id: 12, data: [{ ok: true, data: [] }] },
  { type: PacketType.ACK, nsp: '/elsewhere', id: 0, data: [] },
];

test.each(PACKETS)('a packet is written as Socket.IO writes it: %j', (packet) => {
  expect(new textParser.Encoder().encode(packet)).toEqual(new Encoder().encode(packet));
});
