import { migrateDatabase } from '../../tools.ts';
import type { Runnable } from '../context.ts';

export const migrate: Runnable = {
  name: 'migrate',
  summary: 'Bring the database up to date, as the server does when it starts.',
  args: [],
  options: { check: { type: 'boolean', help: 'Only say what is missing; exit code 1 if anything is.' } },
  async run({ isSet }, context) {
    const only = isSet('check') ? 'look' : 'apply';
    const names = await migrateDatabase(context.config(), context, only);
    if (names.length === 0) return context.print('The database is up to date.');
    context.print(...names.map((name) => `${only === 'look' ? 'missing' : 'applied'}  ${name}`));
    return only === 'apply';
  },
};
