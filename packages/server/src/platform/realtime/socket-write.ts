/**
 * Writing to a TCP connection past Node's stream. The one place that knows the insides of Node's sockets: where they are
 * others than expected it writes through the stream, and a test fails.
 */
import type { Socket } from 'node:net';
// oxlint-disable-next-line no-restricted-imports -- the one way to what Node wraps its sockets in
import process from 'node:process';

/** libuv's end of a connection, as Node 24 wraps it. */
interface Handle {
  /** Writes what the system takes, and queues the rest. Answers 0, or the number of an error. */
  writeBuffer(request: WriteRequest, data: Buffer): number;
}

interface WriteRequest {
  /** Kept until it is written. */
  buffer: Buffer;
  oncomplete(this: void, status: number): void;
}

interface StreamBinding {
  WriteWrap: new () => WriteRequest;
  /** What the last call did, at the index of each fact. */
  streamBaseState: ArrayLike<number>;
  kLastWriteWasAsync: number;
}

type Write = (socket: Socket, data: Buffer) => void;

/** Connections for which libuv holds some of what was written here. */
const held = new Set<Socket>();

/** Whether the system has not taken yet what was written here. What waits in the stream of the connection is not counted. */
export function isHeld(socket: Socket): boolean {
  return held.size > 0 && held.has(socket);
}

/**
 * Writes, in the order of the calls and of all that is written to the stream. What the system takes at once, as it does
 * unless the other end reads too slowly, costs no work of the stream. Everything else goes by it, errors as well.
 */
export const writeAtOnce: Write = pastTheStream() ?? ((socket, data) => void socket.write(data));

function pastTheStream(): Write | undefined {
  const node = process as unknown as { binding(name: string): unknown };
  try {
    const { TCP } = node.binding('tcp_wrap') as { TCP: new () => Handle };
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = node.binding('stream_wrap') as StreamBinding;
    // Only what is queued uses its request up.
    let request = new WriteWrap();
    return (socket, data) => {
      const handle = (socket as unknown as { _handle: unknown })._handle;
      const free = handle instanceof TCP && socket.writable && socket.writableLength === 0 && !isHeld(socket);
      if (!free || handle.writeBuffer(request, data) !== 0) {
        socket.write(data);
      } else if (streamBaseState[kLastWriteWasAsync] !== 0) {
        held.add(socket);
        request.buffer = data;
        request.oncomplete = (status) => {
          held.delete(socket);
          if (status < 0) socket.destroy();
        };
        request = new WriteWrap();
      }
    };
  } catch {
    return undefined;
  }
}
