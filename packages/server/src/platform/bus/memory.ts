import type { Bus, Channel, Frame, Listener } from './index.ts';

/** The bus of a single process. Frames are delivered in a later microtask, never within `publish`, as over a network. */
export function memoryBus(): Bus {
  const listeners = new Map<Channel, Set<Listener>>();
  let closed = false;

  function deliver(channel: Channel, frame: Frame): void {
    for (const listener of listeners.get(channel) ?? []) listener(frame, channel);
  }

  return {
    publish(channel, frame) {
      if (!closed && listeners.has(channel)) queueMicrotask(() => deliver(channel, frame));
    },
    async subscribe(channel, listener) {
      const own: Listener = (frame, on) => listener(frame, on);
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(own));
      return () => {
        set.delete(own);
        if (set.size === 0 && listeners.get(channel) === set) listeners.delete(channel);
      };
    },
    async close() {
      closed = true;
      listeners.clear();
    },
  };
}
