import { type LocalStore, memoryStore } from '@confab/sdk';

const PREFIX = 'confab.store.';

/**
 * Unsent messages of this tab, kept over reloads. Per tab, because two tabs that share an outbox would send each
 * other's messages. Where storage is blocked, memory.
 */
export function tabStore(): LocalStore {
  const storage = sessionStorageOrNull();
  if (storage === null) return memoryStore();
  return {
    get: (key) => attempt(() => storage.getItem(PREFIX + key)),
    set: (key, value) => attempt(() => storage.setItem(PREFIX + key, value)),
    delete: (key) => attempt(() => storage.removeItem(PREFIX + key)),
    list: (prefix) =>
      attempt(() =>
        Object.keys(storage)
          .filter((key) => key.startsWith(PREFIX + prefix))
          .sort()
          .map((key): [string, string] => [key.slice(PREFIX.length), storage.getItem(key) ?? '']),
      ),
  };
}

function sessionStorageOrNull(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

// What the synchronous call throws (a full storage) becomes a rejection, as the contract has it.
function attempt<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
