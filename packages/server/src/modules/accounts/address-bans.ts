/** Networks that nobody signs up or signs in from. */
import { BlockList, isIPv4 } from 'node:net';
import { type AddressBan, badInput, ProtocolError, type Role } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { plainAddress, plainRange } from '../../platform/addresses.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Audit } from './audit.ts';
import type { Trail } from './contracts.ts';
import { demandNotFromAbove } from './ranks.ts';

const KNOWN_FOR_MS = 5000;
/** Each is held against every sign-in. */
const MAX_BANS = 1000;
// An address alone is shown as it was given.
const BAN = `id, case when masklen(range) = case family(range) when 4 then 32 else 128 end then host(range) else range::text end
  as range, reason, until, created_by as "createdBy", created_at as "createdAt"`;

interface Known {
  at: number;
  bans: { ban: AddressBan; covers: (address: string) => boolean }[];
}

export interface AddressBans {
  /**
   * Cached for a few seconds; a change on any node holds at once by a hint. What is no address is let through, as limits for
   * it exist elsewhere.
   * @param from what to read from, should it not be known: within a transaction that very one
   * @throws ProtocolError address_banned, with until when and why
   */
  refuse(from: Queryable, ip: string): Promise<void>;
  /** Those in force, the newest first. */
  list(): Promise<AddressBan[]>;
  /**
   * In place of an earlier one of the same network.
   * @throws ProtocolError bad_input: it holds the caller's own address, or its time is over; limit_reached; forbidden where the
   * earlier one is from above
   */
  add(by: Deed, ban: { range: string; reason: string; until: number | null }): Promise<AddressBan>;
  /** Idempotent. @throws ProtocolError forbidden where it is from above */
  remove(by: Deed, banId: string): Promise<void>;
  forget(): void;
}

interface Deed {
  actor: Actor;
  ip: string;
}

export function createAddressBans({
  db,
  bus,
  clock,
  ids,
  audit,
  trail,
}: {
  db: Database;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  audit: Audit;
  trail: Trail;
}): AddressBans {
  let known: Known | undefined;
  /** Counts what was forgotten: what is read meanwhile may be out of date, and is not remembered. */
  let generation = 0;

  async function list(from: Queryable): Promise<AddressBan[]> {
    const { rows } = await from.query<AddressBan>(
      `select ${BAN} from accounts.address_bans where until is null or until > $1 order by created_at desc, id desc`,
      [new Date(clock.now())],
    );
    return rows;
  }

  async function current(from: Queryable): Promise<Known['bans']> {
    const at = clock.now();
    if (known !== undefined && at - known.at < KNOWN_FOR_MS) return known.bans;
    const asked = generation;
    const bans = (await list(from)).map((ban) => ({ ban, covers: coveredBy(ban.range) }));
    if (asked === generation) known = { at, bans };
    return bans;
  }

  async function demandFree(tx: Queryable, own: Role, bans: readonly Pick<AddressBan, 'createdBy' | 'until'>[]) {
    const inForce = bans.filter(({ until }) => until === null || until > clock.now());
    if (inForce.length === 0) return;
    const { rows } = await tx.query<{ role: Role }>('select role from accounts.users where id = any($1::uuid[])', [
      inForce.map(({ createdBy }) => createdBy),
    ]);
    for (const { role } of rows) demandNotFromAbove(own, role);
  }

  function forget(): void {
    generation += 1;
    known = undefined;
  }

  function changed(): void {
    forget();
    bus.publish('caches', { event: 'caches:stale', payload: { addressBans: true } });
  }

  return {
    list: () => list(db),
    forget,
    async refuse(from, ip) {
      const address = plainAddress(ip);
      if (address === undefined) return;
      const now = clock.now();
      const found = (await current(from)).find(({ ban, covers }) => (ban.until ?? now + 1) > now && covers(address));
      if (found === undefined) return;
      const { until, reason } = found.ban;
      throw new ProtocolError('address_banned', { until, reason });
    },

    async add({ actor, ip }, { range: given, reason, until }) {
      const now = clock.now();
      if (until !== null && until <= now) throw badInput('until', 'must be in the future');
      const range = plainRange(given);
      if (range === undefined) throw badInput('range', 'may be no wider than /8');
      const own = plainAddress(ip);
      if (own !== undefined && coveredBy(range)(own)) throw badInput('range', 'holds your own address');
      const ban = await db.transaction(async (tx) => {
        await tx.query('lock table accounts.address_bans in share row exclusive mode');
        const before = await tx.query<AddressBan>(
          `delete from accounts.address_bans where range = network($1::inet) or until <= $2 returning ${BAN}`,
          [range, new Date(now)],
        );
        await demandFree(tx, actor.role, before.rows);
        const counted = await tx.query<{ count: number }>('select count(*) as count from accounts.address_bans');
        if ((counted.rows[0]?.count ?? 0) >= MAX_BANS) throw new ProtocolError('limit_reached');
        const { rows } = await tx.query<AddressBan>(
          `insert into accounts.address_bans (id, range, reason, until, created_by, created_at)
           values ($1, network($2::inet), $3, $4, $5, $6) returning ${BAN}`,
          [ids.uuid(), range, reason, until === null ? null : new Date(until), actor.userId, new Date(now)],
        );
        const [inserted] = rows;
        if (inserted === undefined) throw new Error('an address ban that was just inserted is missing');
        const entry = { action: 'address.banned' as const, actorId: actor.userId };
        await audit.record(tx, { ...entry, ip, details: { range: inserted.range, reason, until } });
        // The network itself is for admins alone, who find it in the audit log.
        await trail.record(tx, { ...entry, reason, details: { banId: inserted.id, until } });
        return inserted;
      });
      changed();
      return ban;
    },

    async remove({ actor, ip }, banId) {
      const removed = await db.transaction(async (tx) => {
        const { rows } = await tx.query<AddressBan>(
          `delete from accounts.address_bans where id = $1 returning ${BAN}`,
          [banId],
        );
        const [ban] = rows;
        if (ban === undefined) return false;
        await demandFree(tx, actor.role, [ban]);
        const entry = { action: 'address.unbanned' as const, actorId: actor.userId };
        await audit.record(tx, { ...entry, ip, details: { range: ban.range } });
        await trail.record(tx, { ...entry, details: { banId: ban.id } });
        return true;
      });
      if (removed) changed();
    },
  };
}

/** Whether a network holds an address, both as `plainRange` and `plainAddress` answer them. */
function coveredBy(range: string): (address: string) => boolean {
  const [network = '', prefix] = range.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  if (prefix === undefined) list.addAddress(network, family);
  else list.addSubnet(network, Number(prefix), family);
  // One family is never within the other here: what is mapped has been unwrapped.
  return (address) => isIPv4(address) === (family === 'ipv4') && list.check(address, family);
}
