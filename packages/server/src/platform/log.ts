import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import pretty from 'pino-pretty';
import { redact } from './redact.ts';
import { currentRequestId } from './requests.ts';

/** Structured log: `log.info({ roomId }, 'room created')`. Secrets in the fields are redacted at any depth. */
export type Logger = pino.Logger;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logFormats = ['auto', 'pretty', 'json'] as const;

export interface LogConfig {
  level: (typeof logLevels)[number];
  /** `auto` is `pretty` on a terminal and `json` (one object a line) elsewhere. */
  format: (typeof logFormats)[number];
}

/** Whether the log is for people (`pretty`), not for programs. */
export function isReadable({ format }: LogConfig): boolean {
  return format === 'pretty' || (format === 'auto' && isatty(1));
}

/**
 * A logger that writes to standard output, or to `destination`.
 *
 * Writing is synchronous, so the last lines before a crash are kept.
 */
export function createLogger(
  config: LogConfig,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  const logger = pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ requestId: currentRequestId() }),
      // Errors are plain objects by the time pino would serialise them.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg: unknown) => redact(arg)) as Parameters<typeof method>);
        },
      },
    },
    isReadable(config) ? prettyStream(destination) : destination,
  );

  // Neither the hook above nor pino's formatters see the bindings of children; every child inherits this method.
  // oxlint-disable-next-line typescript/unbound-method -- applied to the logger it is called on
  const child: (...args: never[]) => unknown = logger.child;
  logger.child = function <L extends string>(this: Logger, bindings: object, options?: pino.ChildLoggerOptions<L>) {
    const made: unknown = Reflect.apply(child, this, [redact(bindings), options]);
    return made as pino.Logger<L>;
  };
  return logger;
}

function prettyStream(destination: DestinationStream): DestinationStream {
  const format = pretty.prettyFactory({ colorize: isatty(1), translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => destination.write(format(line)) };
}
