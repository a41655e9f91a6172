/** Passkeys. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { createPasskeys } from './passkeys.ts';

type Routes = RestHandlers<
  'newPasskey' | 'addPasskey' | 'renamePasskey' | 'removePasskey' | 'passkeyOptions' | 'passkeySignIn'
>;

export function passkeyRoutes(core: Core): Routes {
  const { db, entry, answers } = core;
  const passkeys = createPasskeys(core);
  return {
    newPasskey: ({ actor }) => passkeys.newOptions(actor.userId),
    addPasskey: ({ actor, body, call }) => passkeys.register(actor, body.challenge, body.response, body.name, call.ip),
    renamePasskey: ({ actor, params, body }) => passkeys.rename(actor.userId, params.passkeyId, body.name),
    removePasskey: ({ actor, params, call }) => passkeys.remove(actor.userId, params.passkeyId, call.ip),

    passkeyOptions: () => passkeys.challenge('passkey_sign_in', null),
    async passkeySignIn({ body, call }) {
      const { userId, passkeyId } = await passkeys.prove('passkey_sign_in', body.challenge, body.response, call.ip);
      const entered = await db.transaction(async (tx) => {
        const entered = await entry.enter(tx, userId, { method: 'passkey', factors: 2 }, call);
        await passkeys.demandKept(tx, userId, passkeyId);
        return entered;
      });
      if ('secondFactor' in entered) throw new Error('a passkey is two factors');
      return answers.signedIn(call, body.transport, entered);
    },
  };
}
