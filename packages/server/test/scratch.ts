import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const IN_MEMORY = '/dev/shm';
const PLENTY_BYTES = 4 * 2 ** 30;

/**
 * Where tests keep databases: in memory where Linux has plenty of it, for creating and copying databases is mostly
 * writing files. What PostgreSQL does is the same.
 */
export function databaseDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= PLENTY_BYTES ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
