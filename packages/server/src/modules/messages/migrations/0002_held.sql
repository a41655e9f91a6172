-- Messages that wait for approval, and those that were rejected until their author has taken note. One takes its number
-- when it is approved: then it moves to chat.messages, under the same id.
CREATE TABLE chat.held (
  room_id     uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  message_id  uuid NOT NULL,
  sender_id   uuid NOT NULL,
  client_id   text NOT NULL,
  client_hash bytea NOT NULL,
  kind        text NOT NULL,
  body        text NOT NULL,
  reply_to    uuid,
  parts       jsonb,
  created_at  timestamptz NOT NULL,
  status      text NOT NULL CHECK (status IN ('pending', 'rejected')),
  -- Why, for its author to read.
  reason      text NOT NULL,
  -- The automod rule that held it.
  rule_id     uuid,
  decided_by  uuid,
  decided_at  timestamptz,
  PRIMARY KEY (room_id, message_id),
  UNIQUE (room_id, sender_id, client_id)
);
CREATE INDEX held_pending ON chat.held (room_id, created_at) WHERE status = 'pending';
CREATE INDEX held_decided ON chat.held (decided_at) WHERE decided_at IS NOT NULL;
