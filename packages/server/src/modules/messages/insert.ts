import type { RoomTx } from '../rooms/index.ts';
import type { MessageRow } from './rows.ts';

const INSERT = {
  name: 'messages.insert',
  text: `WITH unindexed AS (INSERT INTO chat.unindexed (room_ids, ns) VALUES ($1, $3))
         INSERT INTO chat.messages
           (room_id, message_id, n, rev, sender_id, client_id, client_hash, kind, body, reply_to, parts, created_at)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::bytea[],
                              $8::text[], $9::text[], $10::uuid[], $11::jsonb[], $12::timestamptz[])`,
};

/** Writes new messages as they are, and notes that they are yet to be made findable. */
export async function insertMessages(tx: RoomTx, rows: readonly MessageRow[]): Promise<void> {
  await tx.db.query(INSERT, [
    rows.map((r) => r.room_id),
    rows.map((r) => r.message_id),
    rows.map((r) => r.n),
    rows.map((r) => r.rev),
    rows.map((r) => r.sender_id),
    rows.map((r) => r.client_id),
    rows.map((r) => r.client_hash),
    rows.map((r) => r.kind),
    rows.map((r) => r.body),
    rows.map((r) => r.reply_to),
    rows.map((r) => (r.parts === null ? null : JSON.stringify(r.parts))),
    rows.map((r) => new Date(r.created_at)),
  ]);
}
