/** What a command is, and how its words are read. */
import { parseArgs } from 'node:util';

/** Wrong words on the command line: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Could not be done: one line for the person who asked. */
export class CommandError extends Error {
  override name = 'CommandError';
}

export interface Option {
  type: 'string' | 'boolean';
  help: string;
}

/** What was said after the command's name. */
export interface Words {
  /** As many as the command has arguments. */
  args: string[];
  text: (option: string) => string | undefined;
  isSet: (option: string) => boolean;
}

export interface Command {
  name: string;
  summary: string;
  /** Names of what follows it, all required. */
  args: readonly string[];
  options: Readonly<Record<string, Option>>;
}

/** @throws UsageError */
export function readWords(command: Command, argv: readonly string[]): Words | 'help' {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }]));
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(firstSentence(error));
  }
  const values: Readonly<Record<string, unknown>> = parsed.values;
  const { positionals } = parsed;
  if (values['help'] === true) return 'help';
  if (positionals.length !== command.args.length) {
    throw new UsageError(
      positionals.length < command.args.length
        ? `<${command.args[positionals.length]}> is missing`
        : `'${positionals[command.args.length]}' is one too many`,
    );
  }
  return {
    args: positionals,
    text(option) {
      const value = values[option];
      return typeof value === 'string' ? value : undefined;
    },
    isSet: (option) => values[option] === true,
  };
}

export function helpOf({ name, summary, args, options }: Command): string {
  const shown = Object.entries(options).map(([option, { type, help }]) => [
    `--${option}${type === 'string' ? ' <…>' : ''}`,
    help,
  ]);
  const width = Math.max(0, ...shown.map(([option = '']) => option.length));
  const words = [
    'npm run confab --',
    name,
    ...args.map((arg) => `<${arg}>`),
    ...(shown.length > 0 ? ['[options]'] : []),
  ];
  return [
    `Usage: ${words.join(' ')}`,
    '',
    summary,
    ...(shown.length > 0 ? ['', ...shown.map(([option = '', help = '']) => `  ${option.padEnd(width)}  ${help}`)] : []),
    '',
  ].join('\n');
}

function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(/\. |\n/)[0] ?? text;
}
