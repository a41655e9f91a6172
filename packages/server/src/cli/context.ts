/** What commands are given. */
import process from 'node:process';
import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Accounts } from '../modules/accounts/index.ts';
import type { LoungeService } from '../modules/lounges/index.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Logger } from '../platform/log.ts';
import { openAccounts, openLounges } from '../tools.ts';
import { askNewPassword } from './ask.ts';
import type { Command, Words } from './command.ts';

export interface Context {
  /** As it was started; `config` is read from it. */
  env: Readonly<Record<string, string | undefined>>;
  /** @throws ConfigError */
  config(): Config;
  log: Logger;
  lifecycle: Lifecycle;
  /** Opened at the first call. @throws StartupError */
  accounts(): Promise<Accounts>;
  /** Opened at the call. @throws StartupError */
  lounges(): Promise<LoungeService>;
  /** Writes lines to standard output. */
  print(...lines: string[]): void;
  askNewPassword(): Promise<string>;
  /** 128 random bits, as text. */
  generatePassword(): string;
}

export interface Runnable extends Command {
  /** Answers whether all is well. @throws CommandError, UsageError, StartupError, ProtocolError */
  run(words: Words, context: Context): Promise<boolean | void>;
}

export function createContext(
  config: () => Config,
  { log, lifecycle }: { log: Logger; lifecycle: Lifecycle },
): Context {
  return {
    env: process.env,
    config,
    log,
    lifecycle,
    accounts: () => openAccounts(config(), { log, lifecycle }),
    lounges: () => openLounges(config(), { log, lifecycle }),
    print: (...lines) => void process.stdout.write(lines.map((line) => `${line}\n`).join('')),
    askNewPassword,
    generatePassword: () => randomBytes(16).toString('base64url'),
  };
}
