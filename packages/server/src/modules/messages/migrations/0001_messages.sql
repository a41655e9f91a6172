CREATE TABLE chat.messages (
  room_id     uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  message_id  uuid NOT NULL,
  n           bigint NOT NULL,
  -- The room change that made this state.
  rev         bigint NOT NULL,
  sender_id   uuid NOT NULL,
  client_id   text NOT NULL,
  -- What was sent under client_id, to tell a retry from a reuse. Erased with the body.
  client_hash bytea,
  kind        text NOT NULL,
  body        text NOT NULL,
  reply_to    uuid,
  created_at  timestamptz NOT NULL,
  edited_at   timestamptz,
  deleted_at  timestamptz,
  PRIMARY KEY (room_id, n),
  UNIQUE (room_id, message_id),
  UNIQUE (room_id, sender_id, client_id)
);

CREATE INDEX messages_by_rev ON chat.messages (room_id, rev);
