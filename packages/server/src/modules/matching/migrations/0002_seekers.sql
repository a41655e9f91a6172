-- Who waits to meet somebody, and who is in a match or was until the other one was gone: the word that counts, as nobody
-- is given away but by taking their ticket.
CREATE TABLE chat.seekers (
  user_id      uuid PRIMARY KEY,
  -- What they wish for, as of when they began to look.
  guest        boolean NOT NULL,
  meet_guests  boolean NOT NULL,
  languages    text[] NOT NULL,
  interests    text[] NOT NULL,
  -- While they wait.
  ticket       uuid,
  since        timestamptz NOT NULL,
  -- From then on.
  room_id      uuid,
  peer_id      uuid,
  common       jsonb,
  -- The other one is gone: left, moderated or idle.
  ended        text,
  CHECK (num_nonnulls(ticket, room_id) = 1)
);
CREATE INDEX seekers_by_room ON chat.seekers (room_id) WHERE room_id IS NOT NULL;
