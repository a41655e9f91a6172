CREATE SCHEMA upkeep;

-- Work that is done every so often by one node of all.
CREATE TABLE upkeep.tasks (
  name          text PRIMARY KEY,
  next_at       timestamptz NOT NULL,
  -- Until then a node is taken to be at it.
  claimed_until timestamptz,
  ran_at        timestamptz,
  succeeded     boolean,
  took_ms       integer
);
