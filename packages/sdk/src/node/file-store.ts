/** `@confab/sdk/node`: what only Node has. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { entriesUnder, type LocalStore } from '../store.ts';

/**
 * A `LocalStore` in one JSON file, readable by its owner only. A change resolves once it is on the disk (written
 * beside, fsynced, renamed), so the file is whole after a crash at any moment. Changes made at the same time share one
 * write. For one process at a time, and for small contents: each write rewrites the file.
 */
export function fileStore(path: string): LocalStore {
  let loading: Promise<Map<string, string>> | undefined;
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const load = (): Promise<Map<string, string>> => (loading ??= readEntries(path));

  // One write is under way and at most one waits; whatever changes meanwhile is part of the one that waits.
  const save = (entries: ReadonlyMap<string, string>): Promise<void> => {
    next ??= (async () => {
      await writing?.catch(() => undefined);
      next = undefined;
      writing = writeWhole(path, JSON.stringify(Object.fromEntries(entries)));
      await writing;
    })();
    return next;
  };

  return {
    get: async (key) => (await load()).get(key) ?? null,
    async set(key, value) {
      const entries = await load();
      entries.set(key, value);
      await save(entries);
    },
    async delete(key) {
      const entries = await load();
      if (entries.delete(key)) await save(entries);
    },
    list: async (prefix) => entriesUnder(await load(), prefix),
  };
}

async function readEntries(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}

async function writeWhole(path: string, text: string): Promise<void> {
  // Of its own: a client that is about to end may still write while the next one begins.
  const beside = `${path}.${randomUUID()}.new`;
  await writeAndSync(beside, text);
  await rename(beside, path);
  const directory = await open(dirname(path));
  try {
    // The rename itself is durable once the directory is.
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function writeAndSync(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
