CREATE SCHEMA IF NOT EXISTS safety;

CREATE TABLE safety.blocks (
  blocker_id uuid NOT NULL,
  blocked_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_by_blocked ON safety.blocks (blocked_id);
