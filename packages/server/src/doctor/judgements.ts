/** What the doctor thinks of what it measured. */
import type { TaskState } from '../platform/upkeep/index.ts';

export interface Finding {
  level: 'ok' | 'warning' | 'problem';
  about: string;
  says: string;
  /** What to do about it. */
  mend?: string;
}

const MB = 1024 * 1024;
const OLDEST_NODE = 24;
const OLDEST_REDIS = 7;

export function ok(about: string, says: string): Finding {
  return { level: 'ok', about, says };
}

export function warning(about: string, says: string, mend: string): Finding {
  return { level: 'warning', about, says, mend };
}

export function problem(about: string, says: string, mend: string): Finding {
  return { level: 'problem', about, says, mend };
}

/** @param version such as 24.1.0 */
export function judgeNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return ok('node', `version ${version}`);
  return problem(
    'node',
    `version ${version} is too old`,
    `start with Node ${OLDEST_NODE} or later, as \`npm run\` does`,
  );
}

export function judgeDisk(path: string, freeBytes: number): Finding {
  const says = `${Math.floor(freeBytes / MB)} MB free in ${path}`;
  const mend = 'free some space or move DATA_DIR: a database that cannot write stops';
  if (freeBytes < 200 * MB) return problem('disk', says, mend);
  return freeBytes < 2048 * MB ? warning('disk', says, mend) : ok('disk', says);
}

/** @param mode of the directory, as of `stat` */
export function judgeDataDirectory(path: string, mode: number): Finding {
  if ((mode & 0o077) === 0) return ok('data directory', path);
  return problem(
    'data directory',
    `${path} is open to other users of this machine`,
    `it holds the secret and all data: chmod 700 ${path}`,
  );
}

/** @param limit null where there is none */
export function judgeOpenFiles(limit: number | null, connections: number): Finding {
  const needed = connections + 500;
  if (limit === null || limit >= needed) return ok('open files', limit === null ? 'no limit' : `limit ${limit}`);
  const mend = `raise the limit to ${needed} (LimitNOFILE= of systemd, ulimit -n), or lower MAX_CONNECTIONS`;
  const says = `limit ${limit}; each of ${connections} connections (MAX_CONNECTIONS) takes one`;
  return limit < 1024 ? problem('open files', says, mend) : warning('open files', says, mend);
}

/** @param aheadMs how far this machine’s clock is ahead of the database’s */
export function judgeClock(aheadMs: number): Finding {
  const off = Math.abs(aheadMs);
  const says = `${(off / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database`;
  if (off < 1000) return ok('clock', 'agrees with the database');
  const mend = 'let both machines follow NTP: codes, tokens and bans end at a time';
  return off < 10_000 ? warning('clock', says, mend) : problem('clock', says, mend);
}

export function judgeProxy(
  publicUrl: string | undefined,
  trustProxy: boolean | number | string[],
  host: string,
): Finding {
  if (publicUrl?.startsWith('https:') === true && trustProxy === false) {
    return warning(
      'proxy',
      'PUBLIC_URL is https, so a proxy stands before the server, and TRUST_PROXY is not set',
      'set TRUST_PROXY to its address, such as 127.0.0.1: until then all visitors share one address and its rate limits',
    );
  }
  const isOpen = !['127.0.0.1', '::1', 'localhost'].includes(host);
  if (trustProxy === true && isOpen) {
    return warning(
      'proxy',
      `TRUST_PROXY is true and HOST is ${host}: whoever reaches the port may claim any address`,
      'set TRUST_PROXY to the address of the proxy, or HOST to 127.0.0.1',
    );
  }
  if (trustProxy !== false && publicUrl === undefined) {
    return warning('proxy', 'TRUST_PROXY is set without PUBLIC_URL', 'set PUBLIC_URL to where people reach the server');
  }
  return ok('proxy', trustProxy === false ? 'none is trusted' : 'trusted as configured');
}

/** @param settings as PostgreSQL shows them */
export function judgeDurability(settings: Readonly<Record<string, string>>): Finding {
  const off = ['fsync', 'full_page_writes', 'synchronous_commit'].filter((name) => settings[name] === 'off');
  if (off.length === 0) return ok('durability', 'fsync, full_page_writes and synchronous_commit are on');
  return problem(
    'durability',
    `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off: what was acknowledged may be lost`,
    'switch it on in postgresql.conf (or by ALTER SYSTEM, ALTER DATABASE) and reload',
  );
}

/** @param info what INFO answers */
export function judgeRedis(info: string): Finding {
  const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
  if (Number.parseInt(version, 10) >= OLDEST_REDIS) return ok('redis', `version ${version}`);
  return problem('redis', `version ${version}`, `version ${OLDEST_REDIS} or later is needed`);
}

/**
 * @param now epoch ms, by the clock the tasks run by
 * @param running whether there is a server: without one nothing is overdue
 */
export function judgeTasks(tasks: readonly TaskState[], now: number, running: boolean): Finding {
  const failed = tasks.filter(({ succeeded }) => succeeded === false).map(({ name }) => name);
  // Due one period after it began last: then it has not begun for three.
  const overdue = tasks.filter(({ nextAt, everyMs }) => running && now > nextAt + 2 * everyMs).map(({ name }) => name);
  if (failed.length + overdue.length === 0) return ok('periodic tasks', `${tasks.length}, none failed or overdue`);
  const says = [
    ...(failed.length === 0 ? [] : [`failed when last run: ${failed.join(', ')}`]),
    ...(overdue.length === 0 ? [] : [`overdue by two periods: ${overdue.join(', ')}`]),
  ];
  return warning(
    'periodic tasks',
    says.join('; '),
    'look into the log for `a periodic task failed`; a task is tried again at its next time',
  );
}
