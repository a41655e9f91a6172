/** `npm run dev`: the server, restarted when its code changes, and Vite before it, until either ends or Ctrl-C. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const env = { CORS_ORIGINS: 'http://localhost:5173', ...process.env };
const children = [
  spawn(process.execPath, ['--watch', 'packages/server/src/main.ts'], { cwd: root, stdio: 'inherit', env }),
  spawn(join(root, 'node_modules/.bin/vite'), ['--strictPort'], { cwd: join(root, 'packages/web'), stdio: 'inherit' }),
];

function stop(): void {
  for (const child of children) child.kill('SIGTERM');
}

for (const child of children) child.on('exit', stop);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
