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
  -- Mentions, reactions, poll and so on, exactly as on the wire; null when there are none.
  parts       jsonb,
  created_at  timestamptz NOT NULL,
  edited_at   timestamptz,
  deleted_at  timestamptz,
  PRIMARY KEY (room_id, n),
  UNIQUE (room_id, message_id),
  UNIQUE (room_id, sender_id, client_id)
);

CREATE INDEX messages_by_rev ON chat.messages (room_id, rev);
CREATE INDEX messages_by_time ON chat.messages (room_id, created_at);
CREATE INDEX messages_pinned ON chat.messages (room_id) WHERE parts ? 'pinned';

-- Earlier bodies of edited messages. Erased with the message.
CREATE TABLE chat.message_edits (
  room_id uuid NOT NULL,
  n       bigint NOT NULL,
  -- The change that replaced this body.
  rev     bigint NOT NULL,
  body    text NOT NULL,
  until   timestamptz NOT NULL,
  PRIMARY KEY (room_id, n, rev),
  FOREIGN KEY (room_id, n) REFERENCES chat.messages (room_id, n) ON DELETE CASCADE
);

-- Who is mentioned where; user_id 0 means everyone in the room. Erased with the message.
CREATE TABLE chat.mentions (
  room_id    uuid NOT NULL,
  user_id    uuid NOT NULL,
  n          bigint NOT NULL,
  sender_id  uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (room_id, user_id, n),
  FOREIGN KEY (room_id, n) REFERENCES chat.messages (room_id, n) ON DELETE CASCADE
);
CREATE INDEX mentions_by_user ON chat.mentions (user_id, created_at DESC);

-- The source of `parts.reactions`.
CREATE TABLE chat.reactions (
  room_id    uuid NOT NULL,
  n          bigint NOT NULL,
  emoji      text NOT NULL,
  user_id    uuid NOT NULL,
  -- The change that added it: the order in which people are named.
  rev        bigint NOT NULL,
  PRIMARY KEY (room_id, n, emoji, user_id),
  FOREIGN KEY (room_id, n) REFERENCES chat.messages (room_id, n) ON DELETE CASCADE
);

-- The source of `parts.poll`.
CREATE TABLE chat.poll_votes (
  room_id uuid NOT NULL,
  n       bigint NOT NULL,
  user_id uuid NOT NULL,
  options integer[] NOT NULL,
  rev     bigint NOT NULL,
  PRIMARY KEY (room_id, n, user_id),
  FOREIGN KEY (room_id, n) REFERENCES chat.messages (room_id, n) ON DELETE CASCADE
);

CREATE TABLE chat.scheduled (
  room_id      uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  scheduled_id uuid NOT NULL,
  user_id      uuid NOT NULL,
  client_id    text NOT NULL,
  body         text NOT NULL,
  reply_to     uuid,
  send_at      timestamptz NOT NULL,
  -- The error code it was refused with when its time came.
  failed       text,
  PRIMARY KEY (room_id, scheduled_id),
  UNIQUE (room_id, user_id, client_id)
);
CREATE INDEX scheduled_by_user ON chat.scheduled (user_id, send_at);

-- What messages are found by; only those that can be found have a row. Kept by `indexMessages`, erased with the message.
CREATE TABLE chat.search (
  room_id    uuid NOT NULL,
  n          bigint NOT NULL,
  -- The room whose rights count: of a thread the one it hangs on.
  scope_id   uuid NOT NULL,
  -- Some thousand messages of the scope that came after another: the unit in which it is searched, the newest first.
  bucket     integer NOT NULL,
  sender_id  uuid NOT NULL,
  created_at timestamptz NOT NULL,
  -- Each begins with a tag of scope and bucket, so that a search touches entries of the reader's own rooms only.
  terms      tsvector NOT NULL,
  PRIMARY KEY (room_id, n),
  FOREIGN KEY (room_id, n) REFERENCES chat.messages (room_id, n) ON DELETE CASCADE
);
CREATE INDEX search_buckets ON chat.search (scope_id, bucket, created_at);
-- Without the list of pending entries: every search would have to read all of it, once for each bucket.
CREATE INDEX search_terms ON chat.search USING gin (terms) WITH (fastupdate = off);
