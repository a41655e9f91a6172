-- How many entries were chained. It is counted beside the chain, so that entries taken off its end are missed.
SELECT pg_advisory_xact_lock(hashtextextended('safety.log', 0));
CREATE TABLE safety.log_length (
  length bigint NOT NULL
);
INSERT INTO safety.log_length SELECT count(*) FROM safety.log;

CREATE OR REPLACE FUNCTION safety.chain_arrival() RETURNS trigger LANGUAGE plpgsql AS $$
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
  UPDATE safety.log_length SET length = length + 1;
  DELETE FROM safety.log_arrivals WHERE arrival = NEW.arrival;
  RETURN NULL;
END
$$;
