import type { Notice } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Actor } from '../../platform/actor.ts';
import { paged, type PersonalData } from '../../platform/personal-data.ts';
import type { NewNotice, Notices } from './contracts.ts';

const COLUMNS = `notice_id AS id, type, room_id AS "roomId", room_name AS "roomName", sanction_id AS "sanctionId", reason,
  until, created_at AS "createdAt", seen_at AS "seenAt"`;

/** What people are told, kept until they have gone for good. */
export class NoticeService implements Notices {
  readonly personalData: PersonalData = {
    files: (userId) => [
      {
        name: 'safety/notices.jsonl',
        rows: () => paged<Notice>((last, limit) => this.#page(userId, last?.id ?? null, limit)),
      },
    ],
    erase: async (userId) => {
      await this.#db.query('DELETE FROM safety.notices WHERE user_id = $1', [userId]);
    },
  };
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(deps: { db: Database; clock: Clock; ids: Ids }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#ids = deps.ids;
  }

  async add(db: Queryable, userId: string, notice: NewNotice): ReturnType<Notices['add']> {
    const { type, reason, roomId = null, roomName = null, sanctionId = null, until = null } = notice;
    const told: Notice = {
      id: this.#ids.uuid(),
      type,
      roomId,
      roomName,
      sanctionId,
      reason,
      until,
      createdAt: this.#clock.now(),
      seenAt: null,
    };
    await db.query(
      `INSERT INTO safety.notices (notice_id, user_id, type, room_id, room_name, sanction_id, reason, until, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        told.id,
        userId,
        type,
        roomId,
        roomName,
        sanctionId,
        reason,
        until === null ? null : new Date(until),
        new Date(told.createdAt),
      ],
    );
    const unseen = await this.#unseen(db, userId);
    return { channel: `user:${userId}`, frame: { event: 'notice', payload: { notice: told, unseen } } };
  }

  /** The newest first. */
  async list(
    actor: Actor,
    request: { limit: number; before?: string | undefined },
  ): Promise<{ notices: Notice[]; unseen: number; hasMore: boolean }> {
    const rows = await this.#page(actor.userId, request.before ?? null, request.limit + 1);
    return {
      notices: rows.slice(0, request.limit),
      unseen: await this.#unseen(this.#db, actor.userId),
      hasMore: rows.length > request.limit,
    };
  }

  /** Idempotent; those of others stay as they are. */
  async see(actor: Actor, ids: readonly string[]): Promise<{ unseen: number }> {
    await this.#db.query(
      'UPDATE safety.notices SET seen_at = $3 WHERE user_id = $1 AND notice_id = ANY($2::uuid[]) AND seen_at IS NULL',
      [actor.userId, ids, new Date(this.#clock.now())],
    );
    return { unseen: await this.#unseen(this.#db, actor.userId) };
  }

  async #page(userId: string, before: string | null, limit: number): Promise<Notice[]> {
    const { rows } = await this.#db.query<Notice>(
      `SELECT ${COLUMNS} FROM safety.notices WHERE user_id = $1 AND ($2::uuid IS NULL OR notice_id < $2)
       ORDER BY notice_id DESC LIMIT $3`,
      [userId, before, limit],
    );
    return rows;
  }

  async #unseen(db: Queryable, userId: string): Promise<number> {
    const { rows } = await db.query<{ count: number }>(
      'SELECT count(*) AS count FROM safety.notices WHERE user_id = $1 AND seen_at IS NULL',
      [userId],
    );
    return rows[0]?.count ?? 0;
  }
}
