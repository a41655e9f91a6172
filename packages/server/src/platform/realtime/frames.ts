/**
 * With `slim.ts` the one place that knows the insides of Socket.IO, Engine.IO and ws. What they do for each connection a
 * broadcast reaches is here done once: the packet is encoded, and put into a WebSocket frame, for all. A test fails when a
 * new version of them has other insides.
 */
import type { Socket as NetSocket } from 'node:net';
import { nextTick } from 'node:process';
import { Encoder, PacketType } from 'socket.io-parser';
import { isHeld, writeAtOnce } from './socket-write.ts';
import type { ConfabSocket, Delivery, Encoded, Outgoing } from './sockets.ts';

/** As far as it is used here: Engine.IO 6 and ws 8. */
interface Insides {
  readyState: string;
  writeBuffer: readonly { data?: unknown }[];
  transport: {
    name: string;
    writable: boolean;
    /** Long polling has none. */
    socket?: WebSocketInsides;
  };
  write(text: string, options: { compress: boolean }): unknown;
}

interface WebSocketInsides {
  _readyState: number;
  /** ws writes to it at once, as long as it neither compresses nor sends blobs. */
  _socket: NetSocket | null;
}

const OPEN = 1;
const encoder = new Encoder();

/** Encodes an event of the namespace `/`. */
export function encodeEvent(event: string, payload: unknown): Encoded {
  const [text] = encoder.encode({ type: PacketType.EVENT, nsp: '/', data: [event, payload] }) as [string];
  // Engine.IO's type of a message goes before the packet.
  return { text, frame: textFrame(Buffer.from(`4${text}`)) };
}

/** RFC 6455 §5.2: a whole text message in one frame, unmasked as a server sends it. */
function textFrame(payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  if (length < 126) {
    header[1] = length;
  } else if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

/** Where the events of one connection go. Made once for each, and quick to ask: thousands are, for every event. */
export class Outlet implements Outgoing {
  readonly #conn: Insides;
  #transport: Insides['transport'] | undefined;
  #webSocket: WebSocketInsides | undefined;

  constructor(socket: ConfabSocket) {
    this.#conn = insidesOf(socket);
  }

  /**
   * Writes, in the order of the calls and of everything else that is sent to this connection.
   * @param frames of `encoded`, one after the other in one buffer
   * @param how `gathered`: with whatever else this turn of the event loop brings the connection, in one call of the system
   * at its end, before anything is waited for. `volatile`: left out where it cannot be taken now.
   */
  write(encoded: readonly Encoded[], frames: Buffer, how: Delivery): void {
    const conn = this.#conn;
    const { transport } = conn;
    if (conn.readyState !== 'open') return;
    if (transport !== this.#transport) {
      this.#transport = transport;
      this.#webSocket = transport.socket;
    }
    const webSocket = this.#webSocket;
    // Straight to the system, unless something of Engine.IO waits to be written before, or it is a long poll.
    if (webSocket !== undefined && transport.writable && conn.writeBuffer.length === 0) {
      const raw = webSocket._readyState === OPEN ? webSocket._socket : null;
      if (raw === null) return;
      if (how === 'gathered') {
        gather(raw);
        raw.write(frames);
      } else if (how === 'at once' || !(raw.writableNeedDrain || isHeld(raw))) {
        writeAtOnce(raw, frames);
      }
    } else if (how !== 'volatile' || transport.writable) {
      for (const { text } of encoded) conn.write(text, { compress: false });
    }
  }
}

/** Connections that were written to in this turn of the event loop. */
const gathering = new Set<NetSocket>();

// What one commit brings a connection is many small events and answers.
function gather(raw: NetSocket): void {
  if (gathering.has(raw)) return;
  if (gathering.size === 0) nextTick(release);
  gathering.add(raw);
  raw.cork();
}

function release(): void {
  for (const raw of gathering) raw.uncork();
  gathering.clear();
}

/** Whether anything waits to be written to a connection. Quick to ask of thousands. */
export function hasBacklog(socket: ConfabSocket): boolean {
  const { writeBuffer, transport } = insidesOf(socket);
  return writeBuffer.length > 0 || (transport.socket?._socket?.writableLength ?? 0) > 0;
}

/**
 * What waits to be written to a connection: frames that Engine.IO holds back, and bytes that the system has not taken; and
 * how many bytes it has taken so far.
 */
export function backlog(socket: ConfabSocket): { frames: number; characters: number; bytes: number; taken: number } {
  const { writeBuffer, transport } = insidesOf(socket);
  const raw = transport.socket?._socket;
  return {
    frames: writeBuffer.length,
    characters: writeBuffer.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), 0),
    bytes: raw?.writableLength ?? 0,
    taken: (raw?.bytesWritten ?? 0) - (raw?.writableLength ?? 0),
  };
}

/**
 * Ends a connection at once, with all that waits for it: whoever takes nothing answers no goodbye either, and what waits
 * would be kept until that is given up.
 */
export function cut(socket: ConfabSocket): void {
  const raw = insidesOf(socket).transport.socket?._socket;
  socket.conn.close(true);
  raw?.destroy();
}

function insidesOf(socket: ConfabSocket): Insides {
  return socket.conn as unknown as Insides;
}
