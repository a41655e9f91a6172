import type { Runnable } from '../context.ts';

export const resetPassword: Runnable = {
  name: 'reset-password',
  summary: 'Print a link that sets a new password, once, within an hour; or set one.',
  args: ['username'],
  options: {
    password: { type: 'boolean', help: 'Ask for a new password and set it. All their sessions and API tokens end.' },
  },
  async run({ args: [username = ''], isSet }, context) {
    if (!isSet('password')) {
      const { commands } = await context.accounts();
      return context.print(await commands.resetLink(username));
    }
    const password = await context.askNewPassword();
    const { commands } = await context.accounts();
    await commands.setPassword(username, password);
    context.print(`${username} has a new password; all sessions have ended.`);
  },
};
