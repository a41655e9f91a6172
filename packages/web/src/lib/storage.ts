/** Small settings of this device. Where storage is blocked they last as long as the page. */
const fallback = new Map<string, string>();
const full = (key: string) => `confab.${key}`;

export function readItem(key: string): string | null {
  try {
    return localStorage.getItem(full(key));
  } catch {
    return fallback.get(key) ?? null;
  }
}

/** `null` removes the item. */
export function writeItem(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(full(key));
    else localStorage.setItem(full(key), value);
  } catch {
    if (value === null) fallback.delete(key);
    else fallback.set(key, value);
  }
}

/** Removes every item whose key begins so. */
export function removeItems(prefix: string): void {
  for (const key of fallback.keys()) if (key.startsWith(prefix)) fallback.delete(key);
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(full(prefix))) localStorage.removeItem(key);
  } catch {
    // Storage is blocked: nothing is in it.
  }
}
