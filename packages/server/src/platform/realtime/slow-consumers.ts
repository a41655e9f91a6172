import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { ConfabSocket } from './hub.ts';

/** Frames that may wait to be written to one connection, beyond those its transport has taken already. */
const MAX_WAITING = 1000;
/** Characters of such frames: a few answers can be as large as many events. */
const MAX_WAITING_LENGTH = 16 * 1024 * 1024;

/**
 * Cuts the connections that do not keep up with reading, and throws away what waits for them: memory stays bounded, and
 * the others are not held up. A client that comes back repairs itself by `sync`. The reason goes into the log, as who
 * does not read cannot be told.
 */
export function cutSlowConsumers(sockets: Iterable<ConfabSocket>, log: Logger, metrics: Metrics): void {
  for (const socket of sockets) {
    // Engine.IO keeps frames here while the transport is still busy with the batch before. The field is its own affair:
    // the test of connections that do not read fails should it go away.
    const { writeBuffer } = socket.conn as unknown as { writeBuffer: readonly { data?: unknown }[] };
    const waiting = writeBuffer.length;
    const length = lengthOf(writeBuffer);
    if (waiting <= MAX_WAITING && length <= MAX_WAITING_LENGTH) continue;
    log.warn(
      { userId: socket.data.actor.userId, waiting, length },
      'a connection that does not keep up with reading was cut',
    );
    metrics.slowConsumersCut.inc();
    socket.conn.close(true);
  }
}

function lengthOf(packets: readonly { data?: unknown }[]): number {
  return packets.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), 0);
}
