/** As little of a WebSocket client as it takes to count what a server sends: frames are looked at, not parsed. */
import { connect as connectTcp, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';

/** What a frame from the server is: its opcode, and its payload as [from, to) of `data`. The buffer is not kept. */
export type OnFrame = (wire: Wire, opcode: number, data: Buffer, from: number, to: number) => void;

export interface Wire {
  /** Sends one text frame. */
  send(text: string): void;
  /** Reads no more until `resume`. */
  pause(): void;
  resume(): void;
  /** Cuts the connection without a goodbye. */
  cut(): void;
  onClose: () => void;
}

/** What is read, of all connections in turn: the load allocates nothing for it. */
const buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Opens a WebSocket to `path`. Resolves once the server switched protocols. */
export function openWire(port: number, path: string, onFrame: OnFrame): Promise<Wire> {
  return new Promise((resolve, reject) => {
    let read = (data: Buffer) => {
      head += data.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 101')) {
        reject(new Error(head.slice(0, end)));
        socket.destroy();
        return;
      }
      read = frameReader(wire, socket, onFrame);
      resolve(wire);
      const rest = Buffer.from(head.slice(end + 4), 'latin1');
      if (rest.length > 0) read(rest);
    };
    const onread = {
      buffer,
      callback: (length: number) => {
        read(buffer.subarray(0, length));
        return true;
      },
    };
    const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true, onread });
    const wire: Wire = {
      send: (text) => socket.write(clientFrame(1, text)),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      cut: () => socket.resetAndDestroy(),
      onClose: () => undefined,
    };
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('closed while connecting'));
      wire.onClose();
    });
    socket.once('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
    let head = '';
  });
}

function frameReader(wire: Wire, socket: Socket, onFrame: OnFrame): (data: Buffer) => void {
  let kept: Buffer | undefined;
  return (chunk) => {
    const data = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
    kept = undefined;
    let at = 0;
    while (at < data.length) {
      const payload = payloadAt(data, at);
      if (payload === undefined || payload.to > data.length) {
        kept = Buffer.from(data.subarray(at));
        return;
      }
      const opcode = (data[at] ?? 0) & 15;
      if (opcode === 9) socket.write(clientFrame(10, data.toString('latin1', payload.from, payload.to)));
      else onFrame(wire, opcode, data, payload.from, payload.to);
      at = payload.to;
    }
  };
}

/** RFC 6455 §5.2. undefined when the header is not yet complete. */
function payloadAt(data: Buffer, at: number): { from: number; to: number } | undefined {
  const short = (data[at + 1] ?? -1) & 127;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < at + header) return undefined;
  const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
  return { from: at + header, to: at + header + length };
}

/** Masked with zeros, which is a mask like any other and leaves the payload as it is. */
function clientFrame(opcode: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : 8;
  const frame = Buffer.allocUnsafe(header + length).fill(0, 0, header);
  frame[0] = 0x80 | opcode;
  if (length < 126) {
    frame[1] = 0x80 | length;
  } else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, header);
  return frame;
}
