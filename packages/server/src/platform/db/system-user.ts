import { readFile, stat } from 'node:fs/promises';
import { geteuid } from 'node:process';
import { StartupError } from '../lifecycle.ts';

/** An unprivileged user of this system. */
export interface SystemUser {
  name: string;
  /** To spread into the options of a child process. */
  ids: { uid: number; gid: number };
}

/**
 * Whom PostgreSQL runs as: undefined (this process's own user) unless that is root, which PostgreSQL refuses. Then the
 * owner of the first of `paths` that exists and is not root's, else `postgres`, else `nobody`.
 *
 * @throws {StartupError} when running as root and there is none of them.
 */
export async function unprivilegedUser(paths: string[]): Promise<SystemUser | undefined> {
  if (geteuid?.() !== 0) return undefined;
  for (const path of paths) {
    const owner = await stat(path).catch(() => undefined);
    if (owner !== undefined && owner.uid !== 0) {
      return { name: `#${owner.uid}`, ids: { uid: owner.uid, gid: owner.gid } };
    }
  }
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const users = passwd.split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([candidate]) => candidate === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { name, ids: { uid: Number(uid), gid: Number(gid) } };
  }
  throw new StartupError(
    'PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody to run it as',
  );
}
