ALTER TABLE chat.rooms
  -- Of a language room: the lounge it belongs to, a BCP 47 tag, and how many may be in it.
  ADD COLUMN lounge_id  uuid,
  ADD COLUMN language   text,
  ADD COLUMN capacity   integer,
  ADD COLUMN guests     text NOT NULL DEFAULT 'none',
  -- Seconds between two messages of one person.
  ADD COLUMN slow_mode  integer NOT NULL DEFAULT 0,
  ADD COLUMN read_only  boolean NOT NULL DEFAULT false,
  ADD COLUMN locked_at  timestamptz,
  -- Whose messages wait for approval: all, newcomers, links, guests.
  ADD COLUMN hold       text[] NOT NULL DEFAULT '{}',
  ADD COLUMN raid_until timestamptz;
CREATE INDEX rooms_by_lounge ON chat.rooms (lounge_id) WHERE lounge_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX rooms_matches ON chat.rooms (created_at) WHERE kind = 'match' AND deleted_at IS NULL;

ALTER TABLE chat.members
  ADD COLUMN silenced_until timestamptz,
  -- When they last wrote while slow mode was on.
  ADD COLUMN last_sent_at   timestamptz,
  -- Their own messages that wait for approval or were rejected, as on the wire; chat.held is the source.
  ADD COLUMN held           jsonb NOT NULL DEFAULT '[]';
CREATE INDEX members_silenced ON chat.members (silenced_until) WHERE silenced_until IS NOT NULL;

CREATE TABLE chat.bans (
  room_id    uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  user_id    uuid NOT NULL,
  -- null: for good
  until      timestamptz,
  reason     text NOT NULL,
  banned_by  uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (room_id, user_id)
);
CREATE INDEX bans_over ON chat.bans (until) WHERE until IS NOT NULL;
