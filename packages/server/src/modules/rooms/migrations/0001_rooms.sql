CREATE SCHEMA IF NOT EXISTS chat;

-- Every key begins with room_id, so that these tables can be partitioned or distributed by room unchanged.
CREATE TABLE chat.rooms (
  room_id           uuid PRIMARY KEY,
  kind              text NOT NULL,
  name              text,
  topic             text NOT NULL DEFAULT '',
  avatar            text,
  -- Of a thread: the room and the message it hangs on.
  parent_room_id    uuid,
  parent_message_id uuid,
  parent_n          bigint,
  member_count      integer NOT NULL DEFAULT 0,
  created_by        uuid,
  created_at        timestamptz NOT NULL,
  -- Time of the newest message: the order of the chat list, never the order of messages.
  active_at         timestamptz NOT NULL,
  archived_at       timestamptz,
  deleted_at        timestamptz,
  -- Number of the newest message, and of the newest change of any kind. Taken under the row's lock, so both are gapless.
  n                 bigint NOT NULL DEFAULT 0,
  rev               bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE INDEX rooms_public ON chat.rooms (member_count DESC, room_id) WHERE kind = 'public' AND deleted_at IS NULL;
CREATE INDEX rooms_threads ON chat.rooms (parent_room_id) WHERE parent_room_id IS NOT NULL;

CREATE TABLE chat.members (
  room_id       uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  user_id       uuid NOT NULL,
  role          text NOT NULL,
  last_read_n   bigint NOT NULL DEFAULT 0,
  -- Whether the others are told last_read_n.
  shares_reads  boolean NOT NULL DEFAULT true,
  joined_at     timestamptz NOT NULL,
  left_at       timestamptz,
  -- The room change that made this state.
  rev           bigint NOT NULL,
  -- Number of the newest change of what only this person sees: the columns below, and last_read_n where it is not shared.
  mine          bigint NOT NULL DEFAULT 0,
  notify        text NOT NULL DEFAULT 'all',
  muted_until   timestamptz,
  favourite     boolean NOT NULL DEFAULT false,
  marked_unread boolean NOT NULL DEFAULT false,
  starred       uuid[] NOT NULL DEFAULT '{}',
  votes         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX members_by_user ON chat.members (user_id) WHERE left_at IS NULL;
CREATE INDEX members_left ON chat.members (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX members_by_rev ON chat.members (room_id, rev);

CREATE TABLE chat.invites (
  room_id    uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  invite_id  uuid NOT NULL,
  code       text NOT NULL UNIQUE,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  max_uses   integer,
  uses       integer NOT NULL DEFAULT 0,
  PRIMARY KEY (room_id, invite_id)
);

-- What a person lets others see; without a row, everything.
CREATE TABLE chat.preferences (
  user_id         uuid PRIMARY KEY,
  share_reads     boolean NOT NULL,
  share_last_seen boolean NOT NULL
);
