/** `npm run confab -- <command>`: what those who run an installation do to it, beside its server or without one. */
import process from 'node:process';
import { ProtocolError } from '@confab/protocol';
import { type Config, parseConfig } from '../config.ts';
import { createLifecycle, StartupError } from '../platform/lifecycle.ts';
import { createLogger } from '../platform/log.ts';
import { CommandError, helpOf, readWords, UsageError } from './command.ts';
import { audit } from './commands/audit.ts';
import { createAdmin } from './commands/create-admin.ts';
import { doctor } from './commands/doctor.ts';
import { grantRole } from './commands/grant-role.ts';
import { lounges, rooms } from './commands/lounges.ts';
import { migrate } from './commands/migrate.ts';
import { resetPassword } from './commands/reset-password.ts';
import { rotateKeys } from './commands/rotate-keys.ts';
import { endSessions, listSessions } from './commands/sessions.ts';
import { createContext, type Runnable } from './context.ts';

const commands: readonly Runnable[] = [
  createAdmin,
  grantRole,
  resetPassword,
  listSessions,
  endSessions,
  rotateKeys,
  migrate,
  doctor,
  audit,
  lounges,
  rooms,
];

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? WRONG_USAGE : DONE;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw new UsageError(`there is no command '${name}'; --help lists them`);
  const words = readWords(command, argv);
  if (words === 'help') {
    process.stdout.write(helpOf(command));
    return DONE;
  }
  // Only what goes wrong, and not among what the command prints.
  const log = createLogger({ level: 'warn', format: 'auto' }, process.stderr);
  const lifecycle = createLifecycle(log);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void lifecycle.fail(signal).then(() => process.exit(FAILED)));
  }
  let config: Config | undefined;
  const context = createContext(() => (config ??= parseConfig(process.env)), { log, lifecycle });
  try {
    return (await command.run(words, context)) === false ? FAILED : DONE;
  } finally {
    await lifecycle.stop('done');
  }
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return ['Usage: npm run confab -- <command> [--help]', '', ...lines, ''].join('\n');
}

/** One line for people; of what should not happen, all there is to know. */
function inWords(error: unknown): string {
  if (error instanceof UsageError || error instanceof CommandError || error instanceof StartupError) {
    return error.message;
  }
  if (!(error instanceof ProtocolError)) return String(error instanceof Error ? error.stack : error);
  const { code, details } = error;
  if (code === 'not_found') return 'there is nobody with this username';
  if (code === 'username_taken') return 'this username is taken or reserved';
  if (code === 'last_owner') return 'this is the only owner: make someone else owner first';
  if (code === 'forbidden') return 'guests have no other role: they become members by upgrading';
  return details?.fields?.map(({ field, problem }) => `${field} ${problem}`).join('; ') ?? error.message;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`confab: ${inWords(error)}\n`);
    process.exit(error instanceof UsageError ? WRONG_USAGE : FAILED);
  },
);
