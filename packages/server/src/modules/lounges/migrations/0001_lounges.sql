-- A lounge's rooms are chat.rooms of kind 'language' that name it.
CREATE TABLE chat.lounges (
  lounge_id   uuid PRIMARY KEY,
  name        text NOT NULL,
  topic       text NOT NULL,
  picture     text,
  rules       text NOT NULL,
  min_role    text NOT NULL,
  guests      text NOT NULL CHECK (guests IN ('none', 'read', 'write')),
  adults_only boolean NOT NULL,
  position    integer NOT NULL,
  created_at  timestamptz NOT NULL
);
