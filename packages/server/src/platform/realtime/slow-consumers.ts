import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { ConfabSocket } from './hub.ts';

/** Frames that may wait to be written to one connection, beyond those its transport has taken already. */
const MAX_WAITING = 1000;

/**
 * Cuts the connections that do not keep up with reading, and throws away what waits for them: memory stays bounded, and
 * the others are not held up. A client that comes back repairs itself by `sync`. The reason goes into the log, as who
 * does not read cannot be told.
 */
export function cutSlowConsumers(sockets: Iterable<ConfabSocket>, log: Logger, metrics: Metrics): void {
  for (const socket of sockets) {
    // Engine.IO keeps frames here while the transport is still busy with the batch before.
    const waiting = socket.conn.writeBuffer.length;
    if (waiting <= MAX_WAITING) continue;
    log.warn({ userId: socket.data.actor.userId, waiting }, 'a connection that does not keep up with reading was cut');
    metrics.slowConsumersCut.inc();
    socket.conn.close(true);
  }
}
