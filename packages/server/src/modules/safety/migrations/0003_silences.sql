-- Whom moderators of the instance do not let write anywhere.
CREATE TABLE safety.silences (
  user_id uuid PRIMARY KEY,
  -- null: until it is lifted.
  until   timestamptz
);
CREATE INDEX silences_over ON safety.silences (until) WHERE until IS NOT NULL;
