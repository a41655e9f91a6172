/** As tutorials do it: Express and Socket.IO, one INSERT and one look at the sender for each message, then `emit` to the room. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';

type Row = Record<string, unknown>;

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
await pool.query(
  `CREATE TABLE IF NOT EXISTS public.textbook_messages
     (id bigserial PRIMARY KEY, room_id uuid NOT NULL, sender_id uuid NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL)`,
);
const http = createServer(express());
const io = new Server(http, { perMessageDeflate: false });
io.on('connection', async (socket) => {
  const userId = String(socket.handshake.auth['token']);
  // No event may come before: the client waits for `40`, which has been sent.
  socket.on(
    'message:send',
    async ({ roomId, clientId, body }: Record<string, string>, ack: (answer: unknown) => void) => {
      const sender = await pool.query<Row>('SELECT id, username, name, role FROM accounts.users WHERE id = $1', [
        userId,
      ]);
      const { rows } = await pool.query<Row>(
        'INSERT INTO public.textbook_messages (room_id, sender_id, body, created_at) VALUES ($1, $2, $3, now()) RETURNING *',
        [roomId, userId, body],
      );
      const message: Row = { ...rows[0], clientId };
      io.to(String(roomId)).emit('message', { roomId, message, user: sender.rows[0] });
      ack({ ok: true, data: message });
    },
  );
  const { rows } = await pool.query<{ room_id: string }>('SELECT room_id FROM chat.members WHERE user_id = $1', [
    userId,
  ]);
  await socket.join(rows.map((row) => row.room_id));
});
http.listen(0, '127.0.0.1', 20_000, () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('SIGTERM', () => process.exit(0));
