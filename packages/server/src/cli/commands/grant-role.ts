import type { Runnable } from '../context.ts';

export const grantRole: Runnable = {
  name: 'grant-role',
  summary: 'Make someone owner, admin, moderator or user.',
  args: ['username', 'role'],
  options: {},
  async run({ args: [username = '', role = ''] }, context) {
    const { commands } = await context.accounts();
    await commands.grantRole(username, role);
    context.print(`${username} is ${role}.`);
  },
};
