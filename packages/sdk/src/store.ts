/**
 * Where a client keeps what must survive a restart: messages not yet acknowledged and, outside browsers, its refresh
 * token. Values are strings, keys are paths such as `outbox/<user>/<clientId>`. Each call is atomic; a promise resolves
 * once the change is as durable as the store can make it; calls take effect in the order they were made.
 */
export interface LocalStore {
  /** null when there is none. */
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  /** Nothing happens when there is none. */
  delete(key: string): Promise<void>;
  /** Entries whose key begins with `prefix`, ascending by key. */
  list(prefix: string): Promise<[key: string, value: string][]>;
}

/** Forgets everything with the process. */
export function memoryStore(): LocalStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(entries.get(key) ?? null),
    set(key, value) {
      entries.set(key, value);
      return Promise.resolve();
    },
    delete(key) {
      entries.delete(key);
      return Promise.resolve();
    },
    list: (prefix) => Promise.resolve(entriesUnder(entries, prefix)),
  };
}

export function entriesUnder(entries: ReadonlyMap<string, string>, prefix: string): [string, string][] {
  return [...entries].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}
