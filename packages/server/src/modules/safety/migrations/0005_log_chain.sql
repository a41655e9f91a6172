-- What is recorded arrives here, and is chained when its transaction commits: so the lock that orders the chain is held for
-- a moment only, and nobody who has it waits for another.
CREATE TABLE safety.log_arrivals (
  arrival    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL,
  action     text NOT NULL,
  actor_id   uuid,
  room_id    uuid,
  target_id  uuid,
  message_id uuid,
  reason     text,
  details    jsonb NOT NULL,
  -- SHA-256 over the entry as canonical JSON.
  digest     bytea NOT NULL
);

CREATE FUNCTION safety.chain_arrival() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last safety.log;
  next bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('safety.log', 0));
  SELECT * INTO last FROM safety.log ORDER BY seq DESC LIMIT 1;
  next := coalesce(last.seq, 0) + 1;
  INSERT INTO safety.log (seq, at, action, actor_id, room_id, target_id, message_id, reason, details, hash)
  VALUES (next, NEW.at, NEW.action, NEW.actor_id, NEW.room_id, NEW.target_id, NEW.message_id, NEW.reason, NEW.details,
          sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || int8send(next) || NEW.digest));
  DELETE FROM safety.log_arrivals WHERE arrival = NEW.arrival;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER log_chain AFTER INSERT ON safety.log_arrivals DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION safety.chain_arrival();

CREATE INDEX log_by_time ON safety.log (at);
