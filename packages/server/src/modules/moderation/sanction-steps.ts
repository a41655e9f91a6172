/** What every sanction comes with: its row, the entry of the trail, and what the person is told; in one transaction. */
import type { Notice, SanctionType } from '@confab/protocol';
import type { Channel, EventFrame } from '../../platform/bus/index.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { ModerationLog, Notices } from '../safety/index.ts';
import { insertSanction, type NewSanction, type SanctionRow, saveSanction } from './sanction-rows.ts';

const PAST = { warn: 'warned', mute: 'muted', kick: 'kicked', ban: 'banned' } as const satisfies Record<
  SanctionType,
  Notice['type']
>;

export interface Recording {
  trail: ModerationLog;
  notices: Notices;
}

/** Told on `channel` once it is committed. */
export type Told = { channel: Channel; frame: EventFrame };

/** Records a sanction. @param about `tell`: whether the person is given a notice; `details` for the trail */
export async function recordSanction(
  { trail, notices }: Recording,
  db: Queryable,
  sanction: NewSanction,
  about: { roomName: string | null; tell: boolean; messageId?: string | null; details?: Record<string, unknown> },
): Promise<{ row: SanctionRow; told: Told | null }> {
  const row = await insertSanction(db, sanction);
  const { type, user_id, room_id: roomId, reason, until, imposed_by, sanction_id: sanctionId } = sanction;
  const notice = { type: PAST[type], roomId, roomName: about.roomName, sanctionId, reason, until };
  const told = about.tell ? await notices.add(db, user_id, notice) : null;
  await trail.record(db, {
    action: `member.${PAST[type]}`,
    actorId: imposed_by,
    roomId,
    targetId: user_id,
    messageId: about.messageId ?? null,
    reason,
    details: { sanctionId, until, ...about.details },
  });
  return { row, told };
}

/** Why a sanction ends, or does not: `reason` in the words of whoever decides; `appeal` when that is what is decided. */
export interface Decision {
  actorId: string;
  reason: string;
  appeal: 'granted' | 'refused' | null;
}

/** Records the decision about a sanction that is locked, whose effect the caller has ended if it is not refused. */
export async function recordDecision(
  { trail, notices }: Recording,
  db: Queryable,
  before: SanctionRow,
  { actorId, reason, appeal }: Decision,
  about: { roomName: string | null; now: number; tell: boolean },
): Promise<{ row: SanctionRow; told: Told | null }> {
  // An appeal against what has been lifted has nothing left to be decided.
  const decided = appeal ?? (before.appeal_state === 'open' ? 'granted' : null);
  const row = await saveSanction(db, {
    ...before,
    lifted_at: appeal === 'refused' ? before.lifted_at : (before.lifted_at ?? about.now),
    ...(decided === null ? {} : { appeal_state: decided, appeal_note: reason }),
  });
  const { user_id: userId, room_id: roomId, sanction_id: sanctionId, type } = row;
  const notice = {
    type: appeal === null ? ('lifted' as const) : ('appeal_decided' as const),
    roomId,
    roomName: about.roomName,
    sanctionId,
    reason,
  };
  const told = about.tell ? await notices.add(db, userId, notice) : null;
  const action = appeal === null ? 'sanction.lifted' : (`appeal.${appeal}` as const);
  await trail.record(db, { action, actorId, roomId, targetId: userId, reason, details: { sanctionId, type } });
  return { row, told };
}
