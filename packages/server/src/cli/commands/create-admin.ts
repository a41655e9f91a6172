import type { Runnable } from '../context.ts';
import { UsageError } from '../command.ts';

export const createAdmin: Runnable = {
  name: 'create-admin',
  summary: 'Create an account for an administrator: the owner where there is none yet.',
  args: [],
  options: {
    email: { type: 'string', help: 'Their address; it counts as proven. Required.' },
    username: { type: 'string', help: 'Permanent and unique. Required.' },
    name: { type: 'string', help: 'As it is shown; the username unless told.' },
    generate: { type: 'boolean', help: 'Make a password and print it, instead of asking for one.' },
  },
  async run(words, context) {
    const [email, username] = ['email', 'username'].map((option) => {
      const value = words.text(option);
      if (value === undefined) throw new UsageError(`--${option} is missing`);
      return value;
    }) as [string, string];
    const name = words.text('name');
    const isGenerated = words.isSet('generate');
    const password = isGenerated ? context.generatePassword() : await context.askNewPassword();
    const { commands } = await context.accounts();
    const { role } = await commands.createAdmin({ email, username, password, ...(name === undefined ? {} : { name }) });
    context.print(`Created ${username}, ${role}.`, ...(isGenerated ? [`Password: ${password}`] : []));
  },
};
