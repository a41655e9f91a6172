import type { Device, Liveness, PresenceStore } from './index.ts';

/** The devices of a single process. */
export function memoryPresence(): PresenceStore {
  const devices = new Map<string, Device>();
  /** Lists, as most have one. */
  const ofPerson = new Map<string, Device[]>();

  function livenessOf(userId: string): Liveness | null {
    const theirs = ofPerson.get(userId);
    if (theirs === undefined) return null;
    return theirs.some(({ idle }) => !idle) ? 'active' : 'idle';
  }

  function othersOf({ userId, connectionId }: Device): Device[] {
    return (ofPerson.get(userId) ?? []).filter((device) => device.connectionId !== connectionId);
  }

  return {
    // A single process and its store live and die together.
    async start() {},
    async put(device) {
      const { userId, connectionId } = device;
      const before = livenessOf(userId);
      devices.set(connectionId, device);
      ofPerson.set(userId, [...othersOf(device), device]);
      return { before, after: livenessOf(userId) };
    },
    async remove(connectionId) {
      const device = devices.get(connectionId);
      if (device === undefined) return { before: null, after: null };
      const { userId } = device;
      const before = livenessOf(userId);
      devices.delete(connectionId);
      const others = othersOf(device);
      if (others.length > 0) ofPerson.set(userId, others);
      else ofPerson.delete(userId);
      return { before, after: livenessOf(userId) };
    },
    async read(userIds) {
      const found = new Map<string, Liveness>();
      for (const userId of userIds) {
        const liveness = livenessOf(userId);
        if (liveness !== null) found.set(userId, liveness);
      }
      return found;
    },
    async everyone() {
      return [...ofPerson.keys()];
    },
    async close() {
      devices.clear();
      ofPerson.clear();
    },
  };
}
