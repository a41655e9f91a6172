import type { Bus, Channel, Frame, Listener } from './index.ts';

/** The bus of a single process. Frames are delivered in a later microtask, never within `publish`, as over a network. */
export function memoryBus(): Bus {
  const subscriptions = new Map<Channel, readonly { listener: Listener }[]>();
  let closed = false;

  function deliver(channel: Channel, frame: Frame): void {
    for (const one of subscriptions.get(channel) ?? []) {
      // Another listener may have stopped it.
      if (subscriptions.get(channel)?.includes(one)) one.listener(frame, channel);
    }
  }

  return {
    publish(channel, frame) {
      if (!closed && subscriptions.has(channel)) queueMicrotask(() => deliver(channel, frame));
    },
    async subscribe(channel, listener) {
      const own = { listener };
      subscriptions.set(channel, [...(subscriptions.get(channel) ?? []), own]);
      return () => {
        const others = (subscriptions.get(channel) ?? []).filter((one) => one !== own);
        if (others.length > 0) subscriptions.set(channel, others);
        else subscriptions.delete(channel);
      };
    },
    async close() {
      closed = true;
      subscriptions.clear();
    },
  };
}
