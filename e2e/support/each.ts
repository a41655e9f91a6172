/**
 * Runs a program once for each list of arguments, one after the other in this process, which loads its modules once. The
 * program must end by `process.exit`. Writes what came of each, in order, as JSON.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [program = '', lists = '[]'] = process.argv.slice(2);
const write = process.stdout.write.bind(process.stdout);
const ran: { code: number; stdout: string; stderr: string }[] = [];
for (const [i, args] of (JSON.parse(lists) as string[][]).entries()) {
  const said = { stdout: '', stderr: '' };
  const exited = Promise.withResolvers<number>();
  process.argv.splice(2, Infinity, ...args);
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (text: string | Uint8Array) => ((said[stream] += String(text)), true);
  }
  process.exit = ((code: number) => exited.resolve(code)) as typeof process.exit;
  await import(`${pathToFileURL(program).href}?${i}`);
  ran.push({ code: await exited.promise, ...said });
}
write(JSON.stringify(ran));
