import { join } from 'node:path';
import type { MigrationSource } from '../platform/db/migrate.ts';

/** The modules that own tables, in the order in which their migrations are applied. */
const modules = ['accounts', 'rooms', 'messages', 'safety', 'presence', 'lounges', 'matching', 'moderation'];

export const migrations: readonly MigrationSource[] = [
  { module: 'upkeep', dir: join(import.meta.dirname, '../platform/upkeep/migrations') },
  ...modules.map((module) => ({ module, dir: join(import.meta.dirname, module, 'migrations') })),
];
