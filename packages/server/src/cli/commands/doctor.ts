import process from 'node:process';
import type { Config } from '../../config.ts';
import { ConfigError } from '../../config.ts';
import { examine } from '../../doctor/examine.ts';
import type { Context, Runnable } from '../context.ts';
import { type Finding, judgeNode, judgeOpenFiles, judgeProxy, ok, problem, warning } from '../../doctor/judgements.ts';

export const doctor: Runnable = {
  name: 'doctor',
  summary:
    'Look at configuration, database, proxy, clock, disk and the rest, and say what is wrong and how to mend it.',
  args: [],
  options: {},
  async run(_words, context) {
    const counts = { ok: 0, warning: 0, problem: 0 };
    for await (const finding of findings(context)) {
      counts[finding.level]++;
      context.print(`${finding.level.padEnd(8)} ${finding.about}: ${finding.says}`);
      if (finding.mend !== undefined) context.print(`         → ${finding.mend}`);
    }
    context.print(`${number(counts.problem, 'problem')}, ${number(counts.warning, 'warning')}.`);
    return counts.problem === 0;
  },
};

function number(count: number, of: string): string {
  return `${count} ${of}${count === 1 ? '' : 's'}`;
}

async function* findings(context: Context): AsyncGenerator<Finding, void, undefined> {
  yield judgeNode(process.versions.node);
  let config: Config;
  try {
    config = context.config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const one of error.problems)
      yield problem('configuration', `${one.name} ${one.problem}`, `set ${one.name} anew`);
    return;
  }
  yield* ofConfiguration(config);
  yield judgeOpenFiles(openFiles(), config.limits.connections.all);
  yield* examine(config, context);
}

function* ofConfiguration({ mode, database, redis, http, secretKey, sms, accounts }: Config): Generator<Finding> {
  const parts = [
    mode,
    `database ${database.url === undefined ? 'inside' : 'by DATABASE_URL'}`,
    `delivery ${redis.url === undefined ? 'in one process' : 'by Redis'}`,
    `secret ${secretKey === undefined ? 'in the data directory' : 'by SECRET_KEY'}`,
    `text messages ${sms === undefined ? 'off' : 'by Twilio'}`,
    `sign-in by ${['password', ...accounts.providers.map(({ name }) => name)].join(', ')}`,
  ];
  yield ok('configuration', parts.join('; '));
  if (mode === 'production' && http.publicUrl === undefined) {
    yield warning('configuration', 'PUBLIC_URL is not set: links in letters lead to this machine', 'set PUBLIC_URL');
  }
  if (mode === 'production' && http.publicUrl?.startsWith('http:') === true) {
    yield warning(
      'configuration',
      'PUBLIC_URL is not https: passwords travel in the clear',
      'put a proxy with TLS before it',
    );
  }
  yield judgeProxy(http.publicUrl, http.trustProxy, http.host);
}

/** The limit of this process, which the server started from the same place has as well; null: none is known. */
function openFiles(): number | null {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}
