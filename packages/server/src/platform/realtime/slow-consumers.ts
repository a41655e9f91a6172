import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { backlog, cut, hasBacklog } from './frames.ts';
import type { ConfabSocket } from './sockets.ts';

/** Frames that may wait to be written to one connection, beyond those its transport has taken already. */
const MAX_FRAMES = 1000;
/** Characters of such frames: a few answers can be as large as many events. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Bytes that may wait although the system takes none of them, and while it does: a large answer over a slow line. */
const MAX_STALLED = 1024 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;

/** How much of each connection had been taken when it was last looked at; only of those with much waiting. */
const takenBefore = new WeakMap<ConfabSocket, number>();

/**
 * Cuts the connections that do not keep up with reading, and throws away what waits for them: memory stays bounded, and
 * the others are not held up. A client that comes back repairs itself by `sync`. The reason goes into the log, as who
 * does not read cannot be told.
 */
export function cutSlowConsumers(sockets: Iterable<ConfabSocket>, log: Logger, metrics: Metrics): void {
  for (const socket of sockets) {
    if (!hasBacklog(socket)) continue;
    const waiting = backlog(socket);
    const { frames, characters, bytes, taken } = waiting;
    const stalled = bytes > MAX_STALLED && takenBefore.get(socket) === taken;
    if (bytes > MAX_STALLED) takenBefore.set(socket, taken);
    if (frames <= MAX_FRAMES && characters <= MAX_CHARACTERS && bytes <= MAX_BYTES && !stalled) continue;
    log.warn(
      { userId: socket.data.actor.userId, ...waiting },
      'a connection that does not keep up with reading was cut',
    );
    metrics.slowConsumersCut.inc();
    cut(socket);
  }
}
