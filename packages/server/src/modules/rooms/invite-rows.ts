/** Rows of `chat.invites`, and what they look like on the wire. */
import { type Invite, type RightsKind, roleReaches } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { MemberRow, RoomRow } from './rows.ts';

export interface InviteRow {
  room_id: string;
  invite_id: string;
  code: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: number;
  room_kind: RoomRow['kind'];
  /** Of whoever made it; null when they are not in the room any more. */
  creator_role: MemberRow['role'] | null;
}

const SELECT = `SELECT i.*, r.kind AS room_kind, m.role AS creator_role
                FROM chat.invites i JOIN chat.rooms r USING (room_id)
                LEFT JOIN chat.members m
                  ON m.room_id = i.room_id AND m.user_id = i.created_by AND m.left_at IS NULL`;

/** The invitation of this code, also one that can no longer be used. One that was revoked is gone. */
export async function findInvite(db: Queryable, code: string): Promise<InviteRow | undefined> {
  const { rows } = await db.query<InviteRow>(`${SELECT} WHERE i.code = $1`, [code]);
  return rows[0];
}

/** All of a room, the newest first, also those that can no longer be used. */
export async function invitesOf(db: Queryable, roomId: string): Promise<InviteRow[]> {
  const sql = `${SELECT} WHERE i.room_id = $1 ORDER BY i.created_at DESC, i.invite_id DESC`;
  return (await db.query<InviteRow>(sql, [roomId])).rows;
}

/** Whether someone can still join by it at `now` (epoch ms): not when whoever made it could not make one now. */
export function isUsable(invite: InviteRow, now: number): boolean {
  if (invite.creator_role === null) return false;
  if (!roleReaches('invite', invite.room_kind as RightsKind, invite.creator_role)) return false;
  const lives = invite.expires_at === null || invite.expires_at > now;
  return lives && (invite.max_uses === null || invite.uses < invite.max_uses);
}

export function presentInvite(row: Omit<InviteRow, 'room_kind' | 'creator_role'>): Invite {
  return {
    id: row.invite_id,
    roomId: row.room_id,
    code: row.code,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxUses: row.max_uses,
    uses: row.uses,
  };
}
