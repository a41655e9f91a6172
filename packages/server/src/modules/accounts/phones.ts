/** Mobile numbers: each belongs to who proved last that they read its messages. */
import { badInput, ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { CODE_LIFETIME_S } from './challenges.ts';
import type { Core } from './core.ts';
import { phonePlace } from './people.ts';
import * as rows from './phone-rows.ts';

/** Undefined where a country's numbers do not tell. */
const MOBILE: ReadonlySet<string | undefined> = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', undefined]);

export interface Phones {
  /**
   * Texts a code to a number. Whether it is somebody else's is not told. A code sent before stops working.
   * @throws ProtocolError not_enabled, bad_input for what is no mobile number, too_many_requests by number and by person
   */
  sendCode(userId: string, phone: string): Promise<{ expiresIn: number }>;
  /**
   * The number the code was texted to is theirs from now on, and nobody else's.
   * @throws ProtocolError invalid_code, session_ended
   */
  verify(actor: Actor, code: string, ip: string): Promise<void>;
  /** Idempotent. A code on its way stops working. */
  remove(userId: string, ip: string): Promise<void>;
}

export function createPhones(core: Core): Phones {
  const { db, clock, config, limiter, keyring, audit, challenges, texts, sessions } = core;

  return {
    async sendCode(userId, given) {
      if (!texts.enabled) throw new ProtocolError('not_enabled');
      const phone = await demandMobile(given);
      const number = keyring.index('phone', phone).toString('hex');
      for (const key of [userId, number]) {
        await limiter.take('codes', key);
        await limiter.take('codes_hourly', key);
      }
      await db.transaction(async (tx) => {
        const challenge = { purpose: 'phone', userId, data: { phone }, lifetime: CODE_LIFETIME_S } as const;
        const code = await challenges.issueCode(tx, userId, challenge);
        await texts.send(tx, phone, words(code, config.baseUrl()), clock.now() + CODE_LIFETIME_S * 1000);
      });
      return { expiresIn: CODE_LIFETIME_S };
    },

    async verify(actor, code, ip) {
      const { userId } = actor;
      const proven = await challenges.redeemCode('phone', userId, code);
      if (proven === undefined) throw new ProtocolError('invalid_code');
      const phone = proven.data.phone as string;
      const index = keyring.index('phone', phone);
      const now = clock.now();
      await db.transaction(async (tx) => {
        await rows.lockPhones(tx);
        await sessions.demandLive(tx, actor);
        const before = await rows.takePhone(tx, index, userId, now);
        await rows.setPhone(tx, userId, { sealed: keyring.seal(phone, phonePlace(userId)), index }, now);
        await audit.record(tx, { action: 'phone.verified', actorId: userId, targetId: userId, ip });
        if (before !== undefined) await audit.record(tx, { action: 'phone.lost', targetId: before });
      });
    },

    remove: (userId, ip) =>
      db.transaction(async (tx) => {
        await challenges.cancel(tx, userId, ['phone']);
        if (!(await rows.removePhone(tx, userId, clock.now()))) return;
        await audit.record(tx, { action: 'phone.removed', actorId: userId, targetId: userId, ip });
      }),
  };
}

/** In its one form. */
async function demandMobile(given: string): Promise<string> {
  // Five MB that few installations need.
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max');
  const parsed = parsePhoneNumberFromString(given);
  if (parsed?.isValid() !== true) throw badInput('phone', 'is not a number that exists');
  if (!MOBILE.has(parsed.getType())) throw badInput('phone', 'is not a mobile number');
  return parsed.number;
}

/** The last line lets a browser fill the code in on this site alone (https://wicg.github.io/sms-one-time-codes). */
function words(code: string, baseUrl: string): string {
  return `${code} is your Confab code. It works for 10 minutes; tell it to nobody.\n\n@${new URL(baseUrl).hostname} #${code}`;
}
