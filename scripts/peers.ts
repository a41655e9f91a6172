/** Programs of the system that the tests use. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Peer {
  command: string;
  /** Its package in Debian and Ubuntu. */
  package: string;
  usedFor: string;
}

const peers: Peer[] = [
  { command: 'chromium', package: 'chromium', usedFor: 'tests in a browser' },
  { command: 'redis-server', package: 'redis-server', usedFor: 'tests of several nodes' },
];

/**
 * Sees to it that all peers are there, installing missing ones where it may: as root, or with a sudo that asks nothing,
 * on a system with apt-get. Resolves to what is still missing, in words; empty when all is well.
 */
export function ensurePeers(): string[] {
  const missing = peers.filter(({ command }) => !isInstalled(command));
  if (missing.length === 0) return [];
  const packages = missing.map((peer) => peer.package);
  if (isInstalled('apt-get')) {
    const script = ['sh', join(import.meta.dirname, 'install-peers.sh'), ...packages];
    const [command = '', ...args] = process.getuid?.() === 0 ? script : ['sudo', '-n', ...script];
    console.log(`Installing ${packages.join(', ')} …`);
    const { status, stdout, stderr } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (status !== 0) console.log(`${String(stdout ?? '')}${String(stderr ?? '')}`);
  }
  return missing
    .filter(({ command }) => !isInstalled(command))
    .map(
      (peer) =>
        `${peer.command} is missing, for ${peer.usedFor}: install it (Debian, Ubuntu: apt-get install ${peer.package})`,
    );
}

function isInstalled(command: string): boolean {
  // Packages may put programs outside of an ordinary user's PATH.
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
