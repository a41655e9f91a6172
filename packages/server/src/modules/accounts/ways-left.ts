/** Nobody locks themself out: the last way into an account is not removed. */
import { ProtocolError } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import { relyingParty } from './relying-party.ts';

/**
 * To be asked after the removal, in its transaction, the account's row locked.
 * @throws ProtocolError last_way_in when nothing that is left would let its owner in again
 */
export async function demandAnotherWayIn({ config, letters }: Core, tx: Queryable, userId: string): Promise<void> {
  const { rows } = await tx.query(
    `select from accounts.users u
     where u.id = $1 and (
       u.password_hash is not null
       or ($2 and u.email_verified_at is not null)
       or ($3 and exists (select from accounts.passkeys p where p.user_id = u.id))
       or exists (select from accounts.identities i where i.user_id = u.id and i.provider = any($4::text[])))`,
    [
      userId,
      letters.enabled,
      relyingParty(config.baseUrl()) !== undefined,
      config.providers.map((provider) => provider.id),
    ],
  );
  if (rows.length === 0) throw new ProtocolError('last_way_in');
}
