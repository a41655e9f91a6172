/** Guests: people for a day, with rights of their own (rights.ts of the protocol), who may become members. */
import { ProtocolError, type RouteParsed } from '@confab/protocol';
import { addressKey } from '../../platform/addresses.ts';
import { isUniqueViolation } from '../../platform/db/errors.ts';
import type { Core } from './core.ts';
import { mailVerification, mayGreet } from './email-addresses.ts';
import { erasePerson } from './erase.ts';
import * as rows from './guest-rows.ts';
import { reindex } from './people.ts';
import type { Client, StartedSession } from './sessions.ts';
import { insertUser } from './user-rows.ts';
import { demandFreeName } from './usernames.ts';

const NAME_CHARACTERS = 8;
const CLEANING_BATCH = 500;

/**
 * Creates a guest and their only session, both or neither; both end together. Nobody finds guests by search.
 * @throws ProtocolError not_enabled, address_banned, text_rejected, too_many_requests
 */
export async function createGuest(core: Core, name: string | undefined, client: Client): Promise<StartedSession> {
  const { db, clock, ids, limiter, audit, sessions, config } = core;
  if (!config.guests.enabled) throw new ProtocolError('not_enabled');
  await limiter.take('sign_up', addressKey(client.ip));
  await core.addressBans.refuse(db, client.ip);
  await core.demandWording(db, { name });
  const id = ids.uuid();
  const createdAt = clock.now();
  const guestUntil = createdAt + config.guests.lifetime * 1000;
  const guest = { id, role: 'guest' as const, email: null, emailVerified: false, passwordHash: null };
  const shown = name ?? `Guest ${ids.digits(4)}`;
  return db.transaction(async (tx) => {
    while (!(await insertUser(tx, { ...guest, username: guestName(ids), name: shown, guestUntil, createdAt })));
    await audit.record(tx, { action: 'guest.created', actorId: id, targetId: id, ip: client.ip });
    return sessions.start(tx, id, 'guest', client, guestUntil);
  });
}

// Of 36^8 there is hardly ever one that is taken.
function guestName(ids: Core['ids']): string {
  const drawn = Buffer.from(ids.token(8), 'base64url').readBigUInt64BE() % 36n ** BigInt(NAME_CHARACTERS);
  return `guest.${drawn.toString(36).padStart(NAME_CHARACTERS, '0')}`;
}

/**
 * Makes a guest a member, who keeps id, rooms, messages and session; the session lives on as any other. All or nothing,
 * and of calls at the same time one succeeds. The address is treated as one given at sign-up.
 * @throws ProtocolError forbidden for whoever is no guest (any more), username_taken, address_banned, text_rejected,
 * overloaded, too_many_requests
 */
export async function upgradeGuest(
  core: Core,
  userId: string,
  input: RouteParsed<'upgradeGuest'>['body'],
  ip: string,
): Promise<void> {
  const { db, clock, limiter, passwords, audit, config } = core;
  demandFreeName(input.username);
  passwords.demandUncommon(input.password, [input.username, input.email]);
  await limiter.take('sign_up', addressKey(ip));
  await core.addressBans.refuse(db, ip);
  await core.demandWording(db, { username: input.username, name: input.name });
  const { email, username } = input;
  const member = { email, username, name: input.name, passwordHash: await passwords.hash(input.password) };
  try {
    await db.transaction(async (tx) => {
      const now = clock.now();
      const name = await rows.makeMember(tx, userId, member, now);
      if (name === undefined) throw new ProtocolError('forbidden');
      await rows.extendSessions(tx, userId, now, config.sessions);
      await reindex(tx, userId);
      if (await mayGreet(core, email)) await mailVerification(tx, core, { id: userId, username, name }, email);
      await audit.record(tx, { action: 'guest.upgraded', actorId: userId, targetId: userId, ip });
    });
  } catch (error) {
    throw isUniqueViolation(error) ? new ProtocolError('username_taken') : error;
  }
  core.roleChanged(userId);
}

/** Erases guests whose time is over, one after another: what they wrote stays, under no name. */
export async function removeExpiredGuests(core: Core): Promise<void> {
  const { db, clock, audit, sessions, people } = core;
  for (;;) {
    const expired = await rows.expiredGuests(db, clock.now(), CLEANING_BATCH);
    for (const userId of expired) {
      const ended = await db.transaction(async (tx) => {
        // One of them may have become a member, or been erased by another node, a moment ago.
        if (!(await rows.lockExpiredGuest(tx, userId, clock.now()))) return undefined;
        await audit.record(tx, { action: 'guest.expired', targetId: userId });
        return erasePerson(tx, core, userId);
      });
      if (ended === undefined) continue;
      sessions.announce(ended);
      people.changed(userId);
    }
    if (expired.length < CLEANING_BATCH) return;
  }
}
