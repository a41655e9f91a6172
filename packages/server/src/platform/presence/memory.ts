import type { Device, Liveness, PresenceStore } from './index.ts';

/** The devices of a single process. */
export function memoryPresence(): PresenceStore {
  const devices = new Map<string, Device>();
  const ofPerson = new Map<string, Map<string, Device>>();

  function livenessOf(userId: string): Liveness | null {
    const theirs = ofPerson.get(userId);
    if (theirs === undefined) return null;
    return [...theirs.values()].some(({ idle }) => !idle) ? 'active' : 'idle';
  }

  return {
    // A single process and its store live and die together.
    async start() {},
    async put(device) {
      const { userId, connectionId } = device;
      const before = livenessOf(userId);
      const theirs = ofPerson.get(userId) ?? new Map<string, Device>();
      devices.set(connectionId, device);
      ofPerson.set(userId, theirs.set(connectionId, device));
      return { before, after: livenessOf(userId) };
    },
    async remove(connectionId) {
      const device = devices.get(connectionId);
      if (device === undefined) return { before: null, after: null };
      const { userId } = device;
      const before = livenessOf(userId);
      devices.delete(connectionId);
      const theirs = ofPerson.get(userId);
      theirs?.delete(connectionId);
      if (theirs?.size === 0) ofPerson.delete(userId);
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
