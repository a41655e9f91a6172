/** Rows of `chat.invites`, and what they look like on the wire. */
import type { Invite } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export interface InviteRow {
  room_id: string;
  invite_id: string;
  code: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: number;
}

/** The invitation of this code, also one that can no longer be used. One that was revoked is gone. */
export async function findInvite(db: Queryable, code: string): Promise<InviteRow | undefined> {
  const { rows } = await db.query<InviteRow>('SELECT * FROM chat.invites WHERE code = $1', [code]);
  return rows[0];
}

/** Whether someone can still join by it at `now` (epoch ms). */
export function isUsable(invite: InviteRow, now: number): boolean {
  const lives = invite.expires_at === null || invite.expires_at > now;
  return lives && (invite.max_uses === null || invite.uses < invite.max_uses);
}

export function presentInvite(row: InviteRow): Invite {
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
