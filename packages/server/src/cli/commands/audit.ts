import type { LogVerdict } from '../../modules/safety/index.ts';
import { verifyAudit } from '../../tools.ts';
import { CommandError, UsageError } from '../command.ts';
import type { Runnable } from '../context.ts';

export const audit: Runnable = {
  name: 'audit',
  summary: 'Check that the audit trail of moderation is as it was written: audit verify.',
  args: ['verify'],
  options: {
    head: {
      type: 'string',
      help: 'A hash noted earlier, which must still be in the trail (see the log of the server).',
    },
  },
  async run({ args: [what], text }, context) {
    if (what !== 'verify') throw new UsageError(`'${what}' is no check; there is: verify`);
    const head = text('head')?.toLowerCase();
    if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) throw new CommandError('--head is no hash: 64 hex digits');
    const verdict = await verifyAudit(context.config(), context, head);
    const { entries, head: last } = verdict;
    context.print(`${entries} ${entries === 1 ? 'entry fits' : 'entries fit'}.`);
    if (last !== null) context.print(`head ${last}`);
    const problems = problemsOf(verdict);
    context.print(...problems);
    return problems.length === 0;
  },
};

/** What is wrong, in sentences. */
function problemsOf({ entries, broken, headFound, ...beside }: LogVerdict): string[] {
  const { recorded, unchained, switchedOff, switchedSince, sanctions, begun } = beside;
  const problems: string[] = [];
  if (broken !== null) problems.push(`Entry ${broken} does not fit: it was changed, or one before it is missing.`);
  else if (recorded !== entries)
    problems.push(`${recorded} were recorded: the end was removed, or the count was changed.`);
  if (entries === 0 && broken === null && sanctions + begun > 0) {
    problems.push(`The trail is empty: there are ${sanctions} sanctions, and ${begun} entries were begun.`);
  }
  if (unchained > 0) problems.push(`${unchained} arrived and never came into the trail.`);
  for (const name of switchedOff) problems.push(`The trigger ${name} that keeps the trail is off or gone.`);
  if (switchedSince && switchedOff.length === 0) {
    problems.push(
      'The triggers that keep the trail were off for a while, or made anew: entries of that time may be missing.',
    );
  }
  if (headFound === false)
    problems.push('The noted hash is not in the trail: its end was removed, or it was rewritten.');
  return problems;
}
