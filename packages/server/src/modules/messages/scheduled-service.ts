import { errors, ProtocolError, type ScheduledMessage } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Committer, RoomDirectory } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { failScheduledKind, type NewScheduled, scheduleKind, sendScheduledJob, unscheduleKind } from './scheduled.ts';
import { presentScheduled, type ScheduledRow } from './scheduled-rows.ts';
import type { MessageService } from './service.ts';

export interface ScheduledDeps {
  db: Database;
  committer: Committer;
  directory: RoomDirectory;
  blocks: Blocks;
  ids: Ids;
  jobs: Jobs;
  messages: Pick<MessageService, 'sendDue'>;
}

/** Messages to be sent later. */
export class ScheduledService {
  readonly #deps: ScheduledDeps;
  readonly #schedule;

  constructor(deps: ScheduledDeps) {
    this.#deps = deps;
    this.#schedule = scheduleKind(deps);
    deps.jobs.handle(sendScheduledJob, ({ roomId, scheduledId }) => this.#send(roomId, scheduledId));
  }

  /**
   * Idempotent by clientId.
   * @throws ProtocolError not_found, forbidden, blocked, room_archived, limit_reached, client_id_reused, bad_input (sendAt)
   */
  async schedule(actor: Actor, roomId: string, message: NewScheduled): Promise<ScheduledMessage> {
    const by = await this.#deps.directory.inputBy(actor, roomId);
    return this.#deps.committer.run(this.#schedule, { ...by, ...message });
  }

  /** One's own, the next one first. */
  async list(actor: Actor): Promise<ScheduledMessage[]> {
    const { rows } = await this.#deps.db.query<ScheduledRow>(
      'SELECT * FROM chat.scheduled WHERE user_id = $1 ORDER BY send_at, scheduled_id',
      [actor.userId],
    );
    return rows.map(presentScheduled);
  }

  /** Once this resolves it is not sent. @throws ProtocolError not_found: unknown, another's, or sent already */
  async cancel(actor: Actor, scheduledId: string): Promise<void> {
    const { rows } = await this.#deps.db.query<{ room_id: string }>(
      'SELECT room_id FROM chat.scheduled WHERE user_id = $1 AND scheduled_id = $2',
      [actor.userId, scheduledId],
    );
    const roomId = rows[0]?.room_id;
    if (roomId === undefined) throw new ProtocolError('not_found');
    const parentId = await this.#deps.directory.parentOf(roomId);
    await this.#deps.committer.run(unscheduleKind, { roomId, parentId, actorId: actor.userId, scheduledId });
  }

  // Sending and forgetting are one change, so a second run finds nothing left to do.
  async #send(roomId: string, scheduledId: string): Promise<void> {
    const { rows } = await this.#deps.db.query<ScheduledRow>(
      'SELECT * FROM chat.scheduled WHERE room_id = $1 AND scheduled_id = $2 AND failed IS NULL',
      [roomId, scheduledId],
    );
    const [row] = rows;
    if (row === undefined) return;
    try {
      await this.#deps.messages.sendDue(row);
    } catch (error) {
      // What may pass is tried again by the job.
      if (!(error instanceof ProtocolError) || errors[error.code].retryable) throw error;
      const parentId = await this.#deps.directory.parentOf(roomId);
      const failed = { roomId, parentId, actorId: null, scheduledId, code: error.code };
      await this.#deps.committer.run(failScheduledKind, failed);
    }
  }
}
