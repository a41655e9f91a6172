/** Signing in with a one-time code that is mailed. */
import { ProtocolError } from '@confab/protocol';
import { addressKey } from '../../platform/addresses.ts';
import { CODE_LIFETIME_S } from './challenges.ts';
import type { Core } from './core.ts';
import { claimByMail, limitMails } from './email-addresses.ts';
import type { Entered } from './entry.ts';
import type { Client } from './sessions.ts';
import * as rows from './user-rows.ts';

/**
 * Mails a code; the one before stops working. For an address without an account the same is done, but that the letter says
 * so and the code leads nowhere.
 * @throws ProtocolError not_enabled, too_many_requests
 */
export async function requestCode(core: Core, email: string, ip: string): Promise<{ expiresIn: number }> {
  const { db, clock, challenges, letters } = core;
  if (!letters.enabled) throw new ProtocolError('not_enabled');
  await limitMails(core, email, ip);
  await db.transaction(async (tx) => {
    const user = await rows.userByEmail(tx, email);
    const code = await challenges.issueCode(tx, email, {
      purpose: 'email_code',
      userId: user?.id ?? null,
      lifetime: CODE_LIFETIME_S,
    });
    await letters.send(
      tx,
      email,
      user === undefined ? { about: 'no_account' } : { about: 'email_code', code },
      clock.now() + CODE_LIFETIME_S * 1000,
    );
  });
  return { expiresIn: CODE_LIFETIME_S };
}

/**
 * Uses up the code, and proves the address by it. Every failed try counts for the address it comes from, so that one cannot
 * guess at many accounts.
 * @throws ProtocolError invalid_code, account_disabled, account_banned, too_many_requests
 */
export async function verifyCode(core: Core, email: string, code: string, client: Client): Promise<Entered> {
  const { db, limiter, audit, challenges, sessions, entry } = core;
  const address = addressKey(client.ip);
  await limiter.take('sign_in_address', address);
  const proven = await challenges.redeemCode('email_code', email, code);
  const userId = proven?.userId ?? null;
  if (userId === null) {
    await audit.record(db, { action: 'sign_in.failed', ip: client.ip, details: { method: 'email_code' } });
    throw new ProtocolError('invalid_code');
  }
  await limiter.giveBack('sign_in_address', address);
  const { ended, entered } = await db.transaction(async (tx) => {
    const ended = await claimByMail(tx, core, userId, email, client.ip);
    if (ended === undefined) throw new ProtocolError('invalid_code');
    return { ended, entered: await entry.enter(tx, userId, { method: 'email_code', factors: 1 }, client) };
  });
  sessions.announce(ended);
  return entered;
}
