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
    const { entries, head: last, broken, headFound } = await verifyAudit(context.config(), context, head);
    context.print(`${entries} ${entries === 1 ? 'entry fits' : 'entries fit'}.`);
    if (last !== null) context.print(`head ${last}`);
    if (broken !== null) context.print(`Entry ${broken} does not fit: it was changed, or one before it is missing.`);
    if (headFound === false)
      context.print('The noted hash is not in the trail: its end was removed, or it was rewritten.');
    return broken === null && headFound !== false;
  },
};
