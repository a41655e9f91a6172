CREATE SCHEMA IF NOT EXISTS chat;

-- Every key begins with room_id, so that these tables can be partitioned or distributed by room unchanged.
CREATE TABLE chat.rooms (
  room_id      uuid PRIMARY KEY,
  kind         text NOT NULL,
  name         text,
  topic        text NOT NULL DEFAULT '',
  member_count integer NOT NULL DEFAULT 0,
  created_by   uuid,
  created_at   timestamptz NOT NULL,
  -- Time of the newest message: the order of the chat list, never the order of messages.
  active_at    timestamptz NOT NULL,
  deleted_at   timestamptz,
  -- Number of the newest message, and of the newest change of any kind. Taken under the row's lock, so both are gapless.
  n            bigint NOT NULL DEFAULT 0,
  rev          bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE chat.members (
  room_id     uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  user_id     uuid NOT NULL,
  role        text NOT NULL,
  last_read_n bigint NOT NULL DEFAULT 0,
  joined_at   timestamptz NOT NULL,
  left_at     timestamptz,
  -- The room change that made this state.
  rev         bigint NOT NULL,
  PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX members_by_user ON chat.members (user_id) WHERE left_at IS NULL;
CREATE INDEX members_by_rev ON chat.members (room_id, rev);
