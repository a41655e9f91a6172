/** Things proven once: codes, links, and the steps between them. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import { deriveKey, open, seal } from './secrets.ts';

/** Stored with each challenge: a name never changes its meaning. */
export type Purpose =
  | 'email_code'
  | 'email_verification'
  | 'password_reset'
  | 'step_up_code'
  | 'phone'
  | 'second_factor'
  | 'passkey_new'
  | 'passkey_sign_in'
  | 'passkey_step_up'
  | 'oauth'
  | 'oauth_ticket';

/** Tries a code has, the right one included. */
const CODE_TRIES = 5;
/** Seconds. */
export const CODE_LIFETIME_S = 10 * 60;

export interface Proven {
  userId: string | null;
  /** What was put in when it began. */
  data: Record<string, unknown>;
}

interface NewChallenge {
  purpose: Purpose;
  userId?: string | null;
  data?: Record<string, unknown>;
  /** Seconds. */
  lifetime: number;
}

/**
 * Every challenge is used at most once, also by calls at the same time, and not after it expired. Secrets are stored as
 * hashes, what belongs to them is sealed.
 */
export interface Challenges {
  /** Begins one that a token proves; the token is the answer. */
  issue(db: Queryable, challenge: NewChallenge): Promise<string>;
  /** Uses up what `token` proves; undefined when there is none. */
  redeem(db: Queryable, purpose: Purpose, token: string): Promise<Proven | undefined>;
  /**
   * Counts a try at what `token` names and answers it, at most `CODE_TRIES` times; it stays until it is redeemed. A
   * transaction of its own: a refusal that follows must not take the count back.
   */
  attempt(purpose: Purpose, token: string): Promise<Proven | undefined>;
  /** Begins one that six digits prove, for `subject` (an address, a number, a person). One before it stops working. */
  issueCode(db: Queryable, subject: string, challenge: NewChallenge): Promise<string>;
  /**
   * Uses up what the code proves, in at most `CODE_TRIES` tries at the code last issued; undefined when it is wrong.
   * Committed by itself, like `attempt`.
   */
  redeemCode(purpose: Purpose, subject: string, code: string): Promise<Proven | undefined>;
  /** Whatever waits for this person, of these purposes, no longer works. */
  cancel(db: Queryable, userId: string, purposes: readonly Purpose[]): Promise<void>;
  /** Removes expired ones. */
  clean(): Promise<void>;
}

interface Row {
  userId: string | null;
  data: Buffer;
  codeHash: Buffer | null;
}

export function createChallenges(db: Database, clock: Clock, ids: Ids, master: Buffer): Challenges {
  const codeKey = deriveKey(master, 'codes');
  const sealingKey = deriveKey(master, 'challenges');

  const context = (hash: Buffer) => `challenge:${hash.toString('hex')}`;
  const codeHash = (hash: Buffer, code: string) => createHmac('sha256', codeKey).update(hash).update(code).digest();

  async function insert(within: Queryable, hash: Buffer, code: Buffer | null, challenge: NewChallenge): Promise<void> {
    const now = clock.now();
    await within.query(
      `insert into accounts.challenges (hash, purpose, user_id, code_hash, data, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (hash) do update set user_id = excluded.user_id, code_hash = excluded.code_hash,
         data = excluded.data, attempts = 0, created_at = excluded.created_at, expires_at = excluded.expires_at,
         used_at = null`,
      [
        hash,
        challenge.purpose,
        challenge.userId ?? null,
        code,
        seal(sealingKey, JSON.stringify(challenge.data ?? {}), context(hash)),
        new Date(now),
        new Date(now + challenge.lifetime * 1000),
      ],
    );
  }

  function proven(hash: Buffer, row: Row): Proven {
    const data = open(sealingKey, row.data, context(hash));
    if (data === undefined) throw new Error('a challenge cannot be opened');
    return { userId: row.userId, data: JSON.parse(data) as Record<string, unknown> };
  }

  const LIVE = 'hash = $1 and purpose = $2 and used_at is null and expires_at > $3';
  const ROW = 'user_id as "userId", data, code_hash as "codeHash"';

  // Only the very code that was compared: another may have been issued meanwhile.
  async function spend(
    within: Queryable,
    purpose: Purpose,
    hash: Buffer,
    code: Buffer | null,
  ): Promise<Row | undefined> {
    const { rows } = await within.query<Row>(
      `update accounts.challenges set used_at = $3 where ${LIVE} and code_hash is not distinct from $4 returning ${ROW}`,
      [hash, purpose, new Date(clock.now()), code],
    );
    return rows[0];
  }

  // The row's lock puts tries at the same time one after another: none sees a count that another one raises.
  async function count(purpose: Purpose, hash: Buffer): Promise<Row | undefined> {
    const { rows } = await db.query<Row>(
      `update accounts.challenges set attempts = attempts + 1 where ${LIVE} and attempts < $4 returning ${ROW}`,
      [hash, purpose, new Date(clock.now()), CODE_TRIES],
    );
    return rows[0];
  }

  return {
    async issue(within, challenge) {
      const token = ids.token(32);
      await insert(within, tokenHash(token), null, challenge);
      return token;
    },
    async redeem(within, purpose, token) {
      const hash = tokenHash(token);
      const row = await spend(within, purpose, hash, null);
      return row && proven(hash, row);
    },
    async attempt(purpose, token) {
      const hash = tokenHash(token);
      const row = await count(purpose, hash);
      return row && proven(hash, row);
    },

    async issueCode(within, subject, challenge) {
      const hash = subjectHash(challenge.purpose, subject);
      const code = ids.digits(6);
      await insert(within, hash, codeHash(hash, code), challenge);
      return code;
    },
    async redeemCode(purpose, subject, code) {
      const hash = subjectHash(purpose, subject);
      const tried = await count(purpose, hash);
      if (!tried?.codeHash || !timingSafeEqual(tried.codeHash, codeHash(hash, code))) return undefined;
      const row = await spend(db, purpose, hash, tried.codeHash);
      return row && proven(hash, row);
    },

    async cancel(within, userId, purposes) {
      await within.query('delete from accounts.challenges where user_id = $1 and purpose = any($2)', [
        userId,
        purposes,
      ]);
    },
    async clean() {
      await db.query('delete from accounts.challenges where expires_at <= $1', [new Date(clock.now())]);
    },
  };
}

function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function subjectHash(purpose: Purpose, subject: string): Buffer {
  return createHash('sha256').update(`${purpose}:${subject}`).digest();
}
