/** Programs of the system that the tests use. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Peer {
  /** Any of them will do, the first of them best. In Debian and Ubuntu their packages are called the same. */
  programs: readonly [string, ...string[]];
  usedFor: string;
}

/** The one without windows does the tests' pages with half of the work. Ubuntu, for one, does not have it. */
const browsers: Peer = { programs: ['chromium-headless-shell', 'chromium'], usedFor: 'tests in a browser' };
const peers: readonly Peer[] = [browsers, { programs: ['redis-server'], usedFor: 'tests of several nodes' }];

/**
 * Sees to it that all peers are there, installing missing ones where it may: as root, or with a sudo that asks nothing,
 * on a system with apt-get. Resolves to what is still missing, in words; empty when all is well.
 */
export function ensurePeers(): string[] {
  const missing = () => peers.filter(({ programs }) => find(programs) === undefined);
  install(peers.filter(({ programs: [best] }) => find([best]) === undefined).map(({ programs: [best] }) => best));
  install(missing().map(({ programs }) => programs.at(-1) ?? programs[0]));
  return missing().map(({ programs, usedFor }) => isMissing(programs, usedFor));
}

/** The path of the browser that tests use. Throws when there is none. */
export function findBrowser(): string {
  const path = find(browsers.programs);
  if (path === undefined) throw new Error(isMissing(browsers.programs, browsers.usedFor));
  return path;
}

function isMissing(programs: readonly string[], usedFor: string): string {
  const [name = ''] = programs.slice(-1);
  return `${name} is missing, for ${usedFor}: install it (Debian, Ubuntu: apt-get install ${name})`;
}

function install(packages: readonly string[]): void {
  if (packages.length === 0 || find(['apt-get']) === undefined) return;
  const script = ['sh', join(import.meta.dirname, 'install-peers.sh'), ...packages];
  const [command = '', ...args] = process.getuid?.() === 0 ? script : ['sudo', '-n', ...script];
  console.log(`Installing ${packages.join(', ')} …`);
  const { status, stdout, stderr } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (status !== 0) console.log(`${String(stdout ?? '')}${String(stderr ?? '')}`);
}

/** The path of the first of these programs that is installed. */
function find(programs: readonly string[]): string | undefined {
  // Packages may put programs outside of an ordinary user's PATH.
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  const paths = programs.flatMap((program) => directories.map((directory) => join(directory, program)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
