/** The second factor, and proving again that it is me. */
import { ProtocolError } from '@confab/protocol';
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { identities } from './identity-rows.ts';
import { createPasskeys } from './passkeys.ts';
import * as rows from './second-factor-rows.ts';
import { createSecondFactors } from './second-factors.ts';
import type { Method } from './sessions.ts';
import { createStepUpProofs } from './step-up-proofs.ts';
import { countTries } from './tries.ts';
import * as users from './user-rows.ts';

type Routes = RestHandlers<
  | 'secondFactor'
  | 'security'
  | 'stepUp'
  | 'stepUpCode'
  | 'stepUpPasskey'
  | 'startTotp'
  | 'confirmTotp'
  | 'removeTotp'
  | 'newRecoveryCodes'
>;

export function secondFactorRoutes(core: Core): Routes {
  const { db, answers, audit, challenges, entry, stepUp } = core;
  const factors = createSecondFactors(core);
  const passkeys = createPasskeys(core);
  const proofs = createStepUpProofs(core, factors, passkeys);

  return {
    async secondFactor({ body, call }) {
      const begun = await challenges.attempt('second_factor', body.challenge);
      const userId = begun?.userId;
      if (!userId) throw new ProtocolError('invalid_code');
      // What was put in by the one door.
      const method = begun.data.method as Method;
      const entered = await countTries(core, userId, call.ip, () =>
        db.transaction(async (tx) => {
          if (!(await factors.prove(tx, userId, body.code))) return undefined;
          // A code that is right is not used up when the challenge was, a moment ago.
          if ((await challenges.redeem(tx, 'second_factor', body.challenge)) === undefined) {
            throw new ProtocolError('invalid_code');
          }
          return entry.enter(tx, userId, { method, factors: 2 }, call);
        }),
      );
      if (entered === undefined) {
        await audit.record(db, { action: 'second_factor.failed', targetId: userId, ip: call.ip });
        throw new ProtocolError('invalid_code');
      }
      // With two factors nothing more is asked for.
      if ('secondFactor' in entered) throw new ProtocolError('internal');
      return answers.signedIn(call, body.transport, entered);
    },

    async security({ actor }) {
      const { userId } = actor;
      const [login, totp, recoveryCodes, mine, linked, stepUpUntil, stepUpWith] = await Promise.all([
        users.loginOf(db, userId),
        factors.enabled(userId),
        rows.countRecoveryCodes(db, userId),
        passkeys.list(userId),
        identities(db, userId),
        stepUp.until(actor),
        proofs.ways(userId),
      ]);
      const hasPassword = typeof login?.passwordHash === 'string';
      return { hasPassword, totp, recoveryCodes, passkeys: mine, identities: linked, stepUpUntil, stepUpWith };
    },

    stepUp: async ({ actor, body, call }) => ({ until: await proofs.prove(actor, body, call.ip) }),
    stepUpCode: ({ actor }) => proofs.mailCode(actor),
    stepUpPasskey: ({ actor }) => proofs.passkeyOptions(actor),

    startTotp: ({ actor }) => factors.begin(actor),
    confirmTotp: async ({ actor, body, call }) => ({
      recoveryCodes: await factors.confirm(actor, body.code, call.ip),
    }),
    removeTotp: ({ actor, call }) => factors.remove(actor, call.ip),
    newRecoveryCodes: async ({ actor, call }) => ({
      recoveryCodes: await factors.renewRecoveryCodes(actor, call.ip),
    }),
  };
}
