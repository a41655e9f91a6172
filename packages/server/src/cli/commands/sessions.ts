import type { Runnable } from '../context.ts';
import { columns } from '../table.ts';

export const listSessions: Runnable = {
  name: 'list-sessions',
  summary: 'Show where someone is signed in, the latest use first.',
  args: ['username'],
  options: {},
  async run({ args: [username = ''] }, context) {
    const { commands } = await context.accounts();
    const sessions = await commands.sessions(username);
    if (sessions.length === 0) return context.print(`${username} is not signed in anywhere.`);
    const rows = sessions.map(({ lastUsedAt, createdAt, method, ip, device }) => [
      new Date(lastUsedAt).toISOString(),
      new Date(createdAt).toISOString(),
      method,
      ip,
      device,
    ]);
    context.print(...columns([['LAST USED', 'BEGUN', 'BY', 'ADDRESS', 'DEVICE'], ...rows]));
  },
};

export const endSessions: Runnable = {
  name: 'end-sessions',
  summary: 'Sign someone out everywhere; their API tokens end too.',
  args: ['username'],
  options: {},
  async run({ args: [username = ''] }, context) {
    const { commands } = await context.accounts();
    const ended = await commands.endSessions(username);
    context.print(`${username} was signed out of ${ended} ${ended === 1 ? 'session' : 'sessions'}.`);
  },
};
