import type { Runnable } from '../context.ts';

export const rotateKeys: Runnable = {
  name: 'rotate-keys',
  summary: 'Replace keys while the server runs: nobody is signed out and nothing becomes unreadable. Both unless told.',
  args: [],
  options: {
    signing: { type: 'boolean', help: 'The key that signs access tokens.' },
    data: { type: 'boolean', help: 'The key under which numbers, second factors and devices are sealed.' },
  },
  async run({ isSet }, context) {
    const both = isSet('signing') === isSet('data');
    const accounts = await context.accounts();
    if (both || isSet('signing')) {
      await accounts.rotateSigningKey();
      context.print('A new key signs access tokens from 2 minutes from now on.');
    }
    if (both || isSet('data')) {
      const count = await accounts.rotateDataKeys();
      context.print(`A new key seals data; ${count} ${count === 1 ? 'value was' : 'values were'} sealed again.`);
    }
  },
};
