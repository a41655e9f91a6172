/** Asking the person at the terminal for what nobody should see. */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError } from './command.ts';

/**
 * A new password: typed twice without being shown or, where standard input is no terminal, its first line.
 * @throws CommandError
 */
export async function askNewPassword(): Promise<string> {
  if (process.stdin.isTTY !== true) {
    const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
    if (line === '') throw new CommandError('no password was given on standard input');
    return line;
  }
  const password = await askHidden('Password: ');
  if ((await askHidden('Again: ')) !== password) throw new CommandError('the two passwords differ');
  return password;
}

async function askHidden(question: string): Promise<string> {
  // Readline echoes to its output: this one shows nothing.
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nothing, terminal: true });
  process.stderr.write(question);
  const interrupted = new AbortController();
  lines.once('SIGINT', () => interrupted.abort());
  try {
    return await lines.question('', { signal: interrupted.signal });
  } catch {
    throw new CommandError('interrupted');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
