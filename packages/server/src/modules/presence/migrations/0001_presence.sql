-- How a person wants to appear, and when they were last there; without a row: automatically, and never.
CREATE TABLE chat.statuses (
  user_id   uuid PRIMARY KEY,
  -- auto, dnd or invisible.
  mode      text NOT NULL DEFAULT 'auto',
  text      text,
  emoji     text,
  -- When text and emoji end.
  until     timestamptz,
  last_seen timestamptz
) WITH (fillfactor = 80);
